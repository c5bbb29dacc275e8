r"""Sequences of few symbols: texts, generated sources, and sentences with a known need of memory.

=============== ==============================================================================
source          what it is
=============== ==============================================================================
`text_symbols`  a text, its characters mapped to letters, to classes of letters, or to bases
`markov_chain`  symbols that depend on the one before, like the bases of a DNA; all can follow all
`reading_frame` codons of three bases without the three stop codons, as in a gene
`Automaton`     a random machine with a known number of states, each of which allows few symbols
`grid_windows`  the translation task on grids of weights: (N / 2)^D states are necessary and enough
=============== ==============================================================================

All but the texts are synthetic, and drawn from the generator that they are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.translation.shared_states import Windows

__all__ = [
    "ALPHABETS",
    "AlphabetName",
    "Automaton",
    "grid_windows",
    "markov_chain",
    "reading_frame",
    "text_symbols",
]

Whole = NDArray[np.int64]

AlphabetName = Literal["letters", "classes", "bases"]
ALPHABETS: dict[AlphabetName, int] = {"letters": 27, "classes": 3, "bases": 4}
"""Sizes: a to z and the space; vowel, consonant and space (Markov's, of 1913); A, C, G and T."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VOWELS = frozenset("aeiou")
_STOPS = ("TAA", "TAG", "TGA")
_BASES = "ACGT"


def text_symbols(text: str, alphabet: AlphabetName) -> Whole:
    """Return the symbols of a text.

    Parameters
    ----------
    text
        Any text. Upper and lower case are one.
    alphabet
        ``letters``: a to z are 0 to 25, any run of other characters is one space, 26. ``classes``:
        vowels 0, consonants 1, space 2. ``bases``: A, C, G, T are 0 to 3, others are left out.

    Raises
    ------
    ValueError
        If no symbol is left.
    """
    if alphabet == "bases":
        kept = [_BASES.index(base) for base in text.upper() if base in _BASES]
    else:
        plain = "".join(letter if letter in _LETTERS else " " for letter in text.lower())
        words = " ".join(plain.split())
        kept = [_LETTERS.index(letter) if letter != " " else 26 for letter in words]
        if alphabet == "classes":
            kept = [2 if code == 26 else int(_LETTERS[code] not in _VOWELS) for code in kept]
    if not kept:
        raise ValueError(f"the text has no symbol of the alphabet {alphabet}")
    return np.array(kept, dtype=np.int64)


def _chain(rng: np.random.Generator, table: NDArray[np.float64], length: int) -> Whole:
    """Return a Markov chain by its table of probabilities, from state 0."""
    steps = table.cumsum(axis=1)
    draws = rng.random(length)
    states = np.empty(length, dtype=np.int64)
    state = 0
    for place, draw in enumerate(draws):
        state = min(int(np.searchsorted(steps[state], draw, side="right")), len(table) - 1)
        states[place] = state
    return states


def markov_chain(rng: np.random.Generator, length: int, symbols: int = 4) -> Whole:
    """Return a chain of first order with random probabilities, none of which is near zero.

    As any symbol can follow any other, one latent state is enough for its supports.

    Parameters
    ----------
    rng
        Random stream of the probabilities and of the chain.
    length, symbols
        Number of symbols in the chain, and in the alphabet.
    """
    table = 0.5 * rng.dirichlet(np.ones(symbols), size=symbols) + 0.5 / symbols
    return _chain(rng, table, length)


def reading_frame(rng: np.random.Generator, length: int) -> Whole:
    """Return codons in a row, drawn evenly from all but the three stop codons.

    Parameters
    ----------
    rng
        Random stream.
    length
        Number of bases; the last codon may be cut.
    """
    codons = np.array(
        [
            [_BASES.index(base) for base in codon]
            for codon in product(_BASES, repeat=3)
            if "".join(codon) not in _STOPS
        ]
    )
    return codons[rng.integers(len(codons), size=-(-length // 3))].ravel()[:length]


@dataclass(frozen=True)
class Automaton:
    """A machine that emits one of the symbols that its state allows, and moves on by the symbol.

    Parameters
    ----------
    following
        Next state for each state and symbol, -1 where the state does not allow the symbol; shape
        (states, symbols). State 0 is where it starts.
    """

    following: Whole

    @classmethod
    def random(
        cls, rng: np.random.Generator, states: int, symbols: int = 6, allowed: int = 2
    ) -> Automaton:
        """Return a random machine all of whose states are reached.

        The first symbol that a state allows leads to the next state in a ring, the others to random
        ones.
        """
        following = np.full((states, symbols), -1, dtype=np.int64)
        for state in range(states):
            chosen = rng.permutation(symbols)[:allowed]
            following[state, chosen] = rng.integers(states, size=allowed)
            following[state, chosen[0]] = (state + 1) % states
        return cls(following)

    def run(self, rng: np.random.Generator, length: int) -> Whole:
        """Return `length` symbols; all symbols that a state allows are equally likely."""
        choices = [np.flatnonzero(row >= 0) for row in self.following]
        draws = rng.random(length)
        symbols = np.empty(length, dtype=np.int64)
        state = 0
        for place, draw in enumerate(draws):
            symbol = choices[state][int(draw * len(choices[state]))]
            symbols[place] = symbol
            state = self.following[state, symbol]
        return symbols

    def answers(self, query: int) -> NDArray[np.bool_]:
        """Return what can follow each query of `query` symbols in each state.

        Returns
        -------
        ndarray of bool
            Shape (states, symbols^query, symbols), no answer where the state forbids the query.
        """
        states, symbols = self.following.shape
        possible = np.zeros((states, symbols**query, symbols), dtype=bool)
        for start in range(states):
            for number, word in enumerate(product(range(symbols), repeat=query)):
                state = start
                for symbol in word:
                    state = self.following[state, symbol] if state >= 0 else -1
                if state >= 0:
                    possible[start, number] = self.following[state] >= 0
        return possible


def grid_windows(rng: np.random.Generator, edges: int, levels: int, count: int) -> Windows:
    """Return sentences of the translation task with weights on a grid, by their supports.

    The prefix is the weights of all edges, the query an edge and three weights with the stored one
    among them, the answer the place whose angle is pi while the other two are zero: any but that of
    the stored weight.

    Parameters
    ----------
    rng
        Random stream.
    edges, levels
        Number of edges D, and of weights N of each.
    count
        Number of sentences.
    """
    weights = rng.integers(levels, size=(count, edges))
    edge = rng.integers(edges, size=count)
    stored = weights[np.arange(count), edge]
    steps = np.argsort(rng.random((count, levels - 1)), axis=1)[:, :2] + 1
    named: Whole = np.sort(np.column_stack([stored, (stored[:, None] + steps) % levels]), axis=1)
    own = (named == stored[:, None]).argmax(axis=1)
    powers = np.array([levels**place for place in range(max(edges, 3))], dtype=np.int64)
    return Windows(
        prefix=weights @ powers[:edges],
        query=edge * levels**3 + (named * powers[:3]).sum(axis=1),
        answer=(own + rng.integers(1, 3, size=count)) % 3,
    )
