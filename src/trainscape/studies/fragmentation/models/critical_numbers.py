"""Success of training against the number of parameters, and the critical number of each model."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.models.networks import block_rank
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.thresholds import critical_count

__all__ = ["summarise"]

SYSTEM = ("model", "sites", "couplings")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return success, N, R, the critical number of parameters and the Lie algebra of each model.

    There is a row for each number of parameters; what concerns the system stands in all of its own.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        sectors = instance_of(cell, context.cells(Stage.DATASET)).data
        counts, losses = cell.data["parameters"].values.tolist(), cell.data["loss"].values.T
        points, crossing = critical_count(counts, list(losses), context.options["success"])
        system = {
            **{name: cell[name] for name in SYSTEM},
            "rank_formula": block_rank(sectors),
            "krylov_sum": int(sectors["dimension"].sum()),
            "largest_krylov": int(sectors["dimension"].max()),
            **crossing,
            "lie_dimension": int(cell.data["lie_dimension"].min()),
            "lie_bound": int(cell.data["lie_bound"].max()),
        }
        iterations = np.median(cell.data["iterations"].values, axis=0).tolist()
        rows += [
            {**system, **point, "median_iterations": median}
            for point, median in zip(points, iterations, strict=True)
        ]
    return to_dataset(rows, (*SYSTEM, "parameters"))
