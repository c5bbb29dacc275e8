"""What noise takes from the Fisher information of each ansatz, and what it adds."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.models import ansatz
from trainscape.studies.pruning.names import num_gates
from trainscape.trainability.intervals import median

__all__ = ["POINT", "summarise"]

POINT = ("model", "qubits", "stage", "layers", "strength")


def _row(cell: CellData) -> dict[str, Any]:
    found = {name: cell.data[name].values for name in ("rank", "before", "kept", "lifted")}
    parameters = cell["layers"] * len(ansatz(cell["model"], cell["qubits"], cell["stage"]))
    others = np.maximum(parameters - found["rank"], 1)
    return {
        **{name: cell[name] for name in POINT},
        "parameters": parameters,
        "gates": cell["layers"] * num_gates(cell["model"], cell["qubits"], cell["stage"]),
        "points": len(found["rank"]),
        "rank": int(found["rank"].max()),
        "lost": median(1 - found["kept"] / found["before"]),
        "lifted": median(found["lifted"] / others * found["rank"] / found["before"]),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and strength.

    ``rank`` is that without noise, at most. ``lost`` is the share that noise takes from the trace
    over directions in which the pure state moves; ``lifted`` is the mean of the others, in units of
    the mean of the former without noise, and zero where there are no others.
    """
    return to_dataset([_row(cell) for cell in context.cells(Stage.SIMULATE)], POINT)
