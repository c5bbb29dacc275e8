"""Second moments of nullifiers at each level of noise, beside the law."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.hypergraph.noise.laws import moment_law
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and level: ``square``, ``law``, ``ratio``, ``shots``."""
    cells = context.cells(Stage.SIMULATE)
    names = [name for name in ("modes", "order", "jitter") if name in cells[0].parameters]
    rows = []
    for row, data in slices(cells, names, "level"):
        values = data["square"].values
        law = moment_law(row, context.options, row["level"])
        shots = len(values) * int(context.options["shots"])
        rows.append(
            {**row, "shots": shots, "law": law, "square": mean(values), "ratio": mean(values / law)}
        )
    return to_dataset(rows, (*names, "level"))
