"""Spectral statistics against random matrices, exact counts and averages over explicit times."""

import numpy as np
import pytest
from scipy.stats import unitary_group

from trainscape.trainability.spectral_statistics import (
    GOE,
    GUE,
    POISSON,
    frame_potential,
    frame_potential_limit,
    gap_ratios,
    late_time_freeness,
    matrix_elements,
    middle,
    windowed,
)


def goe(rng, size):
    square = rng.normal(size=(size, size))
    return (square + square.T) / np.sqrt(2 * size)


def gue(rng, size):
    square = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return (square + square.conj().T) / 2


def independent(rng, size):
    return np.diag(rng.uniform(size=size))


@pytest.mark.parametrize(("draw", "expected"), [(goe, GOE), (gue, GUE), (independent, POISSON)])
def test_mean_gap_ratios_of_random_matrices(draw, expected):
    rng = np.random.default_rng(1)
    ratios = np.concatenate([gap_ratios(np.linalg.eigvalsh(draw(rng, 300))) for _ in range(30)])
    error = ratios.std() / np.sqrt(len(ratios))
    assert error < 0.004
    assert abs(ratios.mean() - expected) < 3.5 * error


def test_gap_ratios_of_known_spectra():
    np.testing.assert_allclose(gap_ratios(np.arange(12.0)), 1)
    np.testing.assert_allclose(gap_ratios(np.array([0.0, 1, 3, 4]), 1.0), [0.5, 0.5])
    # Two-fold degenerate levels: every ratio has a vanishing gap, up to rounding.
    assert (gap_ratios(np.repeat(np.arange(10.0), 2) + np.tile([0, 1e-15], 10)) == 0).all()
    assert (gap_ratios(np.ones(9)) == 0).all()
    assert len(gap_ratios(np.array([1.0, 2.0]))) == 0


def test_levels_out_of_order_are_refused():
    with pytest.raises(ValueError, match="ascending order"):
        gap_ratios(np.array([1.0, 0.0, 2.0]))


def test_the_middle_levels():
    assert middle(9, 1 / 3) == slice(2, 6)
    assert middle(12, 1 / 3) == slice(4, 8)
    assert middle(3, 0.1) == slice(0, 3)
    np.testing.assert_array_equal(
        windowed(np.arange(36).reshape(6, 6), 2 / 3),
        [[7, 8, 9, 10], [13, 14, 15, 16], [19, 20, 21, 22], [25, 26, 27, 28]],
    )
    with pytest.raises(ValueError, match="fraction=0"):
        middle(9, 0)


def test_elements_of_a_random_operator_are_normal():
    rng = np.random.default_rng(2)
    found = [
        matrix_elements(np.linalg.eigvalsh(goe(rng, 400)), goe(rng, 400), 1 / 4) for _ in range(12)
    ]
    for name, expected in (("kurtosis", 3), ("gaussianity", np.pi / 2), ("variance_ratio", 2)):
        values = np.array([getattr(one, name) for one in found])
        assert abs(values.mean() - expected) < 4 * values.std() / np.sqrt(12)


def test_a_trend_of_the_diagonal_in_energy_does_not_count():
    rng = np.random.default_rng(3)
    energies, operator = np.sort(rng.normal(size=60)), goe(rng, 60)
    plain, tilted = (
        matrix_elements(energies, operator, 1.0),
        matrix_elements(energies, operator + np.diag(1 + 5 * energies), 1.0),
    )
    assert tilted.variance_ratio == pytest.approx(plain.variance_ratio)
    assert tilted.kurtosis == plain.kurtosis


def test_an_operator_without_off_diagonal_elements_has_no_statistics():
    assert np.isnan(matrix_elements(np.arange(8.0), np.diag(np.arange(8.0))).kurtosis)
    with pytest.raises(ValueError, match="2 levels are too few"):
        matrix_elements(np.arange(2.0), np.eye(2))


def centred(operator):
    return operator - np.trace(operator) / len(operator) * np.eye(len(operator))


def test_freeness_is_the_average_over_explicit_times():
    rng = np.random.default_rng(4)
    energies, a, b = np.sort(rng.normal(size=5)), goe(rng, 5), goe(rng, 5)
    times = rng.uniform(0, 1e6, 40000)
    phases = np.exp(1j * times[:, None] * energies)
    moved = phases[:, :, None] * centred(a) * phases.conj()[:, None, :]
    product = moved @ centred(b)
    norms = np.trace(centred(a) @ centred(a)) * np.trace(centred(b) @ centred(b)) / 25
    values = np.einsum("tij,tji->t", product, product).real / 5 / norms
    assert abs(values.mean() - late_time_freeness(a, b)) < 4 * values.std() / np.sqrt(len(times))


def test_freeness_of_operators_that_commute_with_the_hamiltonian():
    signs = np.diag([1.0, -1, 1, -1])
    assert late_time_freeness(signs, signs) == pytest.approx(1)
    assert np.isnan(late_time_freeness(np.eye(4), signs))
    with pytest.raises(ValueError, match="do not act on one space"):
        late_time_freeness(np.eye(4), np.eye(3))


def test_freeness_in_a_random_eigenbasis_is_of_the_order_of_the_inverse_dimension():
    rng = np.random.default_rng(5)
    values = [late_time_freeness(goe(rng, 200), goe(rng, 200)) for _ in range(5)]
    assert max(np.abs(values)) < 5 / 200


def test_the_mean_over_haar_random_rotations_is_the_quoted_one():
    rng = np.random.default_rng(6)
    a, b = (centred(np.diag(rng.normal(size=4))) for _ in range(2))
    norms = np.trace(a @ a) * np.trace(b @ b) / 16
    moved = [u @ a @ u.conj().T @ b for u in unitary_group.rvs(4, 20000, rng)]
    values = np.array([np.trace(m @ m).real for m in moved]) / 4 / norms
    assert abs(values.mean() + 1 / 15) < 4 * values.std() / np.sqrt(len(values))


def test_frame_potential_of_equally_spaced_levels_counts_equal_sums():
    levels, count = 6, 64
    # A grid over the period averages exactly.
    times = 2 * np.pi * np.arange(count) / count
    assert frame_potential(np.arange(levels), times, 1) == pytest.approx(levels)
    sums = np.bincount(np.add.outer(np.arange(levels), np.arange(levels)).ravel())
    assert frame_potential(np.arange(levels), times, 2) == pytest.approx((sums**2).sum())


@pytest.mark.parametrize(("order", "factor"), [(1, 1.0), (2, 2.2)])
def test_frame_potential_of_generic_levels_reaches_its_limit(order, factor):
    rng = np.random.default_rng(7)
    times = rng.uniform(0, 1e8, 20000)
    ratio = frame_potential(
        np.linalg.eigvalsh(goe(rng, 100)), times, order
    ) / frame_potential_limit(100, order)
    assert abs(ratio - 1) < 4 * factor / np.sqrt(len(times))


def test_frame_potential_of_degenerate_levels_is_larger():
    times = np.random.default_rng(8).uniform(0, 1e8, 20000)
    levels = np.repeat(np.random.default_rng(9).normal(size=20), 2)
    # Forty levels in twenty pairs: sum of the squared multiplicities.
    assert frame_potential(levels, times, 1) == pytest.approx(80, rel=0.05)


def test_limits_of_other_orders_are_refused():
    with pytest.raises(ValueError, match="orders 1 and 2"):
        frame_potential_limit(10, 3)
