"""Training of a k-HRNN from random networks, in segments like those of `training`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from trainscape.translation.learned.cell_losses import LossName, gaussian_nll, mean_discrepancy
from trainscape.translation.learned.descent import (
    State,
    advanced,
    first_state,
    learning_rates,
    moments_of,
    optimiser,
)
from trainscape.translation.learned.hypergraph_cell import (
    HARD,
    Answer,
    CellLessons,
    Choice,
    HypergraphCell,
    cell_lessons,
)
from trainscape.translation.learned.parameters import FlatModel, flat_model
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import (
    Sentences,
    TaskSettings,
    Token,
    feature_names,
    features,
)

__all__ = ["CellRating", "CellTrainer", "initial_cell"]

RELAXED = 0.4
"""Share of the steps with relaxed choices, whose noise falls to zero; then they are hard."""


@dataclass(frozen=True)
class CellRating:
    """How well a trained cell does, with hard choices.

    Parameters
    ----------
    selected_edges, selected_modes
        Share of ENC tokens whose hyperedge, and of questions whose mode is chosen right; NaN for a
        memory of another order than the task.
    weight_error
        Root mean square error of gamma on ENC tokens.
    answers
        Answers to the questions, the means of their laws, shape ``(B,)``.
    """

    selected_edges: float
    selected_modes: float
    weight_error: float
    answers: NDArray[np.float64]


@cache
def _flat(features: int, modes: int, order: int) -> FlatModel:
    return flat_model(partial(HypergraphCell, features, modes, order))


def initial_cell(task: TaskSettings, order: int, rng: np.random.Generator) -> State:
    """Return a run before its first step; `order` is that of the memory."""
    return first_state(_flat(len(feature_names(task)), task.modes, order).initial(rng))


@dataclass(frozen=True)
class CellTrainer:
    """One run of a cell.

    Parameters
    ----------
    task
        Which sentences; nullifiers only.
    order
        Order of the memory.
    loss
        ``mmd`` or ``nll``.
    steps, segment, batch
        Steps of Adam, steps of a segment, sentences of a step.
    sentences
        Fresh sentences of a segment.
    rate
        Largest learning rate.
    squeezing
        Squeezing r of the data's qumodes: momenta have the variance ``exp(-2 r) / 2``.
    scale
        Number c of the kernel of the discrepancy.
    entropy
        Seed of the sentences and of the Gumbel noise.
    begin
        Squeezing of the model's qumodes while choices are relaxed; then it grows evenly to that of
        the data at the last step. None if it is that of the data throughout.
    """

    task: TaskSettings
    order: int
    loss: LossName
    steps: int
    segment: int
    batch: int
    sentences: int
    rate: float
    squeezing: float
    scale: float
    entropy: int
    begin: float | None = None

    @property
    def spreads(self) -> tuple[float, float]:
        """Standard deviations of momentum and position."""
        return float(np.exp(-self.squeezing) / 2**0.5), float(np.exp(self.squeezing) / 2**0.5)

    @property
    def flat(self) -> FlatModel:
        """The cell as a function of one vector."""
        return _flat(len(feature_names(self.task)), self.task.modes, self.order)

    def _stream(self, number: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=(number,)))

    def _schedule(self, segment: int) -> NDArray[np.float32]:
        """Return rate, hardness, noise and the model's squeezing for each step of a segment."""
        share = (segment * self.segment + np.arange(self.segment)) / self.steps
        share = np.minimum(share, 1.0)
        rate = learning_rates(self.rate, share)
        noise = np.maximum(1 - share / RELAXED, 0.0)
        begin = self.squeezing if self.begin is None else self.begin
        grown = np.clip((share - RELAXED) / (1 - RELAXED), 0.0, 1.0)
        squeezing = begin + (self.squeezing - begin) * grown
        return np.stack([rate, share >= RELAXED, noise, squeezing], axis=1).astype(np.float32)

    def batch_loss(
        self,
        cell: HypergraphCell,
        lessons: CellLessons,
        choice: Choice = HARD,
        squeezing: Array | float | None = None,
    ) -> Array:
        """Return the mean loss of sentences.

        Parameters
        ----------
        cell
            The cell, see `flat`.
        lessons
            The sentences.
        choice
            How choices are made.
        squeezing
            Squeezing of the model's qumodes; that of the data if not given.
        """
        numbers = jnp.arange(len(lessons.answer))
        r = jnp.asarray(self.squeezing if squeezing is None else squeezing)
        spreads = jnp.exp(-r) / 2**0.5, jnp.exp(r) / 2**0.5

        def law(lesson: CellLessons, number: Array) -> Answer:
            key = None if choice.key is None else jax.random.fold_in(choice.key, number)
            return cell.answer(lesson, spreads, choice._replace(key=key))

        laws = jax.vmap(law)(lessons, numbers)
        if self.loss == "nll":
            return jnp.mean(gaussian_nll(laws, lessons.answer))
        return jnp.mean(mean_discrepancy(laws, lessons.answer, self.scale))

    def advance(self, state: Mapping[str, NDArray[Any]]) -> State:
        """Return the run after one more segment."""
        number = int(state["segments"])
        rng = self._stream(number)
        sentences = sample_sentences(rng, self.task, self.sentences)
        lessons = cell_lessons(sentences, rng.normal(0, self.spreads[0], size=self.sentences))
        shape = (self.segment, self.batch)
        choices = rng.integers(self.sentences, size=shape, dtype=np.int32)
        seed = int(rng.integers(2**31))
        parameters, carried = _segment_function(self._shape())(
            state["parameters"],
            moments_of(state, self.segment),
            lessons,
            choices,
            self._schedule(number),
            jax.random.split(jax.random.key(seed), self.segment),
        )
        done = (number + 1) * self.segment >= self.steps
        return advanced(state, parameters, carried, done=done)

    def _shape(self) -> CellTrainer:
        """Return what the compiled function depends on: all but the seed and the rate."""
        return CellTrainer(**{**vars(self), "entropy": 0, "rate": 1.0})

    def weights(self, parameters: NDArray[np.float32], sentences: Sentences) -> NDArray[np.float64]:
        """Return the weights of the memory after the encoding part, shape ``(B, D)``."""
        length = sentences.settings.encoding_length
        tokens = features(sentences)[:, :length].astype(np.float32)
        found = _weights_function(self._shape())(parameters, tokens)
        return np.asarray(found).astype(np.float64)

    def rating(self, parameters: NDArray[np.float32], sentences: Sentences) -> CellRating:
        """Return how well a cell does on sentences, with hard choices."""
        lessons = cell_lessons(sentences, np.zeros(len(sentences)))
        looked = _rating_function(self._shape())(parameters, lessons)
        answers, edges, strengths, modes = map(np.asarray, looked)
        length = edges.shape[1]
        encodes = sentences.kind[:, :length] == Token.ENC
        wanted = sentences.modes[np.arange(len(sentences)), sentences.question_start, 0]
        same = self.order == self.task.order
        right = edges[encodes] == sentences.edge[:, :length][encodes]
        error = strengths[encodes] - sentences.payload[:, :length, 0][encodes]
        return CellRating(
            float(right.mean()) if same else float("nan"),
            float((modes == wanted).mean()),
            float(np.sqrt(np.mean(error**2))),
            answers.astype(np.float64),
        )


