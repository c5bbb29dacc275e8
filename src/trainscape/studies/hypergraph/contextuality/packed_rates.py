"""Rates of violations of packed models against the bits that they keep, beside the bound."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.bit_packing import needed_bits
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["summarise"]

NAMES = ("edges", "level_bits")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each model and number of bits.

    ``rate`` is the rate of violations over all edges, ``bound`` the number of bits below which no
    model is free of them.
    """
    rows = []
    for row, data in slices(context.cells(Stage.SIMULATE), NAMES, "bits"):
        count = data.sizes["sample"] * int(context.options["sentences"])
        rows.append(
            {
                **row,
                "bound": needed_bits(row["edges"], row["level_bits"]),
                "sentences": count,
                "rate": proportion(int(data["violated"].sum()), count * row["edges"]),
                "uniform": float(data["uniform"]),
            }
        )
    return to_dataset(rows, (*NAMES, "bits"))
