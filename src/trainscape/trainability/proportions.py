r"""Shares of successes in two samples: their difference, and the mean of several.

The interval of a difference is Newcombe's [1]_: from Wilson's intervals of both shares, so that it
is not empty where all runs succeed or none does. That of a mean of independent differences follows
from it by the same argument [2]_: with differences :math:`d_i` in :math:`[l_i, u_i]`

.. math:: \bar d - \frac1K \sqrt{\sum_i (d_i - l_i)^2} \quad\text{to}\quad
          \bar d + \frac1K \sqrt{\sum_i (u_i - d_i)^2} .

References
----------
.. [1] R. G. Newcombe, Statistics in Medicine 17, 873 (1998).
.. [2] G. Y. Zou and A. Donner, Statistics in Medicine 27, 1693 (2008).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from trainscape.trainability.intervals import LEVEL, Estimate, proportion

__all__ = ["mean_difference", "share_difference"]


def share_difference(
    successes: int, trials: int, other_successes: int, other_trials: int, *, level: float = LEVEL
) -> Estimate:
    """Return the difference of two shares of successes, first minus second.

    Parameters
    ----------
    successes, trials, other_successes, other_trials
        Counts of the two samples, see `proportion`.
    level
        Nominal coverage.
    """
    first = proportion(successes, trials, level=level)
    second = proportion(other_successes, other_trials, level=level)
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    error = math.hypot(first.standard_error, second.standard_error)
    samples = min(trials, other_trials)
    return Estimate(value, error, value - below, value + above, level, samples, "Newcombe")


def mean_difference(differences: Sequence[Estimate]) -> Estimate:
    """Return the mean of independent differences with its interval.

    Parameters
    ----------
    differences
        At least one, all of one level.

    Raises
    ------
    ValueError
        If there are none.
    """
    if not differences:
        raise ValueError("a mean needs one difference at least")
    count = len(differences)
    columns = ((one.value, one.standard_error, one.low, one.high) for one in differences)
    value, error, low, high = np.array(list(columns)).T
    below = float(np.linalg.norm(value - low)) / count
    above = float(np.linalg.norm(high - value)) / count
    centre = float(value.mean())
    return Estimate(
        value=centre,
        standard_error=float(np.linalg.norm(error)) / count,
        low=centre - below,
        high=centre + above,
        level=differences[0].level,
        samples=sum(one.samples for one in differences),
        method="intervals of the differences, combined",
    )
