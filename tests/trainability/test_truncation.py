"""Sines that a truncated surrogate needs, and numbers of paths."""

import math

import numpy as np
import pytest

from trainscape.simulators.pauli.moments import MomentEstimate
from trainscape.trainability.truncation import beyond, log10_choices, sines_needed


def test_the_part_beyond_is_the_truncation_error():
    estimate = MomentEstimate.of(
        np.array([0, 1, 1, 4]), np.array([1.0, 0.5, 0.5, 0.25]), 10, 1.0, 0.125, 2
    )
    for kappa in range(6):
        assert beyond(estimate, kappa).mean == pytest.approx(estimate.truncation_error(kappa))


def test_sines_needed_keep_all_but_a_hundredth():
    flips = np.repeat([1, 2, 3, 5], [600, 300, 95, 5])
    estimate = MomentEstimate.of(flips, np.ones(1000), 10**5, 1.0)
    # Beyond 3 sines there are 0.5 %, beyond 2 there are 10 %.
    assert sines_needed(estimate, 1e-2) == 3
    assert sines_needed(MomentEstimate.of(flips[:10], np.ones(10), 10**5, 1.0), 1e-2) == -1


def test_choices_are_sums_of_binomials():
    exact = sum(math.comb(40, j) for j in range(6))
    assert 10 ** log10_choices(40, 5) == pytest.approx(exact)
    assert 10 ** log10_choices(3, 9) == pytest.approx(8)
