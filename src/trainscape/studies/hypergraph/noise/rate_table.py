"""Rates of violations at each level of noise, beside the law."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.hypergraph.noise.laws import rate_law
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("order", "modes", "spacing", "kind")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and level: ``rate``, ``law``, ``shots``."""
    cells = context.cells(Stage.SIMULATE)
    names = [name for name in SYSTEM if name in cells[0].parameters]
    rows = []
    for row, data in slices(cells, names, "level"):
        counts = data["violations"].values
        shots = len(counts) * int(context.options["shots"])
        law = rate_law(row, context.options)(row["level"])
        rate = proportion(int(counts.sum()), shots)
        rows.append({**row, "shots": shots, "law": law, "rate": rate})
    return to_dataset(rows, (*names, "level"))