@cache
def _segment_function(trainer: CellTrainer) -> Callable[..., Any]:
    """Return the compiled function that takes the steps of a segment."""
    adam = optimiser()

    def step(lessons: CellLessons, carried: tuple[Array, Any], chosen: Any) -> Any:
        parameters, moments = carried
        which, (rate, hardness, noise, squeezing), key = chosen
        some = jax.tree.map(lambda array: array[which], lessons)
        choice = Choice(hardness, noise, key)
        gradient = trainer.flat.gradient(trainer.batch_loss, parameters, some, choice, squeezing)
        update, moments = adam.update(gradient, moments)
        return (parameters - rate * update, moments), None

    def segment(
        parameters: Array,
        moments: Any,
        lessons: CellLessons,
        choices: Array,
        schedule: Array,
        keys: Array,
    ) -> tuple[Array, Any]:
        inputs = (choices, schedule, keys)
        carried, _ = jax.lax.scan(partial(step, lessons), (parameters, moments), inputs)
        return carried

    return jax.jit(segment)


@cache
def _rating_function(trainer: CellTrainer) -> Callable[..., Any]:
    """Return the compiled function that gives answers and choices for sentences."""

    def look(cell: HypergraphCell, lesson: CellLessons) -> tuple[Array, Array, Array, Array]:
        law = cell.answer(lesson, trainer.spreads)
        edges = jnp.argmax(jax.vmap(cell.alpha)(lesson.tokens), axis=1)
        strengths = jax.vmap(cell.gamma)(lesson.tokens)[:, 0]
        return law.first, edges, strengths, jnp.argmax(cell.beta(lesson.question))

    def rating(parameters: Array, lessons: CellLessons) -> tuple[Array, Array, Array, Array]:
        cell: HypergraphCell = trainer.flat.unflatten(parameters)
        return jax.vmap(partial(look, cell))(lessons)

    return jax.jit(rating)


@cache
def _weights_function(trainer: CellTrainer) -> Callable[..., Any]:
    """Return the compiled function that gives the memory's weights for sentences."""

    def weights(parameters: Array, tokens: Array) -> Array:
        cell: HypergraphCell = trainer.flat.unflatten(parameters)
        return jax.vmap(lambda own: cell.weights(own, HARD))(tokens)

    return jax.jit(weights)
