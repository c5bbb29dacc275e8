"""One row for each order and each value of what its cell scans."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows, with what they are about as coordinates."""
    cells = context.cells(Stage.SIMULATE)
    scanned = [str(name) for name in cells[0].data.dims]
    rows = [
        {**row, **{str(name): values.item() for name, values in data.data_vars.items()}}
        for row, data in slices(cells, ("order",), *scanned)
    ]
    return to_dataset(rows, ("order", *scanned))
