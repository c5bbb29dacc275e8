r"""Paired comparisons of runs that share everything but what is compared.

With d the differences of the final losses, the Wilcoxon signed-rank test [1]_ asks whether they are
symmetric about zero. The effect size is the matched-pairs rank-biserial correlation [2]_

.. math:: r = \frac{W_- - W_+}{W_- + W_+},

with :math:`W_\pm` the sums of the ranks of \|d\| over positive and negative d: 1 if the first side
is lower in all pairs, -1 if the second is.

References
----------
.. [1] F. Wilcoxon, Biometrics Bulletin 1, 80 (1945).
.. [2] D. S. Kerby, Comprehensive Psychology 3, 11.IT.3.1 (2014).
.. [3] S. Holm, Scandinavian Journal of Statistics 6, 65 (1979).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata, wilcoxon

from trainscape.trainability.intervals import Estimate, bootstrap

__all__ = ["FEWEST_PAIRS", "PairedTest", "holm", "paired_test"]

FEWEST_PAIRS = 6
"""With fewer pairs no outcome of the two-sided test is below 0.05: the least p-value is 2 / 2^n."""


@dataclass(frozen=True)
class PairedTest:
    """Outcome of a paired test.

    Parameters
    ----------
    difference
        Median difference of the losses, first minus second, with its bootstrap interval; ties as
        they are. Its `samples` are the pairs, ties included.
    p_value
        Two-sided; 1 if all pairs are tied.
    effect
        Matched-pairs rank-biserial correlation; positive if the first side is lower.
    """

    difference: Estimate
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
        Random stream of the bootstrap.
    tie
        Differences up to this are ties, which the test leaves out: two runs that come close to the
        same minimum always differ in some digit.
    """
    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if difference.ndim != 1 or len(difference) == 0:
        raise ValueError(
            "a paired test needs one difference for each of several restarts, not an array of "
            f"shape {difference.shape}"
        )
    moved = difference[np.abs(difference) > tie]
    p_value, effect = 1.0, 0.0
    if len(moved):
        ranks = rankdata(np.abs(moved))
        effect = float((ranks[moved < 0].sum() - ranks[moved > 0].sum()) / ranks.sum())
        p_value = float(wilcoxon(moved).pvalue)
    return PairedTest(bootstrap(difference, np.median, rng), p_value, effect)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values corrected for their number by Holm's method [3]_, in the order given."""
    # Imported here: statsmodels takes half a second, and few callers correct anything.
    from statsmodels.stats.multitest import multipletests

    values = np.asarray(p_values, dtype=np.float64)
    if not len(values):
        return values
    corrected: NDArray[np.float64] = multipletests(values, method="holm")[1]
    return corrected
