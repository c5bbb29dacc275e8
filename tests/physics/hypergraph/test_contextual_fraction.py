"""The contextual fraction of correlations on cycles, and of the magic square."""

from itertools import product

import numpy as np
import pytest

from trainscape.physics.hypergraph.contextual_fraction import contextual_fraction

CYCLE = [(0, 1), (1, 2), (0, 2)]
SAME = np.eye(2) / 2
OPPOSITE = SAME[::-1]


def test_cycles():
    assert contextual_fraction(CYCLE, [SAME, SAME, OPPOSITE]) == pytest.approx(1)
    assert contextual_fraction(CYCLE, [SAME] * 3) == pytest.approx(0)
    mixed = 0.75 * OPPOSITE + 0.25 * SAME
    assert contextual_fraction(CYCLE, [mixed] * 3) == pytest.approx(0.25)


def test_chain_inequality():
    """P(anticorrelated) = p on a 3-cycle: (3 p - 2) above two thirds, nothing below."""
    for share in (0.5, 2 / 3, 0.8, 1.0):
        table = share * OPPOSITE + (1 - share) * SAME
        expected = max(0.0, 3 * share - 2)
        assert contextual_fraction(CYCLE, [table] * 3) == pytest.approx(expected, abs=1e-9)


def test_magic_square():
    square = np.arange(9).reshape(3, 3)
    contexts = [*square.tolist(), *square.T.tolist()]
    tables = []
    for product_sign in (1, 1, 1, 1, 1, -1):
        table = np.zeros((2, 2, 2))
        for bits in product((0, 1), repeat=3):
            table[bits] = 0.25 * ((-1) ** sum(bits) == product_sign)
        tables.append(table)
    assert contextual_fraction(contexts, tables) == pytest.approx(1)


@pytest.mark.parametrize(
    ("table", "message"),
    [(np.ones((2, 2)), "no distribution"), (np.ones(2) / 2, "is \\(2,\\), not \\(2, 2\\)")],
)
def test_bad_tables(table, message):
    with pytest.raises(ValueError, match=message):
        contextual_fraction([(0, 1)], [table])


def test_too_many_assignments():
    with pytest.raises(ValueError, match="take fewer observables"):
        contextual_fraction([(0, 40)], [SAME])
