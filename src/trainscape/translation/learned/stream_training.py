"""Networks of two layers with memories of one kind, and their training on a stream of tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from trainscape.translation.learned.bottleneck import GatedLinear
from trainscape.translation.learned.descent import (
    State,
    advanced,
    first_state,
    learning_rates,
    moments_of,
    optimiser,
)
from trainscape.translation.learned.memory_layers import (
    Architecture,
    MemoryKind,
    memory_layer,
    memory_mask,
)
from trainscape.translation.learned.parameters import FlatModel, flat_model
from trainscape.translation.learned.streams import CLASSES, Streams, StreamTask

__all__ = ["NetworkSize", "StreamModel", "StreamRating", "StreamTrainer", "stream_loss"]

TOLERATED = 0.1
"""Largest error of a nullifier's answer, as in the rest of the study."""


@dataclass(frozen=True)
class NetworkSize:
    """What fixes a network but for its parameters and the part of its memories that is used.

    Parameters
    ----------
    architecture, memory
        Kind of the layers, see `memory_layers`.
    features
        Numbers of a token.
    width
        Width of embeddings and layers.
    modes, order
        Qumodes of a layer, and largest degree of its phase.
    """

    architecture: Architecture
    memory: MemoryKind
    features: int
    width: int
    modes: int
    order: int


class StreamModel(eqx.Module):
    """Embedding, two layers with memories, readout of a symbol and of a number.

    Parameters
    ----------
    size
        Kind and sizes.
    key
        Key of the random initial weights.
    """

    embed: GatedLinear
    layers: tuple[Any, Any]
    hidden: eqx.nn.Linear
    readout: eqx.nn.Linear

    def __init__(self, size: NetworkSize, key: Array) -> None:
        keys = jax.random.split(key, 5)
        self.embed = GatedLinear(size.features, size.width, key=keys[0])
        shape = (size.architecture, size.memory, size.width, size.modes, size.order)
        self.layers = (memory_layer(*shape, keys[1]), memory_layer(*shape, keys[2]))
        self.hidden = eqx.nn.Linear(size.width, size.width, key=keys[3])
        self.readout = eqx.nn.Linear(2 * size.width, CLASSES + 1, key=keys[4])

    def __call__(self, tokens: Array, mask: Array) -> Array:
        """Return what is said after each token, shape ``(l, CLASSES + 1)``.

        Parameters
        ----------
        tokens
            Shape ``(l, features)``.
        mask
            Which numbers of the memory of each layer are used.
        """
        numbers = jax.vmap(self.embed)(tokens)
        for layer in self.layers:
            numbers = numbers + layer(numbers, mask)

        def read(own: Array) -> Array:
            return self.readout(jnp.concatenate([own, jnp.tanh(self.hidden(own))]))

        return jnp.asarray(jax.vmap(read)(numbers))


def stream_loss(model: StreamModel, streams: Streams, mask: Array) -> Array:
    """Return the cross-entropy of what is asked for (nats), plus the squared error of numbers."""
    said = jax.vmap(lambda tokens: model(tokens, mask))(streams.tokens)
    likely = jax.nn.log_softmax(said[..., :CLASSES])
    asked = streams.symbols.sum()
    entropy = -(streams.symbols * likely).sum() / jnp.maximum(asked, 1.0)
    errors = streams.asks_value * (said[..., CLASSES] - streams.value) ** 2
    return jnp.asarray(entropy + errors.sum() / jnp.maximum(streams.asks_value.sum(), 1.0))


@dataclass(frozen=True)
class StreamRating:
    """How well a network does on sequences.

    Parameters
    ----------
    wrong, asked
        Answers that are wrong, and answers: symbols that are not the likeliest, or numbers with an
        error above 0.1.
    cost
        Cross-entropy of a symbol (nats), or squared error of a number.
    """

    wrong: int
    asked: int
    cost: float


@cache
def _flat(size: NetworkSize) -> FlatModel:
    return flat_model(lambda key: StreamModel(size, key))


