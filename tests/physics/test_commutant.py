"""Commutants of sums: by sectors in floating point, and of strings by counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.ansatze import chain_strings, chain_sums, singles
from trainscape.physics.anticommutation_graph import string_commutant_dimension
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.commutant import sum_commutant_dimension
from trainscape.physics.pauli import PauliSum


@pytest.mark.parametrize("name", ["tfim", "xy", "ltfim", "xxz", "xyz"])
@pytest.mark.parametrize("periodic", [False, True])
def test_sectors(name, periodic):
    for n in (3, 4):
        sums = chain_sums(name, n, periodic)
        sectors = decompose([s.matrix() for s in sums], np.random.default_rng(0))
        assert sum_commutant_dimension(sums) == sectors.commutant_dimension


@pytest.mark.parametrize("name", ["tfim", "xy", "xyz"])
def test_strings(name):
    strings = chain_strings(name, 4, True)
    assert sum_commutant_dimension(singles(strings)) == string_commutant_dimension(strings)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(1, 3), st.text("IXYZ", min_size=2, max_size=2)),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=2,
    )
)
def test_null_space(generators):
    sums = [PauliSum.of((float(w), s) for w, s in terms) for terms in generators]
    one = np.eye(4)
    maps = [np.kron(s.matrix(), one) - np.kron(one, s.matrix().T) for s in sums]
    rank = np.linalg.matrix_rank(np.concatenate(maps), tol=1e-9)
    assert sum_commutant_dimension(sums) == 16 - rank


def test_refusal():
    with pytest.raises(ValueError, match="on up to 7 qubits, not 8"):
        sum_commutant_dimension([PauliSum.parse("X" * 8)])
