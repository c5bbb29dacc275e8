"""Critical number of parameters: from how many on does training succeed?

A restart succeeds where its final loss is at most a target. At each number of parameters p, R
independent restarts give a share of successes and a median final loss, both with intervals. The
critical number is the least p at which the share reaches a given one. Its bracket holds the numbers
that the intervals do not exclude.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.trainability.intervals import LEVEL, Estimate, median, proportion

__all__ = [
    "Threshold",
    "critical_count",
    "critical_parameter_count",
    "median_loss",
    "resolved",
    "success_fraction",
]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """Critical number of parameters.

    Parameters
    ----------
    count
        Least number of parameters at which the fraction of successes reaches `fraction`; None where
        none of those tried does.
    low, high
        Bracket: the least number whose interval does not lie below `fraction`, and the least whose
        interval lies wholly at or above it; None where no number tried is such.
    fraction, target
        Fraction of restarts that must succeed, and the loss at which one does.
    monotone
        Whether every larger number tried reaches the fraction too. If not, `count` is but the first
        crossing.
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
    proportions: tuple[Estimate, ...]


def success_fraction(losses: ArrayLike, target: float, *, level: float = LEVEL) -> Estimate:
    """Return the share of restarts whose final loss is at most the target, with Wilson's interval.

    Parameters
    ----------
    losses
        Final losses, shape (R,).
    target
        Loss at which a restart counts as a success.
    level
        Nominal coverage of the interval.

    Raises
    ------
    ValueError
        If there are no losses, or one is NaN.
    """
    values = _losses(losses)
    return proportion(int(np.sum(values <= target)), len(values), level=level)


def median_loss(losses: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Return the median final loss with its order-statistic interval, see `median`.

    Raises
    ------
    ValueError
        If there are no losses, or one is NaN.
    """
    return median(_losses(losses), level=level)


def critical_parameter_count(
    parameters: Sequence[int],
    losses: Sequence[ArrayLike],
    target: float,
    *,
    fraction: float = 0.5,
    level: float = LEVEL,
) -> Threshold:
    """Return the least number of parameters at which a given fraction of the restarts succeeds.

    Parameters
    ----------
    parameters
        Numbers of parameters tried, shape (K,), all different, in any order.
    losses
        Final losses of the restarts at each of them: K sequences, which may differ in length; or an
        array (K, R).
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
    shares = tuple(success_fraction(losses[index], target, level=level) for index in order)
    reached = [share.value >= fraction for share in shares]
    first = _first(counts, reached)
    return Threshold(
        count=first,
        low=_first(counts, [share.high >= fraction for share in shares]),
        high=_first(counts, [share.low >= fraction for share in shares]),
        fraction=fraction,
        target=target,
        monotone=first is None or all(reached[counts.index(first) :]),
        parameters=counts,
        proportions=shares,
    )


def critical_count(
    counts: Sequence[int], losses: Sequence[Real], success: float
) -> tuple[list[dict[str, float]], dict[str, int]]:
    """Return `critical_parameter_count` and the medians as plain numbers, for tables.

    Parameters
    ----------
    counts
        Numbers of parameters, increasing.
    losses
        For each of them the final losses of its restarts.
    success
        Loss at which a restart counts as a success.

    Returns
    -------
    lines
        For each number of parameters ``parameters``, ``restarts``, ``success`` (share of successes
        with its Wilson interval ``success_low``, ``success_high``) and ``median_loss``
        (with its order-statistic interval ``median_loss_low``, ``median_loss_high``).
    crossing
        ``critical``, the least number at which half of the restarts succeed; its bracket
        ``critical_low``, ``critical_high``; and ``below``, the next smaller number that was tried.
        Each is -1 where there is none: integers have no NaN. Thus -1 in the first three says that
        no number that was tried is large enough, and in the last that none below was tried.
    """
    threshold = critical_parameter_count(counts, losses, success)
    lines: list[dict[str, float]] = []
    for count, values, share in zip(counts, losses, threshold.proportions, strict=True):
        typical = median_loss(values)
        lines.append(
            {
                "parameters": int(count),
                "success": share.value,
                "success_low": share.low,
                "success_high": share.high,
                "median_loss": typical.value,
                "median_loss_low": typical.low,
                "median_loss_high": typical.high,
                "restarts": typical.samples,
            }
        )
    critical = threshold.count
    smaller = [int(count) for count in counts if critical is not None and count < critical]
    crossing = {
        "critical": critical,
        "critical_low": threshold.low,
        "critical_high": threshold.high,
        "below": max(smaller, default=None),
    }
    return lines, {name: -1 if count is None else count for name, count in crossing.items()}


def resolved(counts: ArrayLike, expected: int, step: float) -> bool:
    """Return whether numbers of parameters lie densely enough around an expected critical one.

    Parameters
    ----------
    counts
        Numbers of parameters tried.
    expected
        Expected critical number.
    step
        Largest step between neighbours over the expected number. They must reach from 0.97 to 1.03
        of it at least, and one parameter more or less must not be more than a step.
    """
    tried = np.sort(np.asarray(counts))
    near = tried[np.abs(tried / expected - 1) <= 0.05]
    spread = len(near) > 1 and near[0] <= 0.97 * expected and near[-1] >= 1.03 * expected
    return bool(step * expected >= 1 and spread and np.diff(near).max() <= step * expected)


def _first(counts: Sequence[int], flags: Sequence[bool]) -> int | None:
    """Return the first count whose flag is set."""
    return next((count for count, flag in zip(counts, flags, strict=True) if flag), None)


def _losses(losses: ArrayLike) -> Real:
    """Return losses as a checked array (R,)."""
    values = np.asarray(losses, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(
            "final losses have the shape (restarts,) with one restart or more, and not "
            f"{values.shape}"
        )
    if np.any(np.isnan(values)):
        raise ValueError(
            f"{int(np.sum(np.isnan(values)))} of {len(values)} final losses are NaN: were all "
            "restarts computed?"
        )
    return values
