"""Success, iterations and final errors of each ansatz at each depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.studies.pruning.models import ansatz
from trainscape.trainability.intervals import Estimate, mean, median, proportion

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "qubits", "stage", "layers")


def _iterations(first: np.ndarray) -> Estimate:
    """Return the median of first iterations; a run that never comes takes longer than all."""
    return median(np.where(first >= 0, first, np.inf))


def _row(cell: CellData, space: CellData, limit: float) -> dict[str, Any]:
    blocks = ansatz(cell["model"], cell["qubits"], cell["stage"])
    first = cell.data["first"].sel(limit=limit).values
    return {
        **{name: cell[name] for name in SYSTEM},
        "parameters": cell["layers"] * len(blocks),
        "gates": cell["layers"] * sum(len(block.total.terms) for block in blocks),
        "effective": int(space.data["effective"]),
        "rank": int(space.data["rank"]),
        "restarts": len(first),
        "success": proportion(int((first >= 0).sum()), len(first)),
        "iterations": _iterations(first),
        "error": median(cell.data["error"].values),
        "kernel": mean(cell.data["kernel"].values),
    }


def _times(cells: Sequence[CellData]) -> dict[str, tuple[tuple[str, str], Any]]:
    """Return median iterations to every limit, with their intervals."""
    found = [[_iterations(first) for first in cell.data["first"].values.T] for cell in cells]
    ends = {"times": "value", "times_low": "low", "times_high": "high"}
    return {
        name: (("row", "limit"), [[getattr(one, end) for one in row] for row in found])
        for name, end in ends.items()
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and depth.

    ``success`` and ``iterations`` are those to the limit at which a run counts as converged;
    ``times``, along ``limit``, has the median iterations to all of them. ``effective`` and ``rank``
    are what the ansatz can reach, see `reached_spaces`.
    """
    cells = context.cells(Stage.SIMULATE)
    spaces = by_parameters(context.cells(Stage.DATASET), SYSTEM[:-1])
    rows = []
    for cell in cells:
        (space,) = spaces[tuple(cell[name] for name in SYSTEM[:-1])]
        rows.append(_row(cell, space, context.options["limit"]))
    limits = cells[0].data["limit"].values
    return to_dataset(rows, SYSTEM).assign_coords(limit=limits).assign(_times(cells))
