"""Laws of outcomes: moments, constraints, uniformity, against grids and exact statements."""

import numpy as np
import pytest
from scipy import stats

from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import GroupElement, stabiliser
from trainscape.physics.hypergraph.magic_squares import PAIR, weight_observables
from trainscape.physics.hypergraph.measurements import (
    context_constraints,
    nullifier_moments,
    sample_context,
    sample_nullifier,
)
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.squeezing import momentum_variance, position_variance

WEIGHTS = (-0.6, 0.1, 0.9)


@pytest.mark.parametrize(("modes", "order"), [(2, 2), (3, 2), (3, 3)])
def test_nullifier_moments_on_a_grid(modes, order):
    rng = np.random.default_rng(7)
    monomials = Monomials(modes, order)
    phi, kappa = 0.5 * rng.normal(size=(2, monomials.count))
    points, width = (128, 12.0) if modes == 2 else (80, 9.0)
    state = GridState.vacuum(modes, 0.2, points, width).with_phase(monomials, phi)
    expected = state.nullifier_moments(monomials, modes - 1, kappa)
    variances = position_variance(0.2), momentum_variance(0.2)
    found = nullifier_moments(monomials, phi, modes - 1, kappa, *variances)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_worked_example_of_a_nullifier():
    """E y^2 = s_p^2 + 0.35^2 + 0.5^2 s_q^2."""
    mean, second = nullifier_moments(PAIR, [0, -0.35, 0.7], 1, [0, 0, 0.2], 2.0, 0.125)
    assert mean == pytest.approx(-0.35)
    assert second == pytest.approx(0.125 + 0.1225 + 0.25 * 2.0)


def test_sampled_nullifiers():
    rng = np.random.default_rng(8)
    monomials = Monomials(4, 3)
    phi = rng.normal(size=monomials.count)
    mean, second = nullifier_moments(monomials, phi, 2, 0.0, 0.6, 0.3)
    y = sample_nullifier(monomials, np.tile(phi, (200_000, 1)), 2, 0.0, rng, 0.6, 0.3)
    assert abs(y.mean() - mean) < 4 * y.std() / np.sqrt(len(y))
    assert abs((y**2).mean() - second) < 4 * (y**2).std() / np.sqrt(len(y))
    ideal = sample_nullifier(monomials, phi, 2, phi, rng)
    assert ideal == pytest.approx(0, abs=1e-12)


def test_nullifier_with_a_mode_each():
    monomials = Monomials(3, 2)
    phi = np.random.default_rng(9).normal(size=(3, monomials.count))
    mean, second = nullifier_moments(monomials, phi, np.arange(3), 0.0, 0.6, 0.3)
    for mode in range(3):
        one = nullifier_moments(monomials, phi[mode], mode, 0.0, 0.6, 0.3)
        np.testing.assert_allclose([mean[mode], second[mode]], one)


def as_dict(constraints, row=()):
    """The constraints that hold, by powers, as points of the circle."""
    return {
        tuple(m): np.exp(1j * constraints.angles[(*row, t)])
        for t, m in enumerate(constraints.powers.tolist())
        if constraints.holds[(*row, t)]
    }


@pytest.mark.parametrize("stored", range(3))
def test_constraints_of_the_square(stored):
    """The stored weight fixes its own angle to 0; the sum of all is pi; so is that of the others."""
    phi = [0.0, 0.0, WEIGHTS[stored]]
    found = as_dict(context_constraints(weight_observables(WEIGHTS), phi))
    own = tuple(int(j == stored) for j in range(3))
    assert found[own] == pytest.approx(1, abs=1e-9)
    assert found[1, 1, 1] == pytest.approx(-1, abs=1e-9)
    others = tuple(1 - entry for entry in own)
    assert found[others] == pytest.approx(-1, abs=1e-9)
    # The fourth, others minus own, follows from these.
    assert len(found) == 4


def test_a_weight_that_is_not_asked_for():
    found = as_dict(context_constraints(weight_observables(WEIGHTS), [0.0, 0.0, 0.5]))
    assert set(found) == {(1, 1, 1)}


