"""Dimer states in all their forms against Kronecker products."""

import numpy as np
import pytest

from trainscape.physics import temperley_lieb
from trainscape.physics.dimer_states import (
    dimer_digits,
    dimer_mps,
    dimer_path_state,
    dimer_vector,
)


def by_hand(sites, arcs, site_dim):
    """Arcs are sums of equal pairs, the rest alternates."""
    pair = np.eye(site_dim).ravel() / np.sqrt(site_dim)
    state = np.ones(1)
    for _ in range(arcs):
        state = np.kron(state, pair)
    for site in range(sites - 2 * arcs):
        state = np.kron(state, np.eye(site_dim)[site % 2])
    return state


@pytest.mark.parametrize(
    ("site_dim", "sites", "arcs"), [(2, 4, 1), (2, 4, 2), (3, 3, 1), (2, 5, 2), (2, 3, 0)]
)
class TestForms:
    def test_vector_and_matrix_product_state(self, site_dim, sites, arcs):
        state = by_hand(sites, arcs, site_dim)
        np.testing.assert_allclose(dimer_vector(sites, arcs, site_dim), state, atol=1e-14)
        dense = dimer_mps(sites, arcs, site_dim).to_dense().ravel()
        np.testing.assert_allclose(dense, state, atol=1e-12)

    def test_generators_make_it_of_the_product_state(self, site_dim, sites, arcs):
        index = int(np.array(dimer_digits(sites, arcs)) @ site_dim ** np.arange(sites)[::-1])
        state = np.eye(site_dim**sites)[index]
        for generator in temperley_lieb.full_space_generators(sites, site_dim)[: 2 * arcs : 2]:
            state = generator @ state
        state = state / np.linalg.norm(state)
        np.testing.assert_allclose(state, by_hand(sites, arcs, site_dim), atol=1e-14)

    def test_expectation_values_in_the_path_basis(self, site_dim, sites, arcs):
        full, path = by_hand(sites, arcs, site_dim), dimer_path_state(sites, arcs)
        assert path.sum() == 1
        generators = zip(
            temperley_lieb.full_space_generators(sites, site_dim),
            temperley_lieb.path_generators(sites, sites - 2 * arcs, site_dim),
            strict=True,
        )
        for large, small in generators:
            assert path @ (small @ path) == pytest.approx(full @ (large @ full), abs=1e-12)
