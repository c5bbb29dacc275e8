"""Coverage of the intervals of weighted counts."""

import math

import numpy as np
import pytest

from trainscape.trainability.rare_events import counted, weighted_count


def test_weighted_counts_cover():
    """Poisson numbers of events of three weights, rare and frequent."""
    rng, kinds = np.random.default_rng(4), np.array([1.0, 0.3, 0.05])
    for means in ([0.3, 1.0, 2.0], [0.0, 3.0, 30.0], [5.0, 20.0, 4.0]):
        held = []
        for _ in range(1000):
            events = np.repeat(kinds, rng.poisson(means))
            _, low, high = weighted_count(events, 1.0)
            held.append(low <= kinds @ means <= high)
        assert np.mean(held) > 0.94
    assert weighted_count(np.empty(0), 2.0)[1:] == pytest.approx((0.0, -2 * math.log(0.025)))
    # One kind of event: the exact interval of a Poisson mean, 5 events here.
    assert weighted_count(np.ones(5), 1.0)[1:] == pytest.approx((1.6235, 11.6683), abs=1e-3)
    assert weighted_count(np.empty(0), 0.0) == (0.0, 0.0, 0.0)


def test_counts_of_two_signs_cover():
    """Rare and frequent events, of which some count negatively."""
    rng = np.random.default_rng(7)
    for chances, weights in (
        ([0.02], [1.0]),
        ([0.3, 0.1], [2.0, -2.0]),
        ([0.01, 0.002], [1.0, -1.0]),
    ):
        exact = np.array(chances) @ weights
        held = []
        for _ in range(1000):
            counts = rng.multinomial(200, [*chances, 1 - sum(chances)])[:-1]
            value, low, high = counted(counts, np.array(weights), 200)
            assert low <= max(value, 0) <= high
            held.append(low <= exact <= high)
        assert np.mean(held) > 0.94
    # Clopper and Pearson: nothing met in 100, and 5 in 100.
    assert counted(np.array([0]), np.ones(1), 100)[1:] == pytest.approx((0.0, 0.03622), abs=1e-5)
    assert counted(np.array([5]), np.ones(1), 100)[1:] == pytest.approx(
        (0.01643, 0.11283), abs=1e-5
    )
