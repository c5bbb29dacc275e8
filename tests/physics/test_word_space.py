"""Krylov spaces of dimer states from words that are kept as matrix product states."""

import numpy as np
import pytest

from trainscape.physics.dimer_states import dimer_mps
from trainscape.physics.word_space import word_space


def test_one_dimer_stays_small_on_a_long_chain():
    start = dimer_mps(12, 1, 3)
    pair = np.outer(np.eye(3).ravel(), np.eye(3).ravel())
    space = word_space(start, [pair] * 11, 3)
    assert (space.rank, space.bond_dimension, space.word_length) == (11, 3, 10)
    assert space.smallest_rest > 1e-3


def test_too_many_words_are_refused():
    start = dimer_mps(6, 2, 3)
    pair = np.outer(np.eye(3).ravel(), np.eye(3).ravel())
    with pytest.raises(ValueError, match="more than 4 independent words"):
        word_space(start, [pair] * 5, 3, limit=4)
