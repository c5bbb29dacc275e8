r"""Critical number of parameters: from how many on does training succeed?

A restart succeeds where its final loss is at most a target. At each number of parameters p, R independent restarts give a fraction of successes
with its Wilson interval [1]_, and a median final loss with the interval between two order statistics, which needs no assumption on the
distribution: :math:`P(L_{(l)} \le \mathrm{median} \le L_{(u)}) = \sum_{i=l}^{u-1} \binom Ri 2^{-R}`.

The critical number is the least p at which the fraction reaches a given one. Its bracket holds the numbers that the intervals do not exclude.

References
----------
.. [1] L. D. Brown, T. T. Cai, A. DasGupta, Interval Estimation for a Binomial Proportion, Statistical Science 16, 101 (2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

__all__ = [
    "Median",
    "Proportion",
    "Threshold",
    "critical_parameter_count",
    "median_loss",
    "success_fraction",
]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Proportion:
    """A fraction of successes.

    Parameters
    ----------
    successes, trials
        Counts.
    fraction, low, high
        Fraction and its Wilson interval.
    level
        Nominal coverage of the interval.
    """

    successes: int
    trials: int
    fraction: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Median:
    """A median with the interval between two order statistics.

    Parameters
    ----------
    value, low, high
        Sample median and the interval.
    coverage
        Exact coverage of the interval for a continuous distribution: at least the level that was asked for, except where even the whole range of
        the sample has less.
    trials
        Number of values.
    """

    value: float
    low: float
    high: float
    coverage: float
    trials: int


@dataclass(frozen=True)
class Threshold:
    """Critical number of parameters.

    Parameters
    ----------
    count
        Least number of parameters at which the fraction of successes reaches `fraction`; None where none of those tried does.
    low, high
        Bracket: the least number whose interval does not lie below `fraction`, and the least whose interval lies wholly at or above it; None where
        no number tried is such.
    fraction, target
        Fraction of restarts that must succeed, and the loss at which one does.
    monotone
        Whether every larger number tried reaches the fraction too. If not, `count` is but the first crossing.
    parameters, proportions
        The numbers tried, increasing, and the fraction at each.
    """

    count: int | None
    low: int | None
    high: int | None
    fraction: float
    target: float
    monotone: bool
    parameters: tuple[int, ...]
    proportions: tuple[Proportion, ...]


def success_fraction(losses: ArrayLike, target: float, *, level: float = 0.95) -> Proportion:
    """Return the fraction of restarts whose final loss is at most the target.

    Parameters
    ----------
    losses
        Final losses, shape (R,).
    target
        Loss at which a restart counts as a success.
    level
        Nominal coverage of the Wilson interval.

    Returns
    -------
    Proportion

    Raises
    ------
    ValueError
        If there are no losses, or one is NaN.
    """
    values = _losses(losses)
    successes = int(np.sum(values <= target))
    low, high = proportion_confint(successes, len(values), alpha=1 - level, method="wilson")
    # Rounding leaves the ends 1e-17 beyond what they are for no success and for success throughout.
    low, high = (
        (0.0 if successes == 0 else float(low)),
        (1.0 if successes == len(values) else float(high)),
    )
    return Proportion(successes, len(values), successes / len(values), low, high, level)


def median_loss(losses: ArrayLike, *, level: float = 0.95) -> Median:
    """Return the median final loss with its order-statistic interval.

    Parameters
    ----------
    losses
        Final losses, shape (R,).
    level
        Wanted coverage. The interval is the narrowest symmetric one (in ranks) that reaches it.

    Returns
    -------
    Median
        Fewer than six values do not reach 95 %: then the interval is the whole range, and `Median.coverage` says what it covers.

    Raises
    ------
    ValueError
        If there are no losses, or one is NaN.
    """
    values = np.sort(_losses(losses))
    count = len(values)
    # With r values cut off at each end, the coverage is 1 - 2 P(B < r + 1) for B binomial(R, 1/2).
    cut = 0
    while 2 * (cut + 1) < count and 1 - 2 * binom.cdf(cut + 1, count, 0.5) >= level:
        cut += 1
    coverage = max(0.0, 1 - 2 * float(binom.cdf(cut, count, 0.5)))
    return Median(
        float(np.median(values)),
        float(values[cut]),
        float(values[count - 1 - cut]),
        coverage,
        count,
    )


def critical_parameter_count(
    parameters: Sequence[int],
    losses: Sequence[ArrayLike],
    target: float,
    *,
    fraction: float = 0.5,
    level: float = 0.95,
) -> Threshold:
    """Return the least number of parameters at which a given fraction of the restarts succeeds.

    Parameters
    ----------
    parameters
        Numbers of parameters tried, shape (K,), all different, in any order.
    losses
        Final losses of the restarts at each of them: K sequences, which may differ in length; or an array (K, R).
    target
        Loss at which a restart counts as a success.
    fraction
        Fraction of the restarts that must succeed, in (0, 1].
    level
        Nominal coverage of the Wilson intervals from which the bracket is made.

    Returns
    -------
    Threshold

    Raises
    ------
    ValueError
        If the input does not fit together.
    """
    if len(parameters) != len(losses) or len(parameters) == 0:
        raise ValueError(
            f"there are {len(parameters)} numbers of parameters and losses for {len(losses)}"
        )
    if len(set(parameters)) != len(parameters):
        raise ValueError("a number of parameters occurs twice; join its restarts first")
    if not 0 < fraction <= 1:
        raise ValueError(f"the fraction of successes lies in (0, 1], and {fraction} does not")
    order = sorted(range(len(parameters)), key=lambda index: parameters[index])
    counts = tuple(int(parameters[index]) for index in order)
    proportions = tuple(success_fraction(losses[index], target, level=level) for index in order)
    reached = [proportion.fraction >= fraction for proportion in proportions]
    first = _first(counts, reached)
    return Threshold(
        count=first,
        low=_first(counts, [proportion.high >= fraction for proportion in proportions]),
        high=_first(counts, [proportion.low >= fraction for proportion in proportions]),
        fraction=fraction,
        target=target,
        monotone=first is None or all(reached[counts.index(first) :]),
        parameters=counts,
        proportions=proportions,
    )


def _first(counts: Sequence[int], flags: Sequence[bool]) -> int | None:
    """Return the first count whose flag is set."""
    return next((count for count, flag in zip(counts, flags, strict=True) if flag), None)


def _losses(losses: ArrayLike) -> Real:
    """Return losses as a checked array (R,)."""
    values = np.asarray(losses, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(
            f"final losses have the shape (restarts,) with one restart or more, and not {values.shape}"
        )
    if np.any(np.isnan(values)):
        raise ValueError(
            f"{int(np.sum(np.isnan(values)))} of {len(values)} final losses are NaN: were all restarts computed?"
        )
    return values
