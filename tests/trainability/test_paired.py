"""Paired tests by hand, and Holm's correction."""

import numpy as np
import pytest

from trainscape.trainability.paired import holm, paired_test


def rng(seed=0):
    return np.random.default_rng(seed)


def test_signed_rank_test_by_hand():
    """d = -1, -2, -3, -4, 5, -6: W+ = 5, W- = 16, r = 11/21.

    Exact two-sided p = 2 P(W+ <= 5) = 20/64.
    """
    found = paired_test([-1, -2, -3, -4, 5, -6], np.zeros(6), rng())
    assert found.effect == pytest.approx(11 / 21)
    assert found.p_value == pytest.approx(20 / 64)
    assert (found.difference.samples, found.difference.value) == (6, -2.5)
    assert found.difference.low <= -2.5 <= found.difference.high


def test_ties_count_as_pairs_and_not_as_evidence():
    found = paired_test(np.zeros(8), np.full(8, 0.01), rng(), tie=0.01)
    assert (found.difference.samples, found.difference.value) == (8, -0.01)
    assert (found.p_value, found.effect) == (1, 0)
    # Three ties among nine pairs leave the six of the test above.
    found = paired_test([-1, -2, -3, -4, 5, -6, 0.1, -0.1, 0], np.zeros(9), rng(), tie=0.1)
    assert (found.difference.samples, found.effect, found.p_value) == (
        9,
        pytest.approx(11 / 21),
        pytest.approx(20 / 64),
    )


def test_a_clear_winner():
    found = paired_test(np.arange(10) - 20.0, np.arange(10) * 0.5, rng())
    assert found.effect == 1
    assert found.p_value == pytest.approx(2 / 2**10)
    with pytest.raises(ValueError, match="one difference"):
        paired_test([], [], rng())


def test_holm_by_hand():
    """Of 0.01, 0.04, 0.03, 0.005.

    4 x .005 = .02, 3 x .01 = .03, 2 x .03 = .06, and .04 may not be below.
    """
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])
