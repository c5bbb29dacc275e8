"""Norms of the gradient at angle zero: means and extremes over the instances."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]

SYSTEM = ("ansatz", "depth", "qubits")

ZERO = 1e-12
"""Norm below which a gradient is exactly zero up to rounding."""


def _rows(cell: CellData) -> list[dict[str, Any]]:
    data = cell.data
    deviations = data["deviation"].values
    rows = []
    for observable, encoder in product(data["observable"].values, data["encoder"].values):
        norms = data["norm"].sel(observable=observable, encoder=encoder).values
        checked = observable == "random_pauli" and bool(np.isfinite(deviations).any())
        rows.append(
            {
                **{name: cell[name] for name in SYSTEM},
                "observable": str(observable),
                "encoder": str(encoder),
                "norm": mean(norms),
                "least": float(norms.min()),
                "largest": float(norms.max()),
                "zeros": int((norms < ZERO).sum()),
                "slope_least": float(data["slope"].sel(observable=observable).values.min()),
                "deviation": float(np.nanmax(deviations)) if checked else np.nan,
                "runs": len(norms),
            }
        )
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each system, observable and encoder."""
    rows = [row for cell in context.cells(Stage.GRADIENTS) for row in _rows(cell)]
    return to_dataset(rows, (*SYSTEM, "observable", "encoder"))