def test_sampled_square():
    """theta_2 = 0, theta_1 uniform, theta_3 = pi - theta_1, for many draws at once."""
    phi = np.tile([0.0, 0.0, 0.1], (5000, 1))
    theta = sample_context(weight_observables(WEIGHTS), phi, np.random.default_rng(2))
    assert theta.shape == (5000, 3)
    assert (theta >= 0).all()
    assert (theta < 2 * np.pi).all()
    np.testing.assert_allclose(np.exp(1j * theta[:, 1]), 1, atol=1e-9)
    np.testing.assert_allclose(np.exp(1j * theta.sum(axis=1)), -1, atol=1e-9)
    assert stats.kstest(theta[:, 0] / (2 * np.pi), "uniform").pvalue > 1e-3
    again = sample_context(weight_observables(WEIGHTS), phi, np.random.default_rng(2))
    np.testing.assert_array_equal(theta, again)


def test_displaced_state():
    s = weight_observables(WEIGHTS)[1].shift
    theta = sample_context(weight_observables(WEIGHTS), [0.4, -0.9, 0.1], np.random.default_rng(3))
    expected = 0.4 * s[0] - 0.9 * s[1]
    assert np.exp(1j * (theta[1] - expected)) == pytest.approx(1, abs=1e-9)


def test_batch_with_different_constraints():
    phi = np.array([[0, 0, w] for w in (*WEIGHTS, 0.5)])
    theta = sample_context(weight_observables(WEIGHTS), phi, np.random.default_rng(4))
    for j in range(3):
        assert np.exp(1j * theta[j, j]) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(np.exp(1j * theta.sum(axis=1)), -1, atol=1e-9)


def test_constraints_on_powers():
    """A context of g and K with g^2 = K: twice the first angle is fixed, two values are left."""
    pair = Monomials(2, 2)
    phi = np.array([0.3, 0.1, 0.8])
    half = stabiliser(pair, phi, [0.5, 0.0])
    root = GroupElement.of(pair, half.shift, half.table, half.constant + np.pi / 3)
    whole = root @ root
    found = as_dict(context_constraints([root, whole], phi, 2))
    assert found[-2, 1] == pytest.approx(1, abs=1e-9)
    theta = sample_context([root, whole], phi, np.random.default_rng(5), 2)
    np.testing.assert_allclose(theta, [np.pi / 3, 2 * np.pi / 3], atol=1e-9)


def test_square_roots_leave_two_values():
    """A parity that has no value itself while its square has one."""
    pair = Monomials(2, 2)
    phi = np.zeros(3)
    # exp(i pi p_1) and exp(2 i q_1) commute; the first has the value 1, the second has none.
    shift = GroupElement.of(pair, [np.pi, 0.0])
    phase = GroupElement.of(pair, [0.0, 0.0], [2.0, 0.0, 0.0])
    mixed = shift @ phase
    constraints = as_dict(context_constraints([phase, mixed], phi))
    assert set(constraints) == {(-1, 1)}
    draws = sample_context(
        [phase, mixed @ phase], np.tile(phi, (2000, 1)), np.random.default_rng(6), 2
    )
    # mixed phase = T(pi) exp(4 i q): its angle is twice the first's.
    np.testing.assert_allclose(np.exp(1j * (draws[:, 1] - 2 * draws[:, 0])), 1, atol=1e-9)
    swapped = sample_context(
        [mixed @ phase, phase], np.tile(phi, (2000, 1)), np.random.default_rng(6), 2
    )
    np.testing.assert_allclose(np.exp(1j * (swapped[:, 0] - 2 * swapped[:, 1])), 1, atol=1e-9)
    # Both roots of an angle occur, equally often.
    upper = (swapped[:, 1] > np.pi).mean()
    assert abs(upper - 0.5) < 4 * 0.5 / np.sqrt(2000)


def test_elements_that_do_not_commute():
    pair = Monomials(2, 2)
    shift = GroupElement.of(pair, [1.0, 0.0])
    phase = GroupElement.of(pair, [0.0, 0.0], [1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="elements 0 and 1 of a context do not commute"):
        sample_context([shift, phase], np.zeros(3), np.random.default_rng(1))
