"""Gradients against differences of expectations of other modules; variances against integrals."""

from itertools import product
from math import comb

import numpy as np
import pytest

from trainscape.physics.hypergraph.measurements import nullifier_moments
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.variances import (
    displacement_gradient,
    displacement_variance,
    normal_angle_variance,
    nullifier_gradient,
    nullifier_loss_gradient,
    nullifier_variance,
    qubit_gradient,
    qubit_variance,
    residual_edges,
)

U = 0.7


def edges_with(mode, monomials):
    return [monomials.index[edge] for edge in monomials.edges if mode in edge]


def difference(function, values, place, step=1e-5):
    up, down = values.copy(), values.copy()
    up[place] += step
    down[place] -= step
    return (function(up) - function(down)) / (2 * step)


@pytest.mark.parametrize(("modes", "order"), [(3, 2), (4, 3), (5, 3)])
def test_nullifier_gradient(modes, order):
    monomials, rng = Monomials(modes, order), np.random.default_rng(1)
    w, kappa = np.zeros((2, monomials.count))
    w[monomials.edge_offset :], kappa[monomials.edge_offset :] = rng.uniform(
        -1, 1, (2, monomials.edge_count)
    )
    places = edges_with(0, monomials)

    def second(table):
        return nullifier_moments(monomials, table, 0, kappa, U, 1 / (4 * U))[1]

    found = nullifier_gradient((w - kappa)[places], order, U)
    assert found == pytest.approx(difference(second, w, places[0]), rel=1e-8)


def test_moments_need_the_squeezed_start_only_through_its_projections():
    """Positions of two values, with the same first and second moments, give the same E y^2."""
    modes, order = 4, 3
    monomials, rng = Monomials(modes, order), np.random.default_rng(2)
    table = np.zeros(monomials.count)
    table[monomials.edge_offset :] = rng.uniform(-1, 1, monomials.edge_count)
    _, second = nullifier_moments(monomials, table, 0, np.zeros_like(table), U, 0.0)
    total = 0.0
    for signs in product((-1.0, 1.0), repeat=modes - 1):
        q = np.sqrt(U) * np.array([0.0, *signs])
        residual = sum(
            table[monomials.index[edge]] * np.prod([q[m] for m in edge if m != 0])
            for edge in monomials.edges
            if 0 in edge
        )
        total += residual**2 / 2 ** (modes - 1)
    assert total == pytest.approx(second, rel=1e-12)


def test_displacement_gradient_against_a_mean_over_positions():
    rng = np.random.default_rng(3)
    delta, shift = np.array([0.4, -0.7, 0.2]), 1.3
    # Gauss and Hermite in each position.
    x, weights = np.polynomial.hermite_e.hermegauss(30)
    grids = np.stack(np.meshgrid(x, x, x, indexing="ij"), -1) * np.sqrt(U)
    mass = np.einsum("i,j,k->ijk", *(weights / weights.sum(),) * 3)

    def expectation(values):
        return np.exp(-(shift**2) / (8 * U)) * (mass * np.cos(shift * grids @ values)).sum()

    found = displacement_gradient(delta, shift, U)
    assert found == pytest.approx(difference(expectation, delta, 0), rel=1e-7)
    draws = rng.uniform(-1, 1, (200_000, 3))
    second = (displacement_gradient(draws, shift, U) ** 2).mean()
    assert displacement_variance(4, shift, U) == pytest.approx(second, rel=0.01)


def state(modes, order, angles):
    """State vector of the residual weights of edges with qubit 0, by its definition."""
    bits = np.array(list(product((0, 1), repeat=modes)))
    edges = [edge for edge in Monomials(modes, order).edges if 0 in edge]
    phase = sum(a * bits[:, list(e)].prod(axis=1) for a, e in zip(angles, edges, strict=True))
    return np.exp(1j * phase) / np.sqrt(2**modes)


@pytest.mark.parametrize(("modes", "order"), [(2, 2), (4, 2), (4, 3), (5, 4)])
def test_qubit_gradient_against_a_state_vector(modes, order):
    """X on qubit 0 in the state of the residual weights is the readout."""
    angles = np.random.default_rng(4).uniform(-np.pi, np.pi, comb(modes - 1, order - 1))

    def expectation(values):
        psi = state(modes, order, values).reshape(2, -1)
        return 2 * np.vdot(psi[0], psi[1]).real

    found = qubit_gradient(angles, modes, order)
    assert found == pytest.approx(difference(expectation, angles, 0), rel=1e-7)


@pytest.mark.parametrize(("modes", "order"), [(4, 2), (6, 3)])
def test_qubit_variances(modes, order):
    rng = np.random.default_rng(5)
    edges = residual_edges(modes, order).edge_count
    for angles, law in (
        (rng.uniform(-np.pi, np.pi, (20_000, edges)), qubit_variance(modes, order)),
        (rng.normal(0, 0.4, (20_000, edges)), normal_angle_variance(modes, order, 0.4)),
    ):
        squares = qubit_gradient(angles, modes, order) ** 2
        error = squares.std() / np.sqrt(len(squares))
        assert squares.mean() == pytest.approx(law, abs=4 * error)
        assert error < 0.03 * law
    assert qubit_variance(4, 2) == 1 / 32


def test_wide_normal_angles_are_uniform_on_the_circle():
    """Up to pairs of strings with equal active edges, which is all that the circle leaves."""
    for modes, order in ((5, 2), (6, 3)):
        assert normal_angle_variance(modes, order, 6.0) == pytest.approx(
            qubit_variance(modes, order), rel=1e-4
        )
    assert normal_angle_variance(30, 3, 0.05) > 0


def test_nullifier_variance():
    delta = np.random.default_rng(6).uniform(-1, 1, (200_000, 1))
    second = (nullifier_gradient(delta, 3, U) ** 2).mean()
    assert nullifier_variance(3, U) == pytest.approx(second, rel=0.01)


@pytest.mark.parametrize(("modes", "order"), [(3, 2), (4, 3)])
def test_loss_of_all_nullifiers(modes, order):
    """Gradient against differences; moments against answers that are drawn."""
    monomials, rng = Monomials(modes, order), np.random.default_rng(7)
    w, target = rng.uniform(-1, 1, (2, 1, monomials.edge_count))
    loss, gradient = nullifier_loss_gradient(w, target, modes, order, U, 3.0)

    def one(values):
        return nullifier_loss_gradient(values[None], target, modes, order, U, 3.0)[0][0]

    for place in range(monomials.edge_count):
        assert gradient[0, place] == pytest.approx(difference(one, w[0], place), rel=1e-6)

    # Second moments of all answers, over positions of two values (see above).
    def moments(values):
        signs = np.sqrt(U) * np.array(list(product((-1.0, 1.0), repeat=modes)))
        answers = np.zeros((len(signs), modes))
        for weight, edge in zip(values, monomials.edges, strict=True):
            for b in edge:
                answers[:, b] += weight * signs[:, [m for m in edge if m != b]].prod(axis=1)
        return answers.T @ answers / len(signs)

    expected = ((moments(w[0]) - moments(target[0])) ** 2).sum() / 9
    assert loss[0] == pytest.approx(expected, rel=1e-12)
    zero, flat = nullifier_loss_gradient(w, w, modes, order, U, 3.0)
    assert zero[0] == 0
    assert not flat.any()


def test_what_is_refused():
    with pytest.raises(ValueError, match="no gradient of this kind"):
        qubit_variance(3, 1)
