"""Scaling of gradients with the number of qubits, in the published window and on all sizes."""

from math import inf

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["LARGEST_ERROR", "WINDOW", "summarise"]

SERIES = ("ansatz", "depth", "observable", "encoder", "law")
"""What makes a series against the number of qubits."""

WINDOW = 16
"""Number of qubits up to which the published gradients go."""

LARGEST_ERROR = 0.25
"""Relative standard error above which a moment counts as unknown."""

LEAST_QUBITS = 4
"""Below, n = 2 and 3 are governed by what all laws have in common."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit power law, exponential and stretched exponential to each series.

    Rows have ``window``: ``published`` (up to `WINDOW` qubits) or ``all``. What is fitted is the
    option ``moment`` of the stage.
    """
    frame = to_frame(context.summary(Stage.GRADIENTS))
    rows = [
        {**fit, "window": window}
        for window, limit in (("published", WINDOW), ("all", inf))
        for fit in scaling_table(
            frame[(frame["qubits"] >= LEAST_QUBITS) & (frame["qubits"] <= limit)],
            by=SERIES,
            value=str(context.options["moment"]),
            abscissae=("qubits",),
            stretched=True,
            largest=LARGEST_ERROR,
        )
    ]
    keys = (*SERIES, "window")
    return to_dataset(rows, keys, columns=(*keys, "verdict", "sizes"))
