"""Second moments of the gradients of each model, beside their exact Haar averages."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

SYSTEM = ("model", "sites")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each model and length, over its instances, and its Haar ratio."""
    cells = context.cells(Stage.GRADIENTS)
    sectors = context.cells(Stage.DATASET)
    instances = [
        CellData(parameters=cell.parameters, data=cell.data.isel(sample=index), digest="")
        for cell in cells
        for index in range(cell.data.sizes["sample"])
    ]
    rows = moment_rows(
        instances,
        [middle_half(instance.data["gradient"].values) for instance in instances],
        context.generator(Purpose.BOOTSTRAP, 0),
        SYSTEM,
        [float(instance.data["haar_gradient_variance"]) for instance in instances],
    )
    sums = {
        (cell["model"], cell["sites"]): int(instance_of(cell, sectors).data["dimension"].sum())
        for cell in cells
    }
    for row in rows:
        row["krylov_dimension_sum"] = sums[row["model"], row["sites"]]
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
