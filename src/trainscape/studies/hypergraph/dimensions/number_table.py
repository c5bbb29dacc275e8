"""One row for each order and each value of what its cell scans."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scan_table

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows, with what they are about as coordinates."""
    cells = context.cells(Stage.SIMULATE)
    scanned = [str(name) for name in cells[0].data.dims]
    return scan_table(cells, ("order",), *scanned)
