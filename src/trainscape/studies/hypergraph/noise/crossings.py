r"""The level of noise at which the rate of violations is that of a network without memory.

The logit of the rate is fitted by a polynomial of the third degree in the level, with the weights
of binomial counts, to the points with rates between `LOWEST` and `HIGHEST`. No law of the noise
enters. The interval is that of binomial counts drawn anew from the measured rates.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.hypergraph.noise import CLASSICAL
from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.hypergraph.noise.laws import threshold_law
from trainscape.studies.hypergraph.noise.rate_table import SYSTEM
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = ["crossing", "summarise"]

LOWEST, HIGHEST = 0.1, 0.58
DEGREE = 3
RESAMPLES = 400
GRID = 2001

Real = NDArray[np.float64]


def _meeting(x: Real, shares: Real, shots: int) -> Real:
    """Return where fits of rates, shape ``(draws, points)``, have the classical rate, or NaN."""
    clipped = np.clip(shares, 0.5 / shots, 1 - 0.5 / shots)
    logits = np.log(clipped / (1 - clipped))
    weights = np.sqrt(shots * clipped[0] * (1 - clipped[0]))
    middle, half = (x[0] + x[-1]) / 2, (x[-1] - x[0]) / 2
    powers = np.vander((x - middle) / half, DEGREE + 1)
    coefficients = np.linalg.lstsq(powers * weights[:, None], (logits * weights).T, rcond=None)[0]
    grid = np.linspace(-1, 1, GRID)
    above = np.vander(grid, DEGREE + 1) @ coefficients - math.log(CLASSICAL / (1 - CLASSICAL))
    found = np.full(len(shares), np.nan)
    for draw, values in enumerate(above.T):
        change = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
        if len(change):
            # The crossing next to the middle, should the polynomial have more than one.
            place = change[np.abs(grid[change]).argmin()]
            left, right = values[place], values[place + 1]
            at = grid[place] + (grid[1] - grid[0]) * left / (left - right)
            found[draw] = middle + half * at
    return found


def crossing(levels: Real, counts: Real, shots: int, rng: np.random.Generator) -> Estimate:
    """Return the level at which the rate of violations is the classical one.

    Parameters
    ----------
    levels
        Levels of noise in ascending order, shape ``(points,)``.
    counts
        Violations at each.
    shots
        Shots at each.
    rng
        Random stream of the resampling.

    Returns
    -------
    Estimate
        NaN where fewer than five points are near, or the rate is on one side in all of them.
    """
    shares = counts / shots
    near = (shares >= LOWEST) & (shares <= HIGHEST)
    nothing = Estimate(math.nan, math.nan, math.nan, math.nan, LEVEL, shots, "none")
    if near.sum() < DEGREE + 2:
        return nothing
    x, own = levels[near], shares[near]
    draws = rng.binomial(shots, own, (RESAMPLES, len(own))) / shots
    value, resampled = _meeting(x, own[None], shots)[0], _meeting(x, draws, shots)
    known = resampled[np.isfinite(resampled)]
    if not math.isfinite(value) or len(known) < RESAMPLES // 2:
        return nothing
    low, high = np.quantile(known, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    error = float(known.std(ddof=1))
    return Estimate(float(value), error, float(low), float(high), LEVEL, shots, "resampled counts")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system: ``threshold`` and ``law``."""
    cells = context.cells(Stage.SIMULATE)
    names = [name for name in SYSTEM if name in cells[0].parameters]
    rows = []
    for number, (values, own) in enumerate(by_parameters(cells, names).items()):
        (cell,) = own
        system = dict(zip(names, values, strict=True))
        counts = cell.data["violations"].values
        levels = cell.data["level"].values.astype(float)
        shots = len(counts) * int(context.options["shots"])
        rng = context.generator(Purpose.BOOTSTRAP, number)
        found = crossing(levels, counts.sum(axis=0), shots, rng)
        law = threshold_law(system, context.options, float(levels.min()), float(levels.max()))
        rows.append({**system, "shots": shots, "threshold": found, "law": law})
    return to_dataset(rows, names)
