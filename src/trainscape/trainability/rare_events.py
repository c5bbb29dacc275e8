"""Sums of weights of events that are counted: what a sample with few of them says, or with none."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from scipy.stats import gamma

__all__ = ["LEVEL", "counted", "weighted_count"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

LEVEL = 0.95
"""Nominal coverage of an interval unless another one is asked for."""


def weighted_count(
    weights: Real, largest: float, *, level: float = LEVEL
) -> tuple[float, float, float]:
    """Return a sum of weights of rare events that were met, with the ends of its interval.

    Numbers of events are Poisson variables, and the interval is that of Fay and Feuer, which
    covers at least nominally in simulations: the lower end is a quantile of the gamma distribution
    with the mean and variance of the sum, and the upper end one with an event of the largest weight
    more. Without events, it goes from zero to 3.7 times `largest` at 95 %.

    Parameters
    ----------
    weights
        Weight of each event that was met, not negative, shape ``(N,)``.
    largest
        Largest weight that an event can have.
    level
        Nominal coverage.

    References
    ----------
    M. P. Fay, E. J. Feuer, Statistics in Medicine 16, 791 (1997).
    """
    total, variance = math.fsum(weights), math.fsum(np.square(weights))
    largest = max(largest, float(weights.max(initial=0.0)))
    tail = (1 - level) / 2
    low = (
        float(gamma.ppf(tail, total**2 / variance, scale=variance / total)) if variance > 0 else 0.0
    )
    above, wide = total + largest, variance + largest**2
    high = float(gamma.isf(tail, above**2 / wide, scale=wide / above)) if wide > 0 else total
    return total, low, high


def counted(
    counts: Int, weights: Real, samples: int, *, level: float = LEVEL
) -> tuple[float, float, float]:
    """Return a mean over samples in which some kinds of events happen, with its interval's ends.

    Each number of events has an interval of Clopper and Pearson at the level
    ``1 - (1 - level) / m``, and the ends add up, so that it covers at least nominally, whatever was
    met. The mean is that of something that is not negative.

    Parameters
    ----------
    counts, weights
        How often each kind of event happened, and what one adds, shape ``(m,)``. A sample has one
        event at most.
    samples
        Number of samples.
    level
        Nominal coverage.
    """
    tail = (1.0 - level) / (2 * len(counts))
    low = np.where(counts > 0, betaincinv(np.maximum(counts, 1), samples - counts + 1, tail), 0.0)
    high = np.where(
        counts < samples, betaincinv(counts + 1, np.maximum(samples - counts, 1), 1.0 - tail), 1.0
    )
    ends = [float(np.where(weights > 0, *pair) @ weights) for pair in ((low, high), (high, low))]
    value = float((counts / samples) @ weights)
    return max(value, 0.0), max(ends[0], 0.0), ends[1]
