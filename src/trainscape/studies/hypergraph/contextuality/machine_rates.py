"""Rates of violations of machines and of the exact player, beside the optimum by formula."""

from __future__ import annotations

import math

import xarray as xr

from trainscape.physics.hypergraph.one_edge import best_violation
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["summarise"]

NAMES = ("modes", "levels", "states")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each machine.

    ``machine`` and ``quantum`` are rates over all sentences; ``optimum`` is the formula; ``below``
    is how far the machine lies below it, in standard errors of the optimum's rate (in violations,
    if that is zero); ``counted`` is the least counted rate of all searches.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        count = cell.data.sizes["sample"] * int(context.options["sentences"])
        violated = int(cell.data["violated"].sum())
        optimum = best_violation(cell["levels"], cell["states"])
        error = math.sqrt(count * optimum * (1 - optimum)) or 1.0
        rows.append(
            {
                **{name: cell[name] for name in NAMES},
                "searches": cell.data.sizes["sample"],
                "sentences": count,
                "machine": proportion(violated, count),
                "quantum": proportion(int(cell.data["quantum"].sum()), count),
                "optimum": optimum,
                "below": (count * optimum - violated) / error,
                "counted": float(cell.data["counted"].min()),
            }
        )
    return to_dataset(rows, NAMES)
