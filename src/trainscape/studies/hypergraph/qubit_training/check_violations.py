"""Violations after training, over the runs of each way to train."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import exact, median

__all__ = ["NAMES", "summarise"]

NAMES = ("training", "qubits")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each way to train and number of qubits.

    ``start`` and ``violation``: medians over runs before and after; ``least`` and ``most`` after.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        before, after = cell.data["violation"].values.T
        middle = median if len(after) > 1 else lambda values: exact(float(values[0]))
        rows.append(
            {
                **{name: cell[name] for name in NAMES},
                "start": middle(before),
                "violation": middle(after),
                "least": float(after.min()),
                "most": float(after.max()),
                "runs": len(after),
            }
        )
    return to_dataset(rows, NAMES)
