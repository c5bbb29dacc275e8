"""The optimum on one edge: formula, every partition, search, and play."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.memory_bounds import (
    edge_states,
    memory_bits,
    memory_states,
    needed_dimension,
    paper_dimension,
)
from trainscape.physics.hypergraph.one_edge import (
    answers,
    best_violation,
    enumerated_violation,
    partitions,
    searched_classes,
)


@pytest.mark.parametrize(
    ("levels", "states", "expected"),
    [
        (6, 1, 0.33333),
        (6, 2, 0.03333),
        (6, 3, 0),
        (8, 2, 0.04762),
        (9, 3, 0.01190),
        (16, 2, 0.06667),
        (16, 4, 0.00952),
        (16, 8, 0),
    ],
)
def test_known_optima(levels, states, expected):
    assert best_violation(levels, states) == pytest.approx(expected, abs=6e-6)


@pytest.mark.parametrize(
    ("levels", "states"), [(3, 1), (4, 2), (5, 2), (6, 1), (6, 2), (6, 3), (7, 3), (8, 2)]
)
def test_no_partition_is_better(levels, states):
    rates = [enumerated_violation(classes) for classes in partitions(levels, states)]
    assert min(rates) == pytest.approx(best_violation(levels, states), abs=1e-12)


def test_partitions_are_those_of_stirling():
    assert sum(1 for _ in partitions(6, 3)) == 1 + 31 + 90
    assert len({tuple(classes) for classes in partitions(6, 6)}) == 203


@pytest.mark.parametrize(("levels", "states"), [(9, 3), (10, 4), (12, 2)])
def test_search_finds_the_optimum(levels, states):
    classes = searched_classes(np.random.default_rng(3), levels, states)
    assert enumerated_violation(classes) == pytest.approx(best_violation(levels, states))


def test_counted_rate_of_unequal_classes():
    classes = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    assert enumerated_violation(classes) == pytest.approx((1 + 4) / (3 * 56))


def test_answers_give_up_a_weight_that_is_not_stored():
    classes = np.array([0, 0, 0, 1])
    queries = np.array([[0, 3, 1], [0, 1, 2], [3, 0, 1]])
    angles = answers(classes, np.zeros(3, dtype=int), queries)
    np.testing.assert_array_equal(angles.argmax(axis=1), [1, 0, 0])
    np.testing.assert_allclose(angles.sum(axis=1), np.pi)


def test_enough_states_are_half_of_the_levels():
    for levels in range(3, 12):  # two states at least, so that one can be taken away
        enough = edge_states(levels)
        assert best_violation(levels, enough) == 0
        assert best_violation(levels, enough - 1) > 0


def test_bounds():
    assert [needed_dimension(n, 2) for n in (2, 3, 4, 5, 8)] == [1, 3, 6, 10, 28]
    assert [paper_dimension(n, 3) for n in (3, 4, 5, 8)] == [0, 3, 9, 55]
    assert needed_dimension(4, 2, reference=True) == paper_dimension(4, 2)
    assert memory_states(3, 2, 16) == 512
    assert memory_bits(3, 2, 16) == pytest.approx(9)


@pytest.mark.parametrize("call", [lambda: best_violation(2, 1), lambda: best_violation(4, 0)])
def test_too_small(call):
    with pytest.raises(ValueError, match="three weights and one latent state"):
        call()


def test_degree_above_modes():
    with pytest.raises(ValueError, match="gates on 4 of 3 modes"):
        needed_dimension(3, 4)
