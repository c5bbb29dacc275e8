"""Success, iterations, errors, kernels and sizes of each method in each system."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import median, positive_mean, proportion

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("system", "layers")


def _row(row: dict[str, Any], data: xr.Dataset) -> dict[str, Any]:
    first = data["first"].values[:, -1]
    reached = first >= 0
    parameters = data["parameters"].values
    return {
        **row,
        "restarts": len(first),
        "success": proportion(int(reached.sum()), len(first)),
        # A run that has not converged takes longer than all others: the median is that of all runs.
        "iterations": median(np.where(reached, first, np.inf)),
        "error": median(data["error"].values),
        "kernel": positive_mean(data["kernel"].values / parameters),
        "gates": float(np.median(data["gates"].values)),
        "parameters": float(np.median(parameters)),
        "rank": float(np.median(data["rank"].values)),
        "least_share": float((data["rank"].values / parameters).min()),
        "pool": int(data["pool"].values[0]),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and method; ``kernel`` is that for each parameter."""
    cells = context.cells(Stage.SIMULATE)
    rows = [_row(row, data) for row, data in slices(cells, SYSTEM, "method")]
    return to_dataset(rows, (*SYSTEM, "method"))
