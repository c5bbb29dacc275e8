"""The least depth at which training succeeds, and the gates and parameters that it takes."""

from __future__ import annotations

import math

import pandas as pd
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset, to_frame
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = ["ENOUGH", "least_depth", "summarise"]

ENOUGH = 0.9
"""Share of restarts that must converge."""

SYSTEM = ["model", "qubits", "stage"]


def least_depth(runs: pd.DataFrame) -> Estimate:
    """Return the least depth at which enough restarts converge, with what the restarts leave open.

    Parameters
    ----------
    runs
        A row for each depth, rising: ``layers``, and ``success`` with Wilson's interval.

    Returns
    -------
    Estimate
        Infinite where no depth is enough. Its low end is one more layer than the depths whose
        interval lies below `ENOUGH`, up to the first whose does not: depths that were not tried may
        be enough. Its high end is the first depth whose interval lies above, infinite if none does.
    """

    def first(reached: pd.Series) -> float:
        return float(runs["layers"][reached].min()) if reached.any() else math.inf

    possible = first(runs["success_high"] >= ENOUGH)
    excluded = runs["layers"][runs["layers"] < possible]
    low = float(excluded.max()) + 1 if len(excluded) else 1.0
    return Estimate(
        value=first(runs["success"] >= ENOUGH),
        standard_error=math.nan,
        low=low,
        high=first(runs["success_low"] >= ENOUGH),
        level=LEVEL,
        samples=int(runs["restarts"].min()),
        method="Wilson's intervals of the success at each depth",
    )


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(
        estimate.value * factor,
        math.nan,
        estimate.low * factor,
        estimate.high * factor,
        estimate.level,
        estimate.samples,
        estimate.method,
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz.

    ``layers``, ``gates`` and ``parameters`` are those of the least depth, with its interval;
    infinite where no depth is enough. ``ceiling`` is 2 (d - 1) for the effective dimension d.
    """
    table = to_frame(context.summary(Stage.SIMULATE))
    rows = []
    for names, runs in table.sort_values("layers").groupby(SYSTEM, sort=False):
        one = runs.iloc[0]
        layers = least_depth(runs)
        rows.append(
            {
                **dict(zip(SYSTEM, names, strict=True)),
                "restarts": layers.samples,
                "tried": int(runs["layers"].max()),
                "effective": int(one["effective"]),
                "ceiling": 2 * (int(one["effective"]) - 1),
                "rank": int(one["rank"]),
                "layers": layers,
                "gates": _times(layers, one["gates"] / one["layers"]),
                "parameters": _times(layers, one["parameters"] / one["layers"]),
            }
        )
    return to_dataset(rows, SYSTEM)
