"""Means of parameters and floors against the tolerance of pruning."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each tolerance."""
    names = ("qubits", "size")
    rows = [
        {
            **row,
            "instances": data.sizes["sample"],
            "floor": mean(data["floor"].values),
            "parameters": mean(data["parameters"].values),
        }
        for row, data in slices(context.cells(Stage.SIMULATE), names, "tolerance")
    ]
    return to_dataset(rows, (*names, "tolerance"))
