"""Paired tests of the methods: pairs are the restarts of a system from the same angles.

Three measures, each such that less is better:

``iterations``
    log2 of the iterations to the least limit. A run that never gets there counts as one that needs
    one iteration more than there are, so that the measure covers success and speed, and a pair in
    which both fail is a tie. Differences are logarithms of ratios, which such pairs bound.
``residual``
    log10 of the final energy above the ground state, or of the limit where it is below.
``kernel``
    Minus log2 of the tangent kernel for each parameter at the random start.

P-values are corrected by Holm's method over the systems of a comparison. Left out are systems in
which the two sides are the same by construction: no gate breaks a symmetry, or no gates are tied.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.baselines.method_table import SYSTEM
from trainscape.studies.pruning.baselines.names import COMPARISONS
from trainscape.trainability.paired import holm, paired_test

__all__ = ["MEASURES", "measured", "summarise"]

MEASURES = ("iterations", "residual", "kernel")
TESTED = ("pairs", *(f"{name}{end}" for name in MEASURES for end in ("", "_p", "_effect")))


def measured(data: xr.Dataset, iterations: int, limit: float) -> dict[str, NDArray[np.float64]]:
    """Return the measures of the runs of one method, each of shape ``(S,)``.

    Parameters
    ----------
    data
        Runs of one method.
    iterations
        Iterations of all runs.
    limit
        The least limit.
    """
    first = data["first"].values[:, -1]
    kernel = data["kernel"].values / data["parameters"].values
    return {
        "iterations": np.log2(np.where(first < 0, iterations + 1, np.maximum(first, 1))),
        "residual": np.log10(np.maximum(data["error"].values, limit)),
        "kernel": -np.log2(kernel),
    }


def _differ(first: xr.Dataset, second: xr.Dataset) -> bool:
    """Whether two methods differ by construction, in their gates, their ties, or the pool."""
    names = ("gates", "parameters", "pool")
    return any((first[name].values != second[name].values).any() for name in names)


def _of(cell: CellData, method: str) -> xr.Dataset:
    # As a keyword, `method` is how xarray looks values up.
    return cell.data.sel({"method": method})


def _rows(context: SummaryContext, cell: CellData, number: int) -> list[dict[str, Any]]:
    limit, iterations = min(context.options["errors"]), context.options["iterations"]
    rows = []
    for place, (name, sides) in enumerate(COMPARISONS.items()):
        first, second = (_of(cell, side) for side in (sides.first, sides.second))
        # Two ways to tie gates differ where any are tied.
        other = _of(cell, "terms") if name == "orbits" else second
        if not _differ(first, other):
            continue
        ours, theirs = (measured(side, iterations, limit) for side in (first, second))
        row: dict[str, Any] = {key: cell[key] for key in SYSTEM} | {"comparison": name}
        row["pairs"] = len(ours["iterations"])
        for index, measure in enumerate(MEASURES):
            rng = context.generator(Purpose.BOOTSTRAP, 1000 * number + 10 * place + index)
            test = paired_test(ours[measure], theirs[measure], rng)
            row |= {
                measure: test.difference,
                f"{measure}_p": test.p_value,
                f"{measure}_effect": test.effect,
            }
        rows.append(row)
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each comparison and system, with corrected p-values."""
    cells = context.cells(Stage.SIMULATE)
    rows = [row for number, cell in enumerate(cells) for row in _rows(context, cell, number)]
    for name in COMPARISONS:
        own = [row for row in rows if row["comparison"] == name]
        # One test needs no correction, and a call takes longer than all else.
        for measure in MEASURES if len(own) > 1 else ():
            corrected = holm([row[f"{measure}_p"] for row in own])
            for row, p_value in zip(own, corrected, strict=True):
                row[f"{measure}_p"] = float(p_value)
    return to_dataset(rows, (*SYSTEM, "comparison"), columns=(*SYSTEM, "comparison", *TESTED))
