"""Scaling of gradients with the number of qubits, in the published window and on all sizes."""

from __future__ import annotations

from math import inf

import xarray as xr

from trainscape.studies.clifford.moments.leading_path import LARGEST_ERROR, SERIES, WINDOW
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

LEAST_QUBITS = 4
"""Below, n = 2 and 3 are governed by what all laws have in common."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit power law, exponential and stretched exponential to each series.

    Rows have ``window``: ``published`` (up to `WINDOW` qubits) or ``all``. What is fitted is the
    option ``moment`` of the stage.
    """
    frame = to_frame(context.summary(Stage.GRADIENTS))
    rows = []
    for window, limit in (("published", WINDOW), ("all", inf)):
        fits = scaling_table(
            frame[(frame["qubits"] >= LEAST_QUBITS) & (frame["qubits"] <= limit)],
            by=SERIES,
            value=str(context.options["moment"]),
            abscissae=("qubits",),
            stretched=True,
            largest=LARGEST_ERROR,
        )
        rows += [{**fit, "window": window} for fit in fits]
    keys = (*SERIES, "window")
    return to_dataset(rows, keys, columns=(*keys, "verdict", "sizes"))
