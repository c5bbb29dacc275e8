"""Training of translating networks: Adam, in segments that can be interrupted and gone on with.

A run is a few segments. Each draws fresh sentences, from a stream of its own, so that nothing but
the number of the segment has to be known to go on; takes minibatches of them; and is rated on fixed
validation sentences. The parameters with the least validation loss are kept. A run ends early when
validation sentences are answered well enough, or when no segment of the last few was better.
Runs are computed one by one: on one core a batch of runs is slower than one run after the other
(measured: three in one batch take 4.3 ms a step, one takes 1.0 ms), and the bits of a run cannot
depend on what else is in its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from trainscape.translation.learned.bottleneck import BottleneckModel
from trainscape.translation.learned.descent import (
    State,
    advanced,
    first_state,
    learning_rates,
    moments_of,
    optimiser,
)
from trainscape.translation.learned.lessons import Lessons, lessons_of, rated
from trainscape.translation.learned.losses import rated_outputs, translation_loss
from trainscape.translation.learned.parameters import FlatModel, flat_model
from trainscape.translation.learned.sequence_layers import LayerName
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import Sentences, TaskSettings, feature_names

__all__ = ["ModelSize", "Trainer", "TrainingOptions", "answers_of", "initial_state", "train"]

PIECE = 2048
"""Sentences that are rated at once: as many as validation sentences, and never much memory."""

SHARPENING = (0.6, 0.8)
"""Shares of the steps between which the loss becomes sharp, see `losses.translation_loss`."""


@dataclass(frozen=True)
class ModelSize:
    """What fixes a network but for its parameters.

    Parameters
    ----------
    layer
        Kind of sequence layer.
    features
        Numbers of a token.
    latent
        Largest latent dimension.
    width
        Width of embeddings and layers.
    bits
        Bits of each latent number, or None.
    """

    layer: LayerName
    features: int
    latent: int
    width: int
    bits: int | None = None


@dataclass(frozen=True)
class TrainingOptions:
    """How long, and on how much.

    Parameters
    ----------
    steps
        Largest number of steps of Adam.
    segment
        Steps between two ratings.
    batch
        Sentences of a step.
    sentences
        Fresh sentences of a segment.
    validation
        Sentences of the validation set.
    enough
        A run ends when both rates of wrong answers on the validation set are below this.
    """

    steps: int
    segment: int
    batch: int = 64
    sentences: int = 8192
    validation: int = 2048
    enough: float = 0.002


@cache
def _flat(size: ModelSize) -> FlatModel:
    return flat_model(
        lambda key: BottleneckModel(
            size.layer, size.features, size.latent, size.width, key, size.bits
        )
    )


@cache
def _segment_function(size: ModelSize) -> Callable[..., Any]:
    """Return the compiled function that takes the steps of a segment."""
    flat, adam = _flat(size), optimiser()

    def segment(
        parameters: Array,
        moments: Any,
        mask: Array,
        lessons: Lessons,
        choices: Array,
        schedule: Array,
    ) -> tuple[Array, Any]:
        def step(carried: tuple[Array, Any], chosen: tuple[Array, Array]) -> Any:
            parameters, moments = carried
            which, (rate, sharpness) = chosen
            some = jax.tree.map(lambda array: array[which], lessons)
            gradient = flat.gradient(translation_loss, parameters, mask, some, sharpness)
            update, moments = adam.update(gradient, moments)
            return (parameters - rate * update, moments), None

        carried, _ = jax.lax.scan(step, (parameters, moments), (choices, schedule))
        return carried

    return jax.jit(segment)


@cache
def _rating_function(size: ModelSize) -> Callable[..., Any]:
    """Return the compiled function that gives the loss and the outputs of sentences."""
    flat = _flat(size)

    def rating(parameters: Array, mask: Array, lessons: Lessons) -> tuple[Array, Array]:
        return rated_outputs(flat.unflatten(parameters), mask, lessons)

    return jax.jit(rating)


def initial_state(size: ModelSize, rng: np.random.Generator) -> State:
    """Return a run before its first step."""
    parameters = _flat(size).initial(rng)
    best = {"best": parameters.copy(), "best_loss": np.array(np.inf)}
    return first_state(parameters) | best


def answers_of(
    size: ModelSize, latent: int, parameters: NDArray[np.float32], sentences: Sentences
) -> NDArray[np.float32]:
    """Return what a network says of sentences, shape ``(B, q, 2)``; see `lessons.spoken`."""
    mask, rating, lessons = _mask(size, latent), _rating_function(size), lessons_of(sentences)
    count = len(sentences)
    length = min(PIECE, count)
    said = []
    for start in range(0, count, length):
        # The last piece begins within the one before: all have one shape, and are compiled once.
        begin = min(start, count - length)
        piece = Lessons(*(array[begin : begin + length] for array in lessons))
        said.append(np.asarray(rating(parameters, mask, piece)[1])[start - begin :])
    return np.concatenate(said)


def _mask(size: ModelSize, latent: int) -> NDArray[np.float32]:
    return (np.arange(size.latent) < latent).astype(np.float32)


@dataclass(frozen=True)
class Trainer:
    """One run: a network, its task, its learning rate, and where its randomness comes from.

    Parameters
    ----------
    size
        The network.
    latent
        Latent dimension d, at most ``size.latent``.
    task
        Which sentences.
    options
        How long.
    rate
        Largest learning rate.
    entropy
        Seed of the sentences: runs with the same one see the same sentences.
    """

    size: ModelSize
    latent: int
    task: TaskSettings
    options: TrainingOptions
    rate: float
    entropy: int

    def __post_init__(self) -> None:
        if not 0 <= self.latent <= self.size.latent:
            raise ValueError(
                f"latent dimension {self.latent}: this network has from 0 to {self.size.latent}"
            )
        if self.size.features != len(feature_names(self.task)):
            raise ValueError(
                f"a network for tokens of {self.size.features} numbers, and a task whose tokens "
                f"have {len(feature_names(self.task))}; make both from the same task"
            )

    def _stream(self, number: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=(number,)))

    def validation(self) -> tuple[Sentences, Lessons]:
        """Return the validation sentences, and their arrays."""
        sentences = sample_sentences(self._stream(0), self.task, self.options.validation)
        return sentences, lessons_of(sentences)

    def _schedule(self, segment: int) -> NDArray[np.float32]:
        """Return learning rate and sharpness of the loss for each step of a segment."""
        places = segment * self.options.segment + np.arange(self.options.segment)
        share = np.minimum(places / self.options.steps, 1.0)
        rate = learning_rates(self.rate, share)
        start, end = SHARPENING
        sharpness = np.clip((share - start) / (end - start), 0.0, 1.0)
        return np.stack([rate, sharpness], axis=1).astype(np.float32)

    def advance(
        self, state: Mapping[str, NDArray[Any]], validation: tuple[Sentences, Lessons]
    ) -> State:
        """Return the run after one more segment.

        Parameters
        ----------
        state
            The run so far.
        validation
            What `validation` returns, made once.
        """
        number = int(state["segments"])
        rng = self._stream(number + 1)
        options = self.options
        lessons = lessons_of(sample_sentences(rng, self.task, options.sentences))
        shape = (options.segment, options.batch)
        choices = rng.integers(options.sentences, size=shape, dtype=np.int32)
        mask = _mask(self.size, self.latent)
        parameters, carried = _segment_function(self.size)(
            state["parameters"],
            moments_of(state, options.segment),
            mask,
            lessons,
            choices,
            self._schedule(number),
        )
        loss, said = _rating_function(self.size)(parameters, mask, validation[1])
        contexts, nullifiers, _ = rated(validation[0], np.asarray(said))
        worst = max(float(wrong.mean()) for wrong in (contexts, nullifiers) if wrong.size)
        value = float(loss)
        best = float(state["best_loss"])
        is_last = (number + 1) * options.segment >= options.steps
        done = is_last or worst < options.enough
        better = value < best
        return advanced(state, parameters, carried, done=done) | {
            "best": np.asarray(parameters) if better else state["best"],
            "best_loss": np.array(min(value, best)),
        }


def train(
    trainer: Trainer,
    state: State,
    keep: Callable[[State], None] = lambda state: None,
) -> State:
    """Return a run at its end.

    Parameters
    ----------
    trainer
        What is trained.
    state
        Where to begin: `initial_state`, or what was kept of an interrupted run.
    keep
        Called with the run after each segment.
    """
    validation = trainer.validation()
    while not state["done"]:
        state = trainer.advance(state, validation)
        keep(state)
    return state
