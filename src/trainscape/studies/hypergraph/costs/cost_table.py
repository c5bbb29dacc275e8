"""One row for each order and number of modes: operations of a cell, and numbers stored."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows."""
    rows = [
        {**row, **{str(name): values.item() for name, values in data.data_vars.items()}}
        for row, data in slices(context.cells(Stage.SIMULATE), ("order",), "modes")
    ]
    return to_dataset(rows, ("order", "modes"))
