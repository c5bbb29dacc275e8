"""Success of training against the number of parameters, and the critical number of each model."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.fragmentation.models.networks import block_rank
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.thresholds import critical_count

__all__ = ["summarise"]

SYSTEM = ("model", "sites", "couplings")


def _rows(cell: CellData, sectors: xr.Dataset, success: float) -> list[dict[str, Any]]:
    """Return one row for each number of parameters; what concerns the system stands in each."""
    counts = cell.data["parameters"].values.tolist()
    points, crossing = critical_count(counts, list(cell.data["loss"].values.T), success)
    sizes = sectors["dimension"].values
    system = {
        **{name: cell[name] for name in SYSTEM},
        "rank_formula": block_rank(sectors),
        "krylov_sum": int(sizes.sum()),
        "largest_krylov": int(sizes.max()),
        **crossing,
        "lie_dimension": int(cell.data["lie_dimension"].min()),
        "lie_bound": int(cell.data["lie_bound"].max()),
    }
    iterations = np.median(cell.data["iterations"].values, axis=0).tolist()
    return [
        {**system, **point, "median_iterations": median}
        for point, median in zip(points, iterations, strict=True)
    ]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return success, N, R, the critical number of parameters and the Lie algebra of each model."""
    sectors = context.cells(Stage.DATASET)
    rows = [
        row
        for cell in context.cells(Stage.SIMULATE)
        for row in _rows(cell, instance_of(cell, sectors).data, context.options["success"])
    ]
    return to_dataset(rows, (*SYSTEM, "parameters"))
