"""Mean violations after rounding, beside the formula for them."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.rounding import qudit_violation, rounded_violation
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and number of bits: ``violation``, ``formula``, ``ratio``."""
    cells = context.cells(Stage.SIMULATE)
    names = [name for name in ("modes", "order", "levels") if name in cells[0].parameters]
    rows = []
    for row, data in slices(cells, names, "bits"):
        system = (row["modes"], row["order"])
        if "levels" in row:
            formula = qudit_violation(*system, row["levels"], row["bits"])
        else:
            formula = rounded_violation(*system, row["bits"])
        values = data["violation"].values
        rows.append(
            {
                **row,
                "samples": len(values),
                "violation": mean(values),
                "formula": formula,
                "ratio": mean(values / formula),
            }
        )
    return to_dataset(rows, (*names, "bits"))
