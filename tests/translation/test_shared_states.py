"""The estimator on supports that are known, by every partition, and on planted data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.hypergraph.memory_bounds import memory_states
from trainscape.physics.hypergraph.one_edge import partitions
from trainscape.translation.corpora import Automaton, grid_windows, markov_chain
from trainscape.translation.shared_states import (
    Supports,
    Windows,
    coloured,
    coloured_pairs,
    contextual_triples,
    largest_clique,
    largest_shared_class,
    pair_conflicts,
    shuffled,
    supports,
    windows,
)

TRIANGLE = Supports.exact(np.array([[[1, 1, 0]], [[0, 1, 1]], [[1, 0, 1]]], dtype=bool))
"""Three prefixes of which any two have an answer in common, and all three have none."""


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def shared(possible: np.ndarray) -> bool:
    """Whether one answer for each query is possible after all prefixes that can meet it."""
    met = possible.any(axis=2)
    return all(
        possible[met[:, query], query].all(axis=0).any()
        for query in range(possible.shape[1])
        if met[:, query].any()
    )


def least_classes(possible: np.ndarray) -> int:
    """The least number of classes, by every partition."""
    count = len(possible)
    return min(
        len(np.unique(classes))
        for classes in partitions(count, count)
        if all(shared(possible[classes == state]) for state in np.unique(classes))
    )


def test_windows():
    cut = windows(np.array([0, 1, 2, 0, 1]), 3, 2, 1)
    np.testing.assert_array_equal(cut.prefix, [3, 7])
    np.testing.assert_array_equal(cut.query, [2, 0])
    np.testing.assert_array_equal(cut.answer, [0, 1])
    empty = windows(np.array([0, 1, 2]), 3, 2, 0)
    np.testing.assert_array_equal(empty.query, [0])


def test_supports_by_hand():
    data = Windows(
        prefix=np.array([5, 5, 5, 9, 9, 7]),
        query=np.array([0, 0, 1, 0, 0, 0]),
        answer=np.array([2, 3, 1, 2, 2, 0]),
    )
    found = supports(data, least=2, most=2)
    np.testing.assert_array_equal(found.masks, [[0b1100], [0b0100]])
    np.testing.assert_array_equal(found.counts, [[2], [2]])


def test_three_prefixes_that_are_contextual():
    assert not pair_conflicts(TRIANGLE).any()
    assert (contextual_triples(TRIANGLE), largest_shared_class(TRIANGLE)) == (1, 2)
    assert coloured(TRIANGLE, rng()) == 2
    assert coloured_pairs(pair_conflicts(TRIANGLE)) == 1


def test_prefixes_that_are_distinguishable():
    data = Supports.exact(np.eye(4, dtype=bool)[:, None, :])
    conflicts = pair_conflicts(data)
    assert largest_clique(conflicts) == coloured_pairs(conflicts) == coloured(data, rng()) == 4
    assert contextual_triples(data) == 0


@given(st.integers(0, 2**32))
def test_bounds_hold_for_random_supports(seed):
    stream = np.random.default_rng(seed)
    possible = stream.random((5, 3, 4)) < stream.uniform(0.2, 0.8)
    data = Supports.exact(possible)
    exact = least_classes(possible)
    largest = largest_shared_class(data)
    assert largest is not None
    assert coloured(data, stream) >= exact
    assert exact >= max(largest_clique(pair_conflicts(data)), -(-5 // largest))
    assert coloured_pairs(pair_conflicts(data)) <= 5


@pytest.mark.parametrize(("edges", "levels"), [(1, 4), (1, 8), (2, 4), (2, 6), (3, 4)])
def test_planted_sentences_are_recovered(edges, levels):
    """Of (N / 2)^D states: never fewer from above, never more from below, within a factor of 2."""
    known = memory_states(3, 2, levels) if edges == 3 else (levels // 2) ** edges
    data = supports(grid_windows(rng(), edges, levels, 20000), least=4, most=levels**edges)
    assert len(data.masks) == levels**edges
    assert known <= coloured(data, rng()) <= 2 * known
    largest = largest_shared_class(data)
    assert largest == 2**edges
    # No two weights are distinguishable: pairs alone see nothing of it.
    assert coloured_pairs(pair_conflicts(data)) == 1


def test_search_gives_up():
    data = supports(grid_windows(rng(), 2, 6, 20000), least=4, most=36)
    assert largest_shared_class(data, nodes=10) is None


@pytest.mark.parametrize("states", [1, 3, 6])
def test_machines_need_no_more_than_their_states(states):
    machine = Automaton.random(rng(), states, symbols=8)
    exact = coloured(Supports.exact(machine.answers(1)), rng())
    data = supports(windows(machine.run(rng(), 6000), 8, 4, 1), least=8, most=48)
    assert coloured(data, rng()) == exact <= states


def test_shuffled_answers_keep_the_counts_and_need_one_state():
    data = grid_windows(rng(), 1, 8, 20000)
    null = shuffled(data, rng())
    np.testing.assert_array_equal(null.prefix, data.prefix)
    for query in np.unique(data.query):
        of_query = data.query == query
        np.testing.assert_array_equal(
            np.bincount(null.answer[of_query]), np.bincount(data.answer[of_query])
        )
    assert coloured(supports(data, 4, 8), rng()) == 4
    assert coloured(supports(null, 4, 8), rng()) == 1


def test_small_counts_inflate_the_estimate():
    """A source that needs one state, counted too early: the reason for the null model."""
    symbols = markov_chain(rng(), 3000)
    early = supports(windows(symbols, 4, 4, 2), least=2, most=48)
    late = supports(windows(symbols, 4, 2, 1), least=16, most=16)
    assert coloured(early, rng()) > 4
    assert coloured(late, rng()) == 1


def test_refusals():
    with pytest.raises(ValueError, match="a window has 5 symbols, and the sequence 3"):
        windows(np.zeros(3, dtype=int), 4, 3, 1)
    with pytest.raises(ValueError, match="map them to fewer"):
        windows(np.zeros(9, dtype=int), 65, 3, 1)