@cache
def _segment_function(size: NetworkSize) -> Callable[..., Any]:
    """Return the compiled function that takes the steps of a segment."""
    flat, adam = _flat(size), optimiser()

    def segment(
        parameters: Array,
        moments: Any,
        mask: Array,
        streams: Streams,
        choices: Array,
        rates: Array,
    ) -> tuple[Array, Any]:
        def step(carried: tuple[Array, Any], chosen: tuple[Array, Array]) -> Any:
            parameters, moments = carried
            which, rate = chosen
            some = jax.tree.map(lambda array: array[which], streams)
            gradient = flat.gradient(stream_loss, parameters, some, mask)
            update, moments = adam.update(gradient, moments)
            return (parameters - rate * update, moments), None

        carried, _ = jax.lax.scan(step, (parameters, moments), (choices, rates))
        return carried

    return jax.jit(segment)


@cache
def _saying_function(size: NetworkSize) -> Callable[..., Any]:
    """Return the compiled function that gives what is said after each token."""
    flat = _flat(size)

    def saying(parameters: Array, mask: Array, tokens: Array) -> Array:
        model = flat.unflatten(parameters)
        return jnp.asarray(jax.vmap(lambda own: model(own, mask))(tokens))

    return jax.jit(saying)


@dataclass(frozen=True)
class StreamTrainer:
    """One run: a network, its task, its learning rate, and where its randomness comes from.

    Parameters
    ----------
    size
        The network.
    used
        Part of the memories that is used, see `memory_mask`.
    task
        Which sequences.
    steps, segment, batch
        Steps of Adam, steps of a segment, sequences of a step.
    sequences
        Fresh sequences of a segment, of which its steps draw.
    rate
        Largest learning rate.
    entropy
        Seed of the sequences: runs with the same one see the same.
    """

    size: NetworkSize
    used: int
    task: StreamTask
    steps: int
    segment: int
    batch: int
    sequences: int
    rate: float
    entropy: int

    @property
    def mask(self) -> NDArray[np.float32]:
        """Ones for the numbers of a layer's memory that are used."""
        own = self.size
        return memory_mask(own.memory, own.architecture, own.modes, own.order, self.used)

    def start(self, rng: np.random.Generator) -> State:
        """Return a run before its first step."""
        return first_state(_flat(self.size).initial(rng))

    def _rates(self, segment: int) -> NDArray[np.float32]:
        share = np.minimum((segment * self.segment + np.arange(self.segment)) / self.steps, 1.0)
        rates = learning_rates(self.rate, share)
        return np.asarray(rates, dtype=np.float32)

    def advance(self, state: Mapping[str, NDArray[Any]]) -> State:
        """Return the run after one more segment."""
        number = int(state["segments"])
        rng = np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=(number,)))
        streams = self.task.sample(rng, self.sequences)
        shape = (self.segment, self.batch)
        choices = rng.integers(self.sequences, size=shape, dtype=np.int32)
        parameters, carried = _segment_function(self.size)(
            state["parameters"],
            moments_of(state, self.segment),
            self.mask,
            streams,
            choices,
            self._rates(number),
        )
        done = (number + 1) * self.segment >= self.steps
        return advanced(state, parameters, carried, done=done)

    def rating(self, parameters: NDArray[np.float32], streams: Streams) -> StreamRating:
        """Return how well a network does on sequences."""
        said = np.asarray(_saying_function(self.size)(parameters, self.mask, streams.tokens))
        if streams.asks_value.any():
            errors = (said[..., CLASSES] - streams.value)[streams.asks_value > 0]
            wrong = np.abs(errors) > TOLERATED
            return StreamRating(int(wrong.sum()), wrong.size, float(np.mean(errors**2)))
        asked = streams.symbols.any(axis=-1)
        logits, right = said[asked][:, :CLASSES], streams.symbols[asked].argmax(axis=1)
        rows = np.arange(len(right))
        largest = logits.max(axis=1)
        total = np.log(np.exp(logits - largest[:, None]).sum(axis=1)) + largest
        cost = float(np.mean(total - logits[rows, right]))
        wrong = logits.argmax(axis=1) != right
        return StreamRating(int(wrong.sum()), len(right), cost)
