"""Differences of shares: against statsmodels, and the coverage of the mean."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from trainscape.trainability.proportions import mean_difference, share_difference


@pytest.mark.parametrize(
    "counts", [(19, 50, 25, 50), (50, 50, 48, 50), (0, 40, 0, 10), (7, 9, 1, 8)]
)
def test_newcombe_against_statsmodels(counts):
    found = share_difference(*counts)
    low, high = confint_proportions_2indep(*counts, method="newcomb")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert found.value == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])


def test_the_mean_covers_what_it_should():
    """Six circuits with shares from 0 to 1, two of them certain: no less than nominal."""
    rng = np.random.default_rng(8)
    shares = np.array([0.0, 0.3, 0.5, 0.8, 0.97, 1.0])
    inside = 0
    for _ in range(400):
        ours, known = rng.binomial(50, shares), rng.binomial(50, shares)
        found = mean_difference(
            [share_difference(int(a), 50, int(b), 50) for a, b in zip(ours, known, strict=True)]
        )
        inside += found.contains(0.0)
    assert 0.93 <= inside / 400 <= 1.0


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one difference at least"):
        mean_difference([])
