"""How long runs take on each loss, how their errors fall, and how long the kernel stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.studies.pruning.losses.loss_runs import WINDOW
from trainscape.trainability.intervals import median
from trainscape.trainability.paired import holm, paired_test

__all__ = ["SYSTEM", "half_lives", "summarise"]

SYSTEM = ("model", "qubits", "stage", "layers", "case", "method")
PAIRED = ("model", "qubits", "stage", "layers", "method")
Real = NDArray[np.float64]


def half_lives(errors: Real, steps: Sequence[int]) -> Real:
    """Return the step at which the error is first half of what it was, infinite if never.

    Parameters
    ----------
    errors
        Errors at recorded steps, shape ``(S, R)``, the first at the start.
    steps
        The recorded steps; in between, the error falls exponentially.
    """
    found = np.full(len(errors), np.inf)
    for row, values in enumerate(errors):
        below = np.flatnonzero(values <= values[0] / 2)
        if len(below):
            after = int(below[0])
            logs = np.log(np.maximum(values[[after - 1, after]], 1e-300))
            share = (logs[0] - np.log(values[0] / 2)) / (logs[0] - logs[1])
            found[row] = steps[after - 1] + share * (steps[after] - steps[after - 1])
    return found


def _never_last(crossing: Real) -> Real:
    return np.where(crossing >= 0, crossing, np.inf)


def _row(cell: CellData, fraction: float) -> dict[str, Any]:
    errors, steps = cell.data["errors"].values, cell.data["step"].values.tolist()
    last = steps[-1]
    ends = [np.maximum(errors[:, steps.index(step)], 1e-16) for step in (last // WINDOW, last)]
    crossing = _never_last(cell.data["crossing"].values)
    with np.errstate(invalid="ignore"):
        between = np.maximum(np.diff(crossing[:, -3:], axis=1), 1e-3)
        ratio = np.where(np.isfinite(crossing[:, -1]), between[:, 1] / between[:, 0], np.inf)
    predicted = np.log(errors[:, 0] / 1e-2) / fraction
    return {
        **{name: cell[name] for name in SYSTEM},
        "steps": last,
        "runs": len(errors),
        "reached": int(np.isfinite(crossing[:, -1]).sum()),
        "slope": median(np.log(ends[1] / ends[0]) / np.log(last / (last // WINDOW))),
        "late_over_early": median(ratio),
        "half_life": median(half_lives(errors, steps) * fraction / np.log(2)),
        "coarse": median(_limit(cell, crossing, 1e-2) / predicted),
        "iterations": median(_limit(cell, crossing, 1e-4)),
        "error": median(ends[1]),
    }


def _limit(cell: CellData, crossing: Real, limit: float) -> Real:
    return np.asarray(crossing[:, cell.data["limit"].values.tolist().index(limit)])


def _gains(context: SummaryContext, cells: Sequence[CellData]) -> list[dict[str, Any]]:
    """Return a paired test for each ansatz and method: steps on the energy less on the square."""
    rows = []
    for number, (names, group) in enumerate(by_parameters(cells, PAIRED).items()):
        cases = {cell["case"]: cell for cell in group}
        last = float(cases["at"].data["step"].values[-1])
        energy, square = (
            np.minimum(
                _limit(cases[case], _never_last(cases[case].data["crossing"].values), 1e-4), last
            )
            for case in ("energy", "at")
        )
        test = paired_test(energy, square, context.generator(Purpose.BOOTSTRAP, number))
        rows.append(
            {
                **{f"paired_{name}": value for name, value in zip(PAIRED, names, strict=True)},
                "pairs": len(energy),
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    corrected = holm([row["p_value"] for row in rows])
    return [{**row, "p_holm": float(p)} for row, p in zip(rows, corrected, strict=True)]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz, loss and method, and one for each pair of losses.

    ``slope`` is that of the error against the step, both as logarithms, over the last part of the
    steps; ``late_over_early`` the number of steps from 1e-6 to 1e-8 over that from 1e-4 to 1e-6.
    ``half_life`` and ``coarse`` are times until the error is half of what it was, and 1e-2, over
    those at a constant kernel; they mean that for descent on the square loss alone. ``iterations``
    are those to 1e-4. Along ``pair`` stand paired tests of these on the energy against the square
    loss, with the target at the ground energy; a run that never comes there counts with all steps.
    """
    cells = context.cells(Stage.SIMULATE)
    fraction = context.options["fraction"]
    rows = to_dataset([_row(cell, fraction) for cell in cells], SYSTEM)
    names = [f"paired_{name}" for name in PAIRED]
    return rows.merge(to_dataset(_gains(context, cells), names, dimension="pair"))
