"""Paired tests of what is missing to a ratio of 1, on the same instances."""

from __future__ import annotations

from itertools import combinations

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.paired import paired_test

__all__ = ["TEST", "TIE", "summarise"]

TEST = ("problem", "qubits", "depth", "mode", "other")
COLUMNS = (*TEST, "pairs", "difference", "p_value", "effect")
TIE = 1e-4
"""Ratios that differ by no more count as equal."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each two ways to group at each depth.

    ``difference`` is what is missing to 1 with ``mode`` minus that with ``other``.
    """
    cells = context.cells(Stage.SIMULATE)
    rows = []
    for number, (cell, other) in enumerate(combinations(cells, 2)):
        if any(cell[name] != other[name] for name in ("problem", "qubits", "depth")):
            continue
        count = min(cell.data.sizes["sample"], other.data.sizes["sample"])
        first, second = (1 - one.data["ratio"].values[:count] for one in (cell, other))
        rng = context.generator(Purpose.BOOTSTRAP, number)
        test = paired_test(first, second, rng, TIE)
        rows.append(
            {
                **{name: cell[name] for name in TEST[:-1]},
                "other": other["mode"],
                "pairs": count,
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    return to_dataset(rows, TEST, columns=COLUMNS)
