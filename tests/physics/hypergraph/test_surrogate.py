"""The table that changes in place, against the rules that copy and the dense adjoint."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.adjoint import AdjointAlgebra
from trainscape.physics.hypergraph.measurements import nullifier_moments
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import add_gate, displace, measure_position, zero_phase
from trainscape.physics.hypergraph.surrogate import Surrogate


@pytest.mark.parametrize(("modes", "order"), [(3, 2), (5, 3), (6, 4)])
def test_same_as_the_rules(modes, order):
    rng = np.random.default_rng(1)
    monomials = Monomials(modes, order)
    surrogate, phi = Surrogate(monomials, 0.7, 0.2), zero_phase(monomials)
    for step in range(40):
        mode, value = int(rng.integers(modes)), float(rng.normal())
        edge = int(rng.integers(monomials.edge_count))
        surrogate.add_gates([value], np.array([edge]))
        phi = add_gate(monomials, phi, monomials.edges[edge], value)
        surrogate.displace(mode, value)
        phi = displace(monomials, phi, mode, value)
        if step % 10 == 9:
            surrogate.measure_position(mode, value)
            phi = measure_position(monomials, phi, mode, value)
        np.testing.assert_allclose(surrogate.phase, phi, atol=1e-9)
    kappa = rng.normal(size=monomials.count)
    for mode in range(modes):
        found = surrogate.nullifier_moments(mode, kappa[monomials.incidence[0][mode]])
        expected = nullifier_moments(monomials, phi, mode, kappa, 0.7, 0.2)
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_same_as_the_dense_adjoint():
    rng = np.random.default_rng(2)
    monomials = Monomials(5, 2)
    algebra = AdjointAlgebra(monomials)
    surrogate = Surrogate(monomials)
    weights = rng.normal(size=monomials.edge_count)
    surrogate.add_gates(weights)
    table = zero_phase(monomials)
    table[monomials.edge_offset :] = weights
    total = algebra.evolution(np.zeros(5), table)
    for mode in range(5):
        surrogate.displace(mode, 0.3 * mode)
        total = total @ algebra.evolution(-0.3 * mode * np.eye(5)[mode], zero_phase(monomials))
    moved = 0.3 * np.arange(5)
    for mode in range(5):
        # Displacements shift both the table and the positions at which momenta are read.
        mean = total[5, mode] - _slope(monomials, surrogate.phase, mode, moved)
        assert surrogate.nullifier_moments(mode)[0] == pytest.approx(mean, abs=1e-10)


def _slope(monomials, phi, mode, positions):
    return sum(
        phi[monomials.index[tuple(sorted((mode, other)))]] * positions[other]
        for other in range(monomials.modes)
        if other != mode
    )


def test_repeated_edges_add_up():
    surrogate = Surrogate(Monomials(4, 2))
    surrogate.add_gates([1.0, 2.0, 4.0], np.array([3, 3, 0]))
    assert surrogate.edge_weights.tolist() == [4.0, 0.0, 0.0, 3.0, 0.0, 0.0]


@pytest.mark.parametrize(("modes", "order"), [(142, 2), (41, 3), (24, 4)])
def test_ten_thousand_parameters(modes, order):
    """Train on the table, read at the qumodes: every nullifier of the right weights is zero."""
    rng = np.random.default_rng(3)
    monomials = Monomials(modes, order)
    assert monomials.edge_count >= 10_000
    surrogate = Surrogate(monomials, 0.7, 0.2)
    weights = rng.uniform(-1, 1, size=monomials.edge_count)
    order_of_words = rng.permutation(monomials.edge_count)
    surrogate.add_gates(weights[order_of_words], order_of_words)
    kappa = zero_phase(monomials)
    kappa[monomials.edge_offset :] = weights
    for mode in range(modes):
        slope = kappa[monomials.incidence[0][mode]]
        assert surrogate.nullifier_moments(mode, slope) == pytest.approx((0.0, 0.2))
        # Without the weights: one term for each hyperedge with the mode.
        expected = 0.2 + 0.7 ** (order - 1) * (slope**2).sum()
        assert surrogate.nullifier_moments(mode)[1] == pytest.approx(expected)


def test_a_million_parameters():
    rng = np.random.default_rng(4)
    monomials = Monomials(1415, 2)
    surrogate = Surrogate(monomials)
    weights = rng.uniform(-1, 1, size=monomials.edge_count)
    surrogate.add_gates(weights)
    surrogate.displace(7, 0.5)
    pairs = monomials.members[1]
    with_seven = (pairs == 7).any(axis=1)
    others = pairs[with_seven].sum(axis=1) - 7
    expected = np.zeros(1415)
    expected[others] = -0.5 * weights[with_seven]
    np.testing.assert_allclose(surrogate.phase[:1415], expected)
    for mode in range(0, 1415, 100):
        assert surrogate.nullifier_moments(mode)[0] == pytest.approx(expected[mode])
