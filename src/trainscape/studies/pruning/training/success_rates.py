"""Success, iterations and final errors of each ansatz at each depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.models import ansatz
from trainscape.trainability.intervals import mean, median, proportion

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "qubits", "stage", "layers")


def _row(cell: CellData) -> dict[str, Any]:
    blocks = ansatz(cell["model"], cell["qubits"], cell["stage"])
    first = cell.data["first"].values[:, -1]
    reached = first >= 0
    # A run that has not converged takes longer than all others: the median is that of all runs.
    iterations = np.where(reached, first, np.inf)
    return {
        **{name: cell[name] for name in SYSTEM},
        "parameters": cell["layers"] * len(blocks),
        "gates": cell["layers"] * sum(len(block.total.terms) for block in blocks),
        "restarts": len(first),
        "success": proportion(int(reached.sum()), len(first)),
        "iterations": median(iterations),
        "error": median(cell.data["error"].values),
        "kernel": mean(cell.data["kernel"].values),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and depth."""
    return to_dataset([_row(cell) for cell in context.cells(Stage.SIMULATE)], SYSTEM)
