"""Variances of the gradients of the control."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each number of qubits, which is called ``modes`` here."""
    rows = []
    for cell in context.cells(Stage.GRADIENTS):
        squares = cell.data["gradient"].values ** 2
        rows.append(
            {
                "readout": "circuit",
                "order": 2,
                "modes": cell["qubits"],
                "samples": len(squares),
                "variance": positive_mean(squares),
            }
        )
    return to_dataset(rows, ("readout", "order", "modes"))
