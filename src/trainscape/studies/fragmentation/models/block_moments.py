"""Second moments of the gradients of each model, beside their exact Haar averages."""

import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

SYSTEM = ("model", "sites", "krylov_dimension_sum")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each model and length, over its instances, and its Haar ratio."""
    sectors = context.cells(Stage.DATASET)
    instances = [
        CellData(
            parameters={**cell.parameters, SYSTEM[-1]: int(blocks["dimension"].sum())},
            data=cell.data.isel(sample=index),
            digest="",
        )
        for cell in context.cells(Stage.GRADIENTS)
        for blocks in (instance_of(cell, sectors).data,)
        for index in range(cell.data.sizes["sample"])
    ]
    gradients = [middle_half(instance.data["gradient"].values) for instance in instances]
    averages = [float(instance.data["haar_gradient_variance"]) for instance in instances]
    rng = context.generator(Purpose.BOOTSTRAP, 0)
    return to_dataset(moment_rows(instances, gradients, rng, SYSTEM, averages), SYSTEM)
