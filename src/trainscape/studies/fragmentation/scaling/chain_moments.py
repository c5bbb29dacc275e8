"""Second moments of the gradients of the chains, beside their exact Haar averages."""

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import by_parameters, to_dataset

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "top_sectors", "parameters")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each system, over its instances, and its ratio to Haar's."""
    cells, instances = context.cells(Stage.GRADIENTS), context.cells(Stage.DATASET)
    drawn = [instance_of(cell, instances).data for cell in cells]
    gradients = [middle_half(cell.data["gradient"].values) for cell in cells]
    haar = [instance.attrs["haar_gradient_variance"] for instance in drawn]
    rng = context.generator(Purpose.BOOTSTRAP, 0)
    rows = moment_rows(cells, gradients, rng, SYSTEM, haar)
    for row, members in zip(rows, by_parameters(cells, SYSTEM).values(), strict=True):
        sectors = instance_of(members[0], instances).data["dimension"]
        row["krylov_dimension_sum"] = int(sectors.sum())
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
