"""Coverage of the intervals of weighted counts."""

import math

import numpy as np
import pytest

from trainscape.trainability.rare_events import weighted_count


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
