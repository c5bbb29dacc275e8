"""Violations of the translator that packs bits, with intervals."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each number of modes and of bits of a weight."""
    count = int(context.options["sentences"])
    rows = [
        {
            **row,
            "total_bits": int(data["total_bits"]),
            "violation": proportion(round(float(data["violation"]) * count), count),
            "sentences": count,
        }
        for row, data in slices(context.cells(Stage.SIMULATE), ("modes",), "weight_bits")
    ]
    return to_dataset(rows, ("modes", "weight_bits"))
