"""Means and largest values over the samples of each order and number of modes."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each cell: each variable with its interval, and ``<name>_most``."""
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        row = {name: cell[name] for name in ("order", "modes")}
        row["samples"] = cell.data.sizes["sample"]
        for name, values in cell.data.data_vars.items():
            row |= {str(name): mean(values.values), f"{name}_most": float(values.max())}
        rows.append(row)
    return to_dataset(rows, ("order", "modes"))
