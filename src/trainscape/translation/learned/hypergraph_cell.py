r"""A k-HRNN whose choices and angles are learned: alpha, beta, gamma and kappa are small networks.

The memory is a hypergraph state of n qumodes. A token x adds the phase gamma(x) to the hyperedge
alpha(x); a question measures the nullifier of mode beta(x), of which kappa(x) is subtracted, a
weight on one hyperedge or none. Positions that a sentence tells are the outcomes of position
measurements and are no choice of the model. All of this is diagonal in the positions but for the
one momentum that is measured last, so the order does not matter and the law of the answer is

.. math:: y = p_0 + A_b + B_b\, q, \qquad
    A_b + B_b\, q = \partial_b \sum_e (w_e - \kappa_e) \prod_{m \in e} y_m,

with :math:`p_0` and the position q of the one mode that is not told normal, of variances
:math:`e^{\mp 2r} / 2`. A choice is a softmax over logits with Gumbel noise [1]_. In training it is
relaxed at first, then straight-through: hard on the way forward and soft on the way back; at
inference it is the largest logit. If beta is soft, the law is a mixture over modes.

.. [1] E. Jang, S. Gu, B. Poole, Categorical reparameterization with Gumbel-softmax,
   arXiv:1611.01144.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from trainscape.physics.hypergraph.monomials import combination_array
from trainscape.translation.learned.lessons import Numbers
from trainscape.translation.vocabulary import Sentences, Token, features

__all__ = ["HARD", "Answer", "CellLessons", "Choice", "HypergraphCell", "cell_lessons"]

HIDDEN = 64


class CellLessons(NamedTuple):
    """B sentences with a nullifier each, as the cell is trained on them.

    Parameters
    ----------
    tokens
        Tokens before the question, shape ``(B, l, f)``.
    question
        The question, shape ``(B, f)``.
    positions
        Positions that are told, 0 elsewhere, shape ``(B, n)``.
    told
        1 where a position is told, else 0, shape ``(B, n)``.
    answer
        One outcome from the law of the data, shape ``(B,)``.
    """

    tokens: Numbers
    question: Numbers
    positions: Numbers
    told: Numbers
    answer: Numbers


def cell_lessons(sentences: Sentences, momentum: NDArray[np.float64]) -> CellLessons:
    """Return the arrays of sentences that end with a nullifier.

    Parameters
    ----------
    sentences
        The sentences.
    momentum
        What is added to the exact answers: draws of p_0, shape ``(B,)``.

    Raises
    ------
    ValueError
        If a sentence ends with a context.
    """
    if sentences.is_context.any():
        raise ValueError(
            "the cell is trained on nullifiers, and these sentences have contexts; make them with "
            "question='nullifier'"
        )
    numbers = features(sentences).astype(np.float32)
    rows = np.arange(len(sentences))
    start = sentences.question_start
    told = np.zeros((len(sentences), sentences.settings.modes))
    positions = np.zeros_like(told)
    which, place = np.nonzero((sentences.kind == Token.PREP) | (sentences.kind == Token.POS))
    mode = sentences.modes[which, place, 0]
    told[which, mode] = 1.0
    positions[which, mode] = sentences.payload[which, place, 0]
    before = np.arange(sentences.length) < start[:, None]
    return CellLessons(
        (numbers * before[:, :, None])[:, : int(start.max())],
        numbers[rows, start],
        positions.astype(np.float32),
        told.astype(np.float32),
        (sentences.answers[rows, start] + momentum).astype(np.float32),
    )


class Answer(NamedTuple):
    """Law of an answer: first and second moment."""

    first: Array
    second: Array


class Choice(NamedTuple):
    """How choices are made.

    Parameters
    ----------
    hardness
        0: relaxed. 1: hard, with the gradient of the relaxed choice.
    noise
        Scale of the Gumbel noise.
    key
        Key of the noise; None for no noise.
    """

    hardness: Array | float
    noise: Array | float
    key: Array | None

    def part(self, number: int) -> Choice:
        """Return the same with noise of its own."""
        return self._replace(key=None if self.key is None else jax.random.fold_in(self.key, number))


HARD = Choice(1.0, 0.0, None)
"""How choices are made at inference."""


class HypergraphCell(eqx.Module):
    """The cell and its four networks.

    Parameters
    ----------
    features
        Numbers of a token.
    modes
        Number n of qumodes.
    order
        Number of modes that a hyperedge of the memory joins; 1 makes a memory of n numbers, for
        comparison.
    key
        Key of the random initial weights.
    """

    alpha: eqx.nn.MLP
    beta: eqx.nn.MLP
    gamma: eqx.nn.MLP
    kappa: eqx.nn.MLP
    members: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    modes: int = eqx.field(static=True)

    def __init__(self, features: int, modes: int, order: int, key: Array) -> None:
        keys = jax.random.split(key, 4)
        self.members = tuple(map(tuple, combination_array(modes, order).tolist()))
        self.modes = modes
        edges = len(self.members)

        def network(outputs: int, key: Array) -> eqx.nn.MLP:
            return eqx.nn.MLP(features, outputs, HIDDEN, 1, activation=jnp.tanh, key=key)

        self.alpha = network(edges, keys[0])
        self.beta = network(modes, keys[1])
        self.gamma = network(1, keys[2])
        # Logits of the hyperedges, of no hyperedge, and the weight.
        self.kappa = network(edges + 2, keys[3])

    def weights(self, tokens: Array, choice: Choice) -> Array:
        """Return the weights of the memory after the tokens, shape ``(D,)``."""
        chosen = _chosen(jax.vmap(self.alpha)(tokens), choice.part(0))
        # Padding has no features at all, and no gate.
        real = (jnp.abs(tokens).sum(axis=1) > 0).astype(tokens.dtype)
        return jnp.einsum("sd,s,s->d", chosen, jax.vmap(self.gamma)(tokens)[:, 0], real)

    def answer(
        self,
        lesson: CellLessons,
        spreads: tuple[Array | float, Array | float],
        choice: Choice = HARD,
    ) -> Answer:
        """Return the law of the answer to one sentence.

        Parameters
        ----------
        lesson
            One sentence: arrays without the first dimension. Its answer is not looked at.
        spreads
            Standard deviations of momentum and position.
        choice
            How choices are made.
        """
        weights = self.weights(lesson.tokens, choice)
        numbers = self.kappa(lesson.question)
        edges = len(self.members)
        subtracted = _chosen(numbers[: edges + 1], choice.part(1))[:edges] * numbers[-1]
        mode = _chosen(self.beta(lesson.question), choice.part(2))
        constant, slope = self._derivatives(weights - subtracted, lesson.positions, lesson.told)
        momentum, position = spreads
        second = constant**2 + (position * slope) ** 2
        return Answer(mode @ constant, momentum**2 + mode @ second)

    def _derivatives(self, weights: Array, positions: Array, told: Array) -> tuple[Array, Array]:
        """Return A_b and B_b for every mode b, shape ``(n,)`` each.

        B_b takes one mode that is not told, beside b: the sentences of the task have no more.
        """
        members = np.array(self.members)
        known, values = told[members], positions[members]
        constant, slope = [], []
        order = members.shape[1]
        for place in range(order):
            others = [other for other in range(order) if other != place]
            untold = sum((1 - known[:, other] for other in others), jnp.zeros(len(members)))
            product = jnp.ones(len(members))
            for other in others:
                product = product * jnp.where(known[:, other] > 0, values[:, other], 1.0)
            constant.append(weights * product * (untold == 0))
            slope.append(weights * product * (untold == 1))
        # A product with zeros and ones adds up what belongs to a mode; indices would make a loop.
        share = jnp.eye(self.modes)[:, members.T.ravel()]
        return share @ jnp.concatenate(constant), share @ jnp.concatenate(slope)


def _chosen(logits: Array, choice: Choice) -> Array:
    """Return weights of the options, along the last axis."""
    if choice.key is not None:
        logits = logits + choice.noise * jax.random.gumbel(choice.key, logits.shape)
    soft = jax.nn.softmax(logits)
    hard = jax.nn.one_hot(jnp.argmax(logits, axis=-1), logits.shape[-1])
    return soft + choice.hardness * jax.lax.stop_gradient(hard - soft)
