"""Checks of eigenstate thermalisation."""

import numpy as np
import pytest

from trainscape.trainability.random_matrices import CHECKS, passed_checks
from trainscape.trainability.spectral_statistics import GOE, POISSON

IDEAL = {
    "gap_ratio": GOE,
    "gaussianity": np.pi / 2,
    "variance_ratio": 2.0,
    "freeness_window": 0.0,
    "frame_potential_2": 1.0,
}


def test_a_random_matrix_passes_all_checks():
    assert passed_checks(IDEAL) == dict.fromkeys(CHECKS, True)


@pytest.mark.parametrize(
    ("check", "inside", "outside"),
    [
        ("gap_ratio", POISSON + 0.71 * (GOE - POISSON), POISSON + 0.69 * (GOE - POISSON)),
        ("gaussianity", 1.14 * np.pi / 2, 1.16 * np.pi / 2),
        ("variance_ratio", 1.01, 0.99),
        ("variance_ratio", 3.99, 4.01),
        ("freeness_window", -0.049, -0.051),
        ("frame_potential_2", 0.86, 0.84),
    ],
)
def test_each_check_has_its_limit_and_fails_alone(check, inside, outside):
    assert all(passed_checks({**IDEAL, check: inside}).values())
    for value in (outside, np.nan):
        flags = passed_checks({**IDEAL, check: value})
        assert [name for name, passed in flags.items() if not passed] == [check]
