"""The map of gradient strength and surrogate costs: means and medians over the instances."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["summarise"]

COSTS = ("order", "sines", "worst_paths", "average_paths")


def _rows(cell: CellData) -> list[dict[str, Any]]:
    rows = []
    for scaled in cell.data["scaled_width"].values.tolist():
        data = cell.data.sel(scaled_width=scaled)
        resolved = data["sines"].values >= 0
        enough = 2 * resolved.sum() >= len(resolved)
        gradient = positive_mean(data["gradient"].values, data["gradient_error"].values)
        bound = float(data["bound"].mean())
        rows.append(
            {
                "qubits": cell["qubits"],
                "parameters": num_parameters("mhea", "linear", cell["qubits"]),
                "scaled_width": scaled,
                "gradient": gradient,
                "share": bound / gradient.value if gradient.value > 0 else np.nan,
                "loss": float(data["loss"].mean()),
                **{
                    name: float(np.median(data[name].values[resolved])) if enough else np.nan
                    for name in COSTS
                },
                "resolved": int(resolved.sum()),
                "instances": len(resolved),
            }
        )
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each size and width: E[g_k^2], E[C^2], leading path and median costs.

    Medians are over the instances that the walks resolve, where these are at least half, else NaN:
    the others may have the longer paths.
    """
    rows = [row for cell in context.cells(Stage.GRADIENTS) for row in _rows(cell)]
    return to_dataset(rows, ("qubits", "parameters", "scaled_width"))
