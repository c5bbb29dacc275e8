"""Fits of the variances of gradients against the number of modes: power law and exponential."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

COLUMNS = (
    "readout",
    "order",
    "abscissa",
    "sizes",
    "largest_size",
    "verdict",
    "exponential_slope",
    "exponential_low",
    "exponential_high",
    "power_slope",
)
"""What is read of the table: it has these columns where there are too few sizes for any fit."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each series, see `trainscape.studies.kit.tables.scaling_table`."""
    table = to_frame(context.summary(Stage.GRADIENTS))
    rows = scaling_table(table, by=("readout", "order"), value="variance", abscissae=("modes",))
    return to_dataset(rows, ("readout", "order", "abscissa"), columns=COLUMNS)
