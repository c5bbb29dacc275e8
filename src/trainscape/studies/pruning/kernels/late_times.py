"""How errors of descents fall at late times: as a power of the step, or exponentially."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.kernels.descents import LIMITS, WINDOW
from trainscape.trainability.intervals import mean, median

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "qubits", "mode", "layers", "case")


def _row(cell: CellData) -> dict[str, Any]:
    errors, kernels = cell.data["errors"], cell.data["kernels"]
    last = int(errors["step"][-1])
    # Energies are rounded at 1e-15: a run that has stopped may be at an error of zero.
    ends = [np.maximum(errors.sel(step=step).values, 1e-16) for step in (last // WINDOW, last)]
    slope = np.log(ends[1] / ends[0]) / np.log(last / (last // WINDOW))
    between = np.diff(cell.data["crossing"].values[:, -3:], axis=1)
    # Runs that have not come to the last limit take longer than all others.
    done = cell.data["crossing"].values[:, -1] >= 0
    early, late = np.where(done, np.maximum(between.T, 1e-3), np.inf)
    ratio = np.divide(late, early, out=np.full(len(late), np.inf), where=done)
    decades = np.log(LIMITS[-2] / LIMITS[-1])
    return {
        **{name: cell[name] for name in SYSTEM},
        "runs": len(done),
        "reached": int(done.sum()),
        "slope": median(slope),
        "late_over_early": median(ratio),
        "rate": median(decades / late),
        "error": median(ends[1]),
        "first_kernel": mean(kernels.values[:, 0]),
        "last_kernel": median(kernels.values[:, -1]),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and case, of medians over its runs.

    ``slope`` is that of the error against the step, both as logarithms, over the last part of the
    steps. ``late_over_early`` is the number of steps from 1e-6 to 1e-8 over that from 1e-4 to 1e-6:
    1 if the error falls exponentially, 100 if it falls as the inverse step. ``rate`` is the
    exponential rate of a step between 1e-6 and 1e-8, 0 if a run never comes so far.
    """
    return to_dataset([_row(cell) for cell in context.cells(Stage.SIMULATE)], SYSTEM)
