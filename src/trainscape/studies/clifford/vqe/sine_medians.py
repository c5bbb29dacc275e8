"""Sines that surrogates need along training: medians over the restarts."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset

__all__ = ["ERROR", "sines_needed", "summarise"]

SYSTEM = ("observable", "qubits", "layers")

ERROR = 0.05
"""Absolute error of the loss of one string, which lies between -1 and 1, that is allowed."""


def sines_needed(errors: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the least number of sines from which on no error exceeds `ERROR`.

    `errors` has the shape ``(..., K)``; where the last one exceeds it too, the answer is K.
    """
    fine = np.logical_and.accumulate((errors <= ERROR)[..., ::-1], axis=-1)
    needed: NDArray[np.int64] = errors.shape[-1] - fine.sum(axis=-1)
    return needed


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each system, patch, iteration and origin of the expansion.

    ``needed`` is the median of the sines that are needed, ``needed_low`` and ``needed_high`` the
    quantiles at 10 and 90 %; ``loss`` the mean loss.
    """
    rows: list[dict[str, Any]] = []
    for cell in context.cells(Stage.SIMULATE):
        needed = sines_needed(cell.data["error"].values)
        for patch, point, origin in np.ndindex(needed.shape[1:]):
            values = needed[:, patch, point, origin]
            low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
            rows.append(
                {
                    **{name: cell[name] for name in SYSTEM},
                    "exponent": float(cell.data["exponent"].values[patch]),
                    "iteration": int(cell.data["iteration"].values[point]),
                    "origin": str(cell.data["origin"].values[origin]),
                    "needed": float(middle),
                    "needed_low": float(low),
                    "needed_high": float(high),
                    "loss": float(cell.data["loss"].values[:, patch, point].mean()),
                    "restarts": len(values),
                }
            )
    return to_dataset(rows, (*SYSTEM, "exponent", "iteration", "origin"))
