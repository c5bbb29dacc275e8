"""The dense adjoint representation against brackets, sparse rules and a grid."""

from math import comb

import numpy as np
import pytest

from trainscape.physics.hypergraph.adjoint import AdjointAlgebra
from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import GroupElement, exponential
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import (
    add_gate,
    displace,
    evaluate,
    kick,
    nullifier_residual,
    zero_phase,
)

SIZES = [(2, 2), (3, 2), (3, 3), (4, 3), (5, 2)]


@pytest.fixture(params=SIZES, ids=str)
def algebra(request):
    return AdjointAlgebra(Monomials(*request.param))


@pytest.mark.parametrize(
    ("modes", "order", "dimension"),
    [(2, 2, 6), (3, 2, 10), (3, 3, 11), (4, 3, 19), (8, 2, 45), (8, 3, 101), (8, 4, 171)],
)
def test_dimension(modes, order, dimension):
    assert AdjointAlgebra(Monomials(modes, order)).dimension == dimension
    assert dimension == modes + sum(comb(modes, d) for d in range(order + 1))


def test_representation_of_the_brackets(algebra):
    """ad([X, Y]) = [ad X, ad Y], and ad^(k + 1) = 0 but ad^k is not."""
    monomials = algebra.monomials
    n, rng = monomials.modes, np.random.default_rng(3)
    x, y = rng.normal(size=(2, n + monomials.count))
    ad_x, ad_y = (algebra.ad(z[:n], z[n:]) for z in (x, y))
    bracket = ad_x @ algebra.coordinates(y[:n], y[n:])
    assert not bracket[:n].any()
    np.testing.assert_allclose(
        algebra.ad(bracket[:n], bracket[n + 1 :]), ad_x @ ad_y - ad_y @ ad_x, atol=1e-12
    )
    np.testing.assert_allclose(ad_y @ algebra.coordinates(x[:n], x[n:]), -bracket, atol=1e-12)
    power = np.linalg.matrix_power(ad_x, monomials.order)
    assert np.abs(power).max() > 1e-3
    np.testing.assert_allclose(power @ ad_x, 0, atol=1e-10)


def test_brackets_of_the_basis(algebra):
    """[i p_i, i q_S] = i q_(S without i), from the definition."""
    monomials = algebra.monomials
    n = monomials.modes
    units = np.eye(n)
    for mode in range(n):
        matrix = algebra.ad(units[mode], np.zeros(monomials.count))
        for place, members in enumerate(monomials.sets):
            expected = np.zeros(algebra.dimension)
            if mode in members:
                rest = tuple(m for m in members if m != mode)
                expected[n + 1 + monomials.index[rest] if rest else n] = 1.0
            np.testing.assert_array_equal(matrix[:, n + 1 + place], expected)


def test_exponential_and_group_agree(algebra):
    monomials = algebra.monomials
    rng = np.random.default_rng(4)
    elements, matrices = [], []
    for _ in range(3):
        s, q = rng.normal(size=monomials.modes), rng.normal(size=monomials.count)
        elements.append(exponential(monomials, s, q))
        matrices.append(algebra.evolution(s, q))
        np.testing.assert_allclose(algebra.of_element(elements[-1]), matrices[-1], atol=1e-10)
    whole = elements[2] @ elements[1] @ elements[0]
    np.testing.assert_allclose(
        algebra.of_element(whole), matrices[0] @ matrices[1] @ matrices[2], atol=1e-9
    )


def test_sparse_rules_agree(algebra):
    """A random circuit: means of all momenta by products of matrices and by the table."""
    monomials = algebra.monomials
    n, rng = monomials.modes, np.random.default_rng(6)
    phi, total = zero_phase(monomials), np.eye(algebra.dimension)
    for _ in range(60):
        mode, value = int(rng.integers(n)), float(rng.normal())
        shift, table = np.zeros(n), zero_phase(monomials)
        which = rng.integers(3)
        if which == 0:
            monomial = monomials.sets[rng.integers(monomials.count)]
            phi = add_gate(monomials, phi, monomial, value)
            table = add_gate(monomials, table, monomial, value)
        elif which == 1:
            phi = displace(monomials, phi, mode, value)
            shift[mode] = -value
        else:
            phi = kick(monomials, phi, mode, value)
            table = kick(monomials, table, mode, value)
        total = total @ algebra.evolution(shift, table)
    # The circuit is exp(i phi) T(-d), where d is by how much the positions have moved.
    moved = total[n, n + 1 : 2 * n + 1]
    whole = GroupElement.of(monomials, np.zeros(n), phi) @ GroupElement.of(monomials, -moved)
    np.testing.assert_allclose(algebra.of_element(whole), total, atol=1e-10)
    # So momenta have the means that the residuals of the table have at the moved positions.
    for mode in range(n):
        constant, table = nullifier_residual(monomials, phi, mode)
        mean = constant + evaluate(monomials, table, moved)
        assert total[n, mode] == pytest.approx(mean, abs=1e-10)


def test_momenta_on_a_grid():
    """Means of momenta after gates and displacements, by matrices and by a wave function."""
    monomials = Monomials(2, 2)
    algebra = AdjointAlgebra(monomials)
    gates = [
        (np.zeros(2), np.array([0.3, -0.2, 0.5])),
        (np.array([-0.6, 0.0]), np.zeros(3)),
        (np.array([0.0, 0.4]), np.array([0.1, 0.0, -0.7])),
    ]
    state, total = GridState.vacuum(2, 0.3, 96, 11.0), np.eye(algebra.dimension)
    for shift, table in gates:
        state = state.after(exponential(monomials, shift, table))
        total = total @ algebra.evolution(shift, table)
    for mode in range(2):
        mean, _ = state.nullifier_moments(monomials, mode, np.zeros(3))
        assert mean == pytest.approx(total[2, mode], abs=1e-10)
