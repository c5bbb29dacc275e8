"""Norms of the gradient at angle zero: means and extremes over the instances."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]

SYSTEM = ("ansatz", "depth", "qubits")

ZERO = 1e-12
"""Norm below which a gradient is exactly zero up to rounding."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each system, observable and encoder."""
    rows = []
    cells = context.cells(Stage.GRADIENTS)
    for row, data in slices(cells, SYSTEM, "observable", "encoder"):
        norms, deviations = data["norm"].values, data["deviation"].values
        checked = row["observable"] == "random_pauli" and bool(np.isfinite(deviations).any())
        row |= {
            "norm": mean(norms),
            "least": float(norms.min()),
            "largest": float(norms.max()),
            "zeros": int((norms < ZERO).sum()),
            "slope_least": float(data["slope"].values.min()),
            "deviation": float(np.nanmax(deviations)) if checked else np.nan,
            "runs": len(norms),
        }
        rows.append(row)
    return to_dataset(rows, (*SYSTEM, "observable", "encoder"))
