"""Final errors of each ansatz at each strength of the noise and each number of shots."""

from __future__ import annotations

from typing import Any

import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.models import ansatz
from trainscape.trainability.intervals import median

__all__ = ["RUN", "summarise"]

RUN = ("model", "qubits", "stage", "layers", "strength", "shots")


def _row(cell: CellData) -> dict[str, Any]:
    blocks = ansatz(cell["model"], cell["qubits"], cell["stage"])
    errors, clean = cell.data["error"].values, cell.data["clean"].values
    return {
        **{name: cell[name] for name in RUN},
        "parameters": cell["layers"] * len(blocks),
        "gates": cell["layers"] * sum(len(block.total.terms) for block in blocks),
        "restarts": len(errors),
        "error": median(errors),
        "clean": median(clean),
        "lost": median(errors - clean),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each cell; ``lost`` is what the noise adds at the trained angles."""
    return to_dataset([_row(cell) for cell in context.cells(Stage.SIMULATE)], RUN)
