r"""Hidden Markov models of symbol sequences, fitted by expectation and maximisation.

In state i the model emits the symbol a and moves to state j with probability :math:`T^a_{ij}`; so a
machine whose next state follows from state and symbol (`Automaton`) is one of them with as many
states. A sequence is cut into pieces of equal length, each of which starts from the distribution
:math:`\pi`, and the likelihood is

.. math:: \prod_{\text{pieces}} \pi\, T^{a_1} T^{a_2} \cdots T^{a_L}\, \mathbf{1} .

Each step is that of Baum and Welch (Ann. Math. Stat. 41, 164 (1970)), with a small count added to
every transition, so that held-out symbols never have the probability zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HiddenMarkov", "fitted", "negative_log_likelihood", "pieces"]

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

PRIOR = 0.05
"""Count that is added to every transition."""


@dataclass(frozen=True)
class HiddenMarkov:
    """A model.

    Parameters
    ----------
    start
        Probabilities of the states before a piece, shape (states,).
    moves
        Probability to emit a and move to j, in i: shape (symbols, states, states), in the order a,
        i, j.
    """

    start: Real
    moves: Real


def pieces(symbols: Whole, length: int) -> Whole:
    """Return a sequence in pieces of `length` symbols, shape (pieces, length); the rest is left.

    Raises
    ------
    ValueError
        If the sequence has fewer than two pieces.
    """
    count = len(symbols) // length
    if count < 2:
        raise ValueError(f"{len(symbols)} symbols are fewer than two pieces of {length}")
    return symbols[: count * length].reshape(count, length)


def _forward(model: HiddenMarkov, data: Whole) -> tuple[Real, Real]:
    """Return filtered states before each symbol, and the probability of each symbol given the past.

    Shapes (length + 1, pieces, states) and (length, pieces).
    """
    count, length = data.shape
    filtered = np.empty((length + 1, count, len(model.start)))
    scales = np.empty((length, count))
    filtered[0] = model.start
    for place in range(length):
        ahead = np.matmul(filtered[place][:, None, :], model.moves[data[:, place]])[:, 0]
        scales[place] = ahead.sum(axis=1)
        filtered[place + 1] = ahead / scales[place][:, None]
    return filtered, scales


def negative_log_likelihood(model: HiddenMarkov, data: Whole) -> Real:
    """Return the negative log-likelihood per symbol of each piece, in nats, shape (pieces,)."""
    _, scales = _forward(model, data)
    losses: Real = -np.log(scales).mean(axis=0)
    return losses


def _improved(model: HiddenMarkov, data: Whole) -> HiddenMarkov:
    """Return the model after one step of expectation and maximisation."""
    filtered, scales = _forward(model, data)
    length = data.shape[1]
    symbols, states = model.moves.shape[:2]
    backward = np.ones_like(filtered)
    for place in range(length - 1, -1, -1):
        behind = np.matmul(model.moves[data[:, place]], backward[place + 1][:, :, None])[..., 0]
        backward[place] = behind / scales[place][:, None]
    left = filtered[:-1].reshape(-1, states)
    right = (backward[1:] / scales[..., None]).reshape(-1, states)
    order = np.ravel(data.T)
    counts = np.empty_like(model.moves)
    for symbol in range(symbols):
        chosen = order == symbol
        counts[symbol] = left[chosen].T @ right[chosen]
    counts = counts * model.moves + PRIOR
    begun = (filtered[0] * backward[0]).sum(axis=0) + PRIOR
    return HiddenMarkov(begun / begun.sum(), counts / counts.sum(axis=(0, 2))[None, :, None])


def fitted(
    data: Whole, symbols: int, states: int, rng: np.random.Generator, *, steps: int = 60
) -> HiddenMarkov:
    """Return a model after steps of expectation and maximisation from a random start.

    Parameters
    ----------
    data
        Pieces of a sequence, shape (pieces, length).
    symbols, states
        Numbers of symbols and of hidden states.
    rng
        Random stream of the start.
    steps
        Number of steps.
    """
    moves = rng.dirichlet(np.ones(symbols * states), size=states)
    model = HiddenMarkov(
        np.full(states, 1 / states),
        np.ascontiguousarray(moves.reshape(states, symbols, states).transpose(1, 0, 2)),
    )
    for _ in range(steps):
        model = _improved(model, data)
    return model
