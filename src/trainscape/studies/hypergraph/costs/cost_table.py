"""One row for each order and number of modes: operations of a cell, and numbers stored."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scan_table

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows."""
    return scan_table(context.cells(Stage.SIMULATE), ("order",), "modes")
