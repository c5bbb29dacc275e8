"""What a truncated surrogate drops, and numbers of paths."""

import math

import numpy as np
import pytest

from trainscape.simulators.pauli.moments import MomentEstimate
from trainscape.trainability.truncation import beyond, log10_choices


def test_the_part_beyond_is_the_truncation_error():
    estimate = MomentEstimate.of(
        np.array([0, 1, 1, 4]), np.array([1.0, 0.5, 0.5, 0.25]), 10, 1.0, 0.125, 2
    )
    for kappa in range(6):
        assert beyond(estimate, kappa).mean == pytest.approx(estimate.truncation_error(kappa))


def test_choices_are_sums_of_binomials():
    exact = sum(math.comb(40, j) for j in range(6))
    assert 10 ** log10_choices(40, 5) == pytest.approx(exact)
    assert 10 ** log10_choices(3, 9) == pytest.approx(8)
