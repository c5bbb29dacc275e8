"""Conflicts of graph states against counts that are known, and against state vectors."""

from functools import reduce
from itertools import combinations, product

import numpy as np
import pytest

from trainscape.physics.hypergraph.antidistinguishability import are_antidistinguishable, overlaps
from trainscape.physics.hypergraph.compatible_classes import (
    is_compatible,
    largest_compatible_class,
)
from trainscape.physics.hypergraph.graph_state_conflicts import (
    graph_state,
    pair_conflicts,
    star_class,
    triple_conflicts,
)

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def states_of(vertices: int) -> np.ndarray:
    graphs = 2 ** (vertices * (vertices - 1) // 2)
    return np.stack([graph_state(vertices, graph) for graph in range(graphs)])


def test_counts_for_three_vertices():
    triples, pairs = triple_conflicts(3), pair_conflicts(3)
    found = [three for three in combinations(range(8), 3) if triples[three]]
    assert (pairs.sum() // 2, len(found)) == (4, 24)
    assert all(any(pairs[two] for two in combinations(three, 2)) for three in found)


def test_counts_for_four_vertices():
    triples, pairs = triple_conflicts(4), pair_conflicts(4)
    found = [three for three in combinations(range(64), 3) if triples[three]]
    alone = [three for three in found if not any(pairs[two] for two in combinations(three, 2))]
    assert (pairs.sum() // 2, len(found), len(alone)) == (320, 30144, 13184)


@pytest.mark.parametrize(("vertices", "largest"), [(2, 2), (3, 4), (4, 8)])
def test_largest_classes_are_stars(vertices, largest):
    triples = triple_conflicts(vertices)
    assert len(largest_compatible_class(triples, first=0)) == largest
    star = star_class(vertices)
    assert len(star) == largest
    assert is_compatible(triples, star)
    # Cosets of the star cover all graphs, so that this many classes are enough.
    assert len({frozenset((star ^ graph).tolist()) for graph in range(len(triples))}) == (
        len(triples) // largest
    )


def test_search_without_a_first_state_agrees():
    triples = triple_conflicts(3)
    assert len(largest_compatible_class(triples)) == 4
    bigger = star_class(3).tolist()
    bigger.append(next(graph for graph in range(8) if graph not in bigger))
    assert not is_compatible(triples, np.array(bigger))


@pytest.mark.parametrize("vertices", [3, 4])
def test_pairs_in_conflict_are_orthogonal_states(vertices):
    squares = overlaps(states_of(vertices))
    np.testing.assert_array_equal(pair_conflicts(vertices), squares < 1e-12)


def test_triples_against_all_contexts_of_state_vectors():
    """Every product of three commuting Pauli strings that is -1, with expectation values."""
    names = ["".join(name) for name in product("IXYZ", repeat=3)]
    strings = np.array([reduce(np.kron, [PAULI[letter] for letter in name]) for name in names])
    states = states_of(3)
    values = np.stack([np.einsum("si,ij,sj->s", states, string, states) for string in strings])
    signs = np.round(values.real).astype(int)
    found = np.zeros((8, 8, 8), dtype=bool)
    for one, two in product(range(64), repeat=2):
        together = strings[one] @ strings[two]
        if not np.allclose(together, strings[two] @ strings[one]):
            continue
        weights = np.einsum("aij,ji->a", strings, together).real / 8
        three = int(np.abs(weights).argmax())
        # s1 s2 (s3 times the sign of the product) = -1 for the signs that the states fix.
        fixed = np.einsum("a,b,c->abc", signs[one], signs[two], signs[three])
        found |= fixed * round(weights[three]) == -1
    np.testing.assert_array_equal(found, triple_conflicts(3))


def test_conflicts_are_antidistinguishable():
    triples = triple_conflicts(4)
    squares = overlaps(states_of(4))
    a, b, c = np.nonzero(triples)
    assert are_antidistinguishable(squares[a, b], squares[a, c], squares[b, c]).all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((0.25, 0.25, 0.0), True),
        ((0.25, 0.25, 0.25), True),
        ((7 / 16, 7 / 16, 7 / 16), False),
        ((0.0, 0.5, 0.5), True),
        ((0.26, 0.25, 0.25), False),
    ],
)
def test_criterion(given, expected):
    assert bool(are_antidistinguishable(*given)) is expected


def test_weighted_edges_at_thirds_of_a_turn():
    gammas = 2 * np.pi * np.arange(3) / 3
    states = np.stack([[1, 1, 1, np.exp(1j * gamma)] for gamma in gammas]) / 2
    squares = overlaps(states)
    assert squares[0, 1] == pytest.approx(7 / 16)
    assert not are_antidistinguishable(squares[0, 1], squares[0, 2], squares[1, 2])


def test_too_many_vertices():
    with pytest.raises(ValueError, match="2 to 5 vertices"):
        pair_conflicts(6)
