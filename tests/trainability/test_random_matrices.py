"""Checks of eigenstate thermalisation."""

import numpy as np
import pytest

from trainscape.trainability.random_matrices import (
    CHECKS,
    block_statistics,
    passed_checks,
    resolved_statistics,
)
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


def test_sectors_are_averaged_with_their_orders_as_weights():
    rng = np.random.default_rng(8)
    orders, (times,) = (24, 8), rng.uniform(0, 1e6, (1, 256))
    sectors = [[square + square.T for square in rng.normal(size=(3, n, n))] for n in orders]
    # Hide the two sectors by a rotation of the whole space.
    rotation = np.linalg.qr(rng.normal(size=(32, 32)))[0]
    hamiltonian, *operators = (
        rotation @ np.block([[a, np.zeros((24, 8))], [np.zeros((8, 24)), b]]) @ rotation.T
        for a, b in zip(*sectors, strict=True)
    )
    found = resolved_statistics(hamiltonian, operators, times, (rotation[:, :24], rotation[:, 24:]))
    first, second = (block_statistics(sector[0], sector[1:], times) for sector in sectors)
    assert found.keys() == first.keys()
    for name in ("gap_ratio", "freeness_window", "frame_potential_2"):
        assert found[name] == pytest.approx(0.75 * first[name] + 0.25 * second[name])
    np.testing.assert_allclose(
        found["kurtosis"],
        0.75 * np.array(first["kurtosis"]) + 0.25 * np.array(second["kurtosis"]),
    )
    assert found["gap_ratio_variance"] == pytest.approx(
        0.75**2 * first["gap_ratio_variance"] + 0.25**2 * second["gap_ratio_variance"]
    )


def test_without_sectors_the_statistics_are_those_of_the_block():
    rng = np.random.default_rng(9)
    hamiltonian, *operators = (square + square.T for square in rng.normal(size=(3, 16, 16)))
    times = rng.uniform(0, 1e6, 64)
    found = resolved_statistics(hamiltonian, operators, times)
    for name, value in block_statistics(hamiltonian, operators, times).items():
        np.testing.assert_allclose(found[name], value)
