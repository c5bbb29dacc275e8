"""Spaces over two elements: against counting their vectors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.binary_space import BinarySpace, arf_invariant, connected_components

WORDS = st.lists(st.integers(0, 255), max_size=8)


def form(a, b):
    """Anticommutation on four qubits, X above Z."""
    return ((a >> 4 & b & 15).bit_count() + (b >> 4 & a & 15).bit_count()) & 1


def everything(vectors):
    found = {0}
    for vector in vectors:
        found |= {vector ^ other for other in found}
    return found


@given(WORDS)
def test_rank_and_relations(vectors):
    space = BinarySpace()
    for number, vector in enumerate(vectors):
        relation = space.add(vector, 1 << number)
        if relation is not None:
            total = 0
            for k, v in enumerate(vectors):
                total ^= v if relation >> k & 1 else 0
            assert relation >> number & 1
            assert total == 0
    assert 2**space.rank == len(everything(vectors))


@given(WORDS, st.integers(0, 255), st.integers(0, 255))
def test_rests_are_equal_where_cosets_are(vectors, a, b):
    space = BinarySpace(vectors)
    assert (space.rest(a)[0] == space.rest(b)[0]) == (a ^ b in everything(vectors))


@given(WORDS)
def test_symplectic_basis(vectors):
    space = BinarySpace()
    for number, vector in enumerate(vectors):
        space.add(vector, 1 << number)
    pairs, radical = space.symplectic_basis(form)
    flat = [v for pair in pairs for v, _ in pair] + [v for v, _ in radical]
    expected = np.zeros((len(flat), len(flat)), dtype=int)
    for k in range(len(pairs)):
        expected[2 * k, 2 * k + 1] = expected[2 * k + 1, 2 * k] = 1
    assert [[form(a, b) for b in flat] for a in flat] == expected.tolist()
    assert everything(flat) == everything(vectors)
    assert len(flat) == space.rank
    for vector, label in [entry for pair in pairs for entry in pair] + radical:
        total = 0
        for k, v in enumerate(vectors):
            total ^= v if label >> k & 1 else 0
        assert total == vector


def test_arf_invariant_counts_zeros():
    """A form of Arf invariant 0 has more zeros than ones, one of 1 fewer."""
    for values in ([(0, 0)], [(1, 1)], [(1, 0), (1, 1)], [(1, 1), (1, 1)], [(0, 1), (1, 0)]):
        zeros = 0
        for word in range(4 ** len(values)):
            total = 0
            for k, (a, b) in enumerate(values):
                s, t = word >> 2 * k & 1, word >> (2 * k + 1) & 1
                total ^= s * a ^ t * b ^ s * t
            zeros += total == 0
        assert (2 * zeros > 4 ** len(values)) == (arf_invariant(values) == 0)


def test_components():
    x, z = 1 << 4, 1
    vectors = [x, z, x << 1, z << 1, (x << 1) | (z << 1), z << 3]
    found = sorted(sorted(component) for component in connected_components(vectors, 4))
    expected = sorted([sorted(vectors[:2]), sorted(vectors[2:5]), vectors[5:]])
    assert found == expected
    assert connected_components([], 4) == []
