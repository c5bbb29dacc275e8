"""All start states that were checked."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each start state and model."""
    rows = [
        {
            **row,
            "refused": bool(data["refused"]),
            "named": bool(data["named"]),
            "gap": float(data["gap"]),
        }
        for row, data in slices(context.cells(Stage.SIMULATE), ("qubits",), "case")
    ]
    return to_dataset(rows, ("qubits", "case"))
