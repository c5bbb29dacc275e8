"""Second moments of the gradients of the chains, beside their exact Haar averages."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.moments import moments

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "top_sectors")

MANY_INSTANCES = 20
"""Instances from which their spread is known well enough for a 99 % interval."""

UNKNOWN = Estimate(np.nan, np.nan, np.nan, np.nan, 0.99, 0, "none")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each system, over its instances, and its ratio to Haar's.

    Systems with `MANY_INSTANCES` have a 99 % interval of the ratio too (``haar_ratio_99``; NaN for
    the others).
    """
    cells, instances = context.cells(Stage.GRADIENTS), context.cells(Stage.DATASET)

    def gradient(cell: CellData) -> NDArray[np.float64]:
        return middle_half(cell.data["gradient"].values)

    def haar(cell: CellData) -> float:
        return float(instance_of(cell, instances).data["haar_gradient_variance"])

    rng, closer = (context.generator(Purpose.BOOTSTRAP, index) for index in range(2))
    rows = moment_rows(cells, list(map(gradient, cells)), rng, SYSTEM, list(map(haar, cells)))
    for row, members in zip(rows, by_parameters(cells, SYSTEM).values(), strict=True):
        sectors = instance_of(members[0], instances).data["dimension"]
        row["krylov_dimension_sum"], row["haar_ratio_99"] = int(sectors.sum()), UNKNOWN
        if row["instances"] >= MANY_INSTANCES:
            scaled = [gradient(cell) / np.sqrt(haar(cell)) for cell in members]
            row["haar_ratio_99"] = moments(scaled, closer, level=0.99).second_moment
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
