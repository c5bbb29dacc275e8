"""Texts as symbols, and what generated sources never emit."""

from itertools import pairwise

import numpy as np
import pytest

from trainscape.translation.corpora import (
    ALPHABETS,
    Automaton,
    grid_windows,
    markov_chain,
    reading_frame,
    text_symbols,
)
from trainscape.translation.texts import ADDRESS, GENESIS, rhyme


def rng() -> np.random.Generator:
    return np.random.default_rng(23)


def test_alphabets():
    np.testing.assert_array_equal(text_symbols("Ab, z!", "letters"), [0, 1, 26, 25])
    np.testing.assert_array_equal(text_symbols("Ab, z!", "classes"), [0, 1, 2, 1])
    np.testing.assert_array_equal(text_symbols("acgT n", "bases"), [0, 1, 2, 3])
    with pytest.raises(ValueError, match="no symbol of the alphabet bases"):
        text_symbols("hello", "bases")


@pytest.mark.parametrize("text", [ADDRESS, GENESIS, rhyme()])
@pytest.mark.parametrize("alphabet", ["letters", "classes"])
def test_texts_have_all_kinds_of_symbols(text, alphabet):
    symbols = text_symbols(text, alphabet)
    assert len(symbols) > 1000
    assert len(np.unique(symbols)) > 0.7 * ALPHABETS[alphabet]
    assert symbols.max() < ALPHABETS[alphabet]


def test_rhyme_repeats_all_that_came_before():
    verses = rhyme().split("\n")
    assert verses[2] == "This is the rat that ate the malt that lay in the house that Jack built."
    for verse, following in pairwise(verses):
        assert following.endswith(verse.removeprefix("This is"))


def test_chain_has_all_transitions():
    symbols = markov_chain(rng(), 4000)
    counts = np.zeros((4, 4))
    np.add.at(counts, (symbols[:-1], symbols[1:]), 1)
    assert (counts / counts.sum(axis=1, keepdims=True)).min() > 0.08


def test_no_stop_codons_in_the_frame():
    bases = reading_frame(rng(), 3002)
    assert len(bases) == 3002
    words = bases[:3000].reshape(-1, 3) @ [16, 4, 1]
    stops = {3 * 16, 3 * 16 + 2, 3 * 16 + 8}  # TAA, TAG, TGA with A, C, G, T = 0 to 3
    assert set(words.tolist()) == set(range(64)) - stops
    assert stops & set((bases[1:3001].reshape(-1, 3) @ [16, 4, 1]).tolist())


def test_machine_emits_what_its_states_allow():
    machine = Automaton.random(rng(), 5)
    assert ((machine.following >= 0).sum(axis=1) == 2).all()
    state, visited = 0, set()
    for symbol in machine.run(rng(), 500):
        visited.add(state)
        state = int(machine.following[state, symbol])
        assert state >= 0
    assert visited == set(range(5))


def test_answers_of_a_machine():
    """Two states that emit in turn: 0, then 1 or 2."""
    machine = Automaton(np.array([[1, -1, -1], [-1, 0, 0]]))
    now = machine.answers(0)[:, 0]
    np.testing.assert_array_equal(now, [[True, False, False], [False, True, True]])
    later = machine.answers(1)
    np.testing.assert_array_equal(later[0, 0], [False, True, True])
    assert not later[0, 1:].any()
    np.testing.assert_array_equal(later[1, 2], [True, False, False])


def test_sentences_never_answer_the_stored_weight():
    levels = 5
    data = grid_windows(rng(), 2, levels, 4000)
    edge, named = np.divmod(data.query, levels**3)
    named = named[:, None] // levels ** np.arange(3) % levels
    stored = data.prefix // levels**edge % levels
    place = (named == stored[:, None]).argmax(axis=1)
    assert (named == stored[:, None]).any(axis=1).all()
    assert (np.diff(named, axis=1) > 0).all()
    assert (data.answer != place).all()
    assert set(np.unique(data.answer)) == {0, 1, 2}
