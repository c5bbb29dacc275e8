r"""Three tasks that need memory, in one form: tokens in, symbols or one number out.

===============  ===============================================  ================================
task             tokens                                           what is asked for
===============  ===============================================  ================================
``copying``      l random symbols with their places, then l       the symbol of each place
                 places in order
``translation``  the weights of D hyperedges in random order,     the nullifier, to 0.1
                 positions, a nullifier with a weight of its own
``text``         characters of a text                             the next character
===============  ===============================================  ================================

All have tokens of equal size and equal length, filled up with zeros at the end, so that a network
is compiled once for all three. A network is causal, so that what fills up changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.translation.corpora import ALPHABETS, text_symbols
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, Token, feature_names, features

__all__ = ["CLASSES", "StreamTask", "Streams", "TaskName", "text_windows"]

TaskName = Literal["copying", "translation", "text"]
CLASSES = ALPHABETS["letters"]
"""Symbols that a network can name: the letters and the space."""
HELD_OUT = 0.2
"""Share of a text, its end, that networks are rated on."""

Numbers = Any
"""Arrays of NumPy outside of compiled functions, and of JAX within."""


class Streams(NamedTuple):
    """B sequences, with what is right to answer.

    Parameters
    ----------
    tokens
        Shape ``(B, l, f)``.
    symbols
        One at the right symbol where one is asked for, zeros elsewhere, shape ``(B, l, CLASSES)``.
    asks_value
        1 where a number is asked for, else 0, shape ``(B, l)``.
    value
        That number, 0 elsewhere, shape ``(B, l)``.
    """

    tokens: Numbers
    symbols: Numbers
    asks_value: Numbers
    value: Numbers


def text_windows(symbols: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Return the windows of a text that networks are rated on, shape ``(w, length + 1)``.

    They lie in its last fifth and overlap by half, so that with the second half of each every
    character there is asked for once.
    """
    own = symbols[int(len(symbols) * (1 - HELD_OUT)) :]
    starts = np.arange(0, len(own) - length, length // 2)
    return np.stack([own[start : start + length + 1] for start in starts])


@dataclass(frozen=True)
class StreamTask:
    """A task at its sizes.

    Parameters
    ----------
    name
        Which task.
    length
        Tokens l of a sequence, at least what a task needs.
    size
        Numbers f of a token, at least what a task needs.
    copied, alphabet
        Symbols that are copied, and how many different ones there are.
    modes, order
        Size of the task of translation.
    text
        The text.

    Raises
    ------
    ValueError
        If sequences or tokens are too short for the task, or the text is too short for them.
    """

    name: TaskName
    length: int
    size: int
    copied: int
    alphabet: int
    modes: int
    order: int
    text: str = ""

    def __post_init__(self) -> None:
        needs = {
            "copying": (2 * self.copied, self.alphabet + self.copied + 1),
            "translation": (self._sentences.length, len(feature_names(self._sentences))),
            "text": (2, CLASSES),
        }[self.name]
        if self.length < needs[0] or self.size < needs[1]:
            raise ValueError(
                f"sequences of {self.length} tokens with {self.size} numbers: the task of "
                f"{self.name} needs {needs[0]} with {needs[1]}; raise 'length', or choose a "
                "smaller task"
            )
        if self.name == "text" and len(text_symbols(self.text, "letters")) < 20 * self.length:
            raise ValueError(
                f"a text of {len(self.text)} characters: windows of {self.length} need at least "
                f"{20 * self.length} letters; choose a longer text"
            )

    @property
    def _sentences(self) -> TaskSettings:
        return TaskSettings(
            self.modes, self.order, question="nullifier", positions="probe", kappa=True
        )

    def sample(self, rng: np.random.Generator, count: int) -> Streams:
        """Return random sequences to learn from."""
        if self.name == "copying":
            return self._copying(rng, count)
        if self.name == "translation":
            return self._translation(rng, count)
        symbols = text_symbols(self.text, "letters")
        most = int(len(symbols) * (1 - HELD_OUT)) - self.length
        starts = rng.integers(most, size=count)
        return self._characters(symbols[starts[:, None] + np.arange(self.length + 1)], 0)

    def held_out(self, rng: np.random.Generator, count: int) -> Streams:
        """Return sequences to rate on: random ones, or all windows of the text's end."""
        if self.name != "text":
            return self.sample(rng, count)
        windows = text_windows(text_symbols(self.text, "letters"), self.length)
        return self._characters(windows, self.length // 2)

    def _empty(self, count: int) -> Streams:
        shape = (count, self.length)
        return Streams(
            np.zeros((*shape, self.size), dtype=np.float32),
            np.zeros((*shape, CLASSES), dtype=np.float32),
            np.zeros(shape, dtype=np.float32),
            np.zeros(shape, dtype=np.float32),
        )

    def _copying(self, rng: np.random.Generator, count: int) -> Streams:
        made, length = self._empty(count), self.copied
        drawn = rng.integers(self.alphabet, size=(count, length))
        shown = np.eye(self.alphabet, dtype=np.float32)[drawn]
        made.tokens[:, :length, : self.alphabet] = shown
        places = slice(self.alphabet, self.alphabet + length)
        made.tokens[:, :length, places] = np.eye(length)
        made.tokens[:, length : 2 * length, places] = np.eye(length)
        made.tokens[:, length : 2 * length, self.alphabet + length] = 1.0
        made.symbols[:, length : 2 * length, : self.alphabet] = shown
        return made

    def _translation(self, rng: np.random.Generator, count: int) -> Streams:
        made = self._empty(count)
        sentences = sample_sentences(rng, self._sentences, count)
        numbers = features(sentences)
        made.tokens[:, : numbers.shape[1], : numbers.shape[2]] = numbers
        asks = sentences.kind == Token.NUL
        made.asks_value[:, : asks.shape[1]] = asks
        made.value[:, : asks.shape[1]] = np.where(asks, sentences.answers, 0.0)
        return made

    def _characters(self, windows: NDArray[np.int64], first: int) -> Streams:
        made = self._empty(len(windows))
        made.tokens[:, :, :CLASSES] = np.eye(CLASSES)[windows[:, :-1]]
        made.symbols[:, first:] = np.eye(CLASSES)[windows[:, 1:]][:, first:]
        return made
