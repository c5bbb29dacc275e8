r"""Paired comparisons of training runs: restart by restart, the same angles and outcomes on both sides.

With d the differences of the final losses, the Wilcoxon signed-rank test asks whether they are symmetric about zero. The effect size is the matched-pairs rank-biserial correlation

.. math:: r = \frac{W_- - W_+}{W_- + W_+},

with :math:`W_\pm` the sums of the ranks of \|d\| over positive and negative d: 1 if the first side is lower in all pairs, -1 if the second is. Tests of one comparison over several patches
are corrected by Holm's method.

References
----------
F. Wilcoxon, Biometrics Bulletin 1, 80 (1945); D. S. Kerby, Comprehensive Psychology 3, 11.IT.3.1 (2014); S. Holm, Scand. J. Statist. 6, 65 (1979).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import bootstrap, rankdata, wilcoxon

__all__ = ["FEWEST_PAIRS", "PairedTest", "holm", "mean_interval", "paired_test"]

Real = NDArray[np.float64]

FEWEST_PAIRS = 6
"""With fewer pairs no outcome of the two-sided test is below 0.05: the least p-value is 2 / 2^n."""

RESAMPLES = 999


@dataclass(frozen=True)
class PairedTest:
    """Outcome of a paired test; a negative `median` and a positive `effect` say that the first side has the lower loss.

    Parameters
    ----------
    pairs
        Number of pairs, ties included.
    median, low, high
        Median difference of the losses and its 95 % bootstrap interval, ties as they are.
    p_value
        Two-sided; 1 if all pairs are tied.
    effect
        Matched-pairs rank-biserial correlation.
    """

    pairs: int
    median: float
    low: float
    high: float
    p_value: float
    effect: float


def paired_test(
    first: ArrayLike, second: ArrayLike, rng: np.random.Generator, tie: float = 0.0
) -> PairedTest:
    """Compare two arrays of losses of the same restarts.

    Parameters
    ----------
    first, second
        Losses in the same order of restarts, shape ``(R,)``.
    rng
        For the bootstrap.
    tie
        Differences up to this are ties, which the test leaves out: two runs that come close to the same minimum always differ in some digit.
    """
    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if difference.ndim != 1 or len(difference) == 0:
        raise ValueError(
            f"a paired test needs one difference for each of several restarts, not an array of shape {difference.shape}"
        )
    low, high = _interval(difference, np.median, rng)
    moved = difference[np.abs(difference) > tie]
    p_value, effect = 1.0, 0.0
    if len(moved):
        ranks = rankdata(np.abs(moved))
        effect = float((ranks[moved < 0].sum() - ranks[moved > 0].sum()) / ranks.sum())
        p_value = float(wilcoxon(moved).pvalue)
    return PairedTest(len(difference), float(np.median(difference)), low, high, p_value, effect)


def mean_interval(values: Real, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean; of one value, the value."""
    return _interval(values, np.mean, rng)


def _interval(values: Real, statistic: object, rng: np.random.Generator) -> tuple[float, float]:
    if len(values) < 2 or np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = bootstrap(
        (values,), statistic, n_resamples=RESAMPLES, method="percentile", rng=rng, vectorized=True
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def holm(p_values: ArrayLike) -> Real:
    """Return p-values corrected for their number by Holm's step-down method, in the order given."""
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return corrected
