"""Sequence layers that classical models are made of: GRU, LSTM, linear state space, attention.

A layer turns embedded tokens of shape ``(l, width)`` into outputs of the same shape and a summary
of shape ``(summary,)``, its final state. All have one interface, so that encoder and decoder of a
model differ from those of another in nothing else. What does not depend on the state is computed
for all tokens at once, outside of the loop over them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

__all__ = ["LAYERS", "AttentionLayer", "GatedLayer", "LayerName", "LinearLayer", "LongShortLayer"]

LayerName = Literal["gru", "lstm", "linear", "transformer"]
"""Gated recurrent unit, long short-term memory, linear state space, one block of attention."""

HEADS = 2

UNROLLED = 8
"""Tokens whose steps are compiled as one: sentences are short, and a turn of a loop costs more."""


class GatedLayer(eqx.Module):
    """A gated recurrent unit; its summary is the final state.

    Parameters
    ----------
    width
        Numbers of an embedded token, of the state and of an output.
    key
        Key of the random initial weights.
    """

    cell: eqx.nn.GRUCell
    summary: int = eqx.field(static=True)

    def __init__(self, width: int, key: Array) -> None:
        self.cell = eqx.nn.GRUCell(width, width, key=key)
        self.summary = width

    def __call__(self, tokens: Array) -> tuple[Array, Array]:
        """Return the states after each token, and the last one."""
        cell, bias = self.cell, jnp.asarray(self.cell.bias_n)
        drives = jax.vmap(lambda token: cell.weight_ih @ token + jnp.asarray(cell.bias))(tokens)

        def step(state: Array, drive: Array) -> tuple[Array, Array]:
            reset, update, new = jnp.split(drive, 3)
            reset_, update_, new_ = jnp.split(cell.weight_hh @ state, 3)
            reset = jax.nn.sigmoid(reset + reset_)
            update = jax.nn.sigmoid(update + update_)
            new = jnp.tanh(new + reset * (new_ + bias))
            state = new + update * (state - new)
            return state, state

        last, states = jax.lax.scan(step, jnp.zeros_like(tokens[0]), drives, unroll=UNROLLED)
        return states, last


class LongShortLayer(eqx.Module):
    """Long short-term memory; its summary is the final state and the final cell, both."""

    cell: eqx.nn.LSTMCell
    summary: int = eqx.field(static=True)

    def __init__(self, width: int, key: Array) -> None:
        self.cell = eqx.nn.LSTMCell(width, width, key=key)
        self.summary = 2 * width

    def __call__(self, tokens: Array) -> tuple[Array, Array]:
        """Return the states after each token, and the last state and cell."""
        cell = self.cell
        drives = jax.vmap(lambda token: cell.weight_ih @ token + jnp.asarray(cell.bias))(tokens)

        def step(state: tuple[Array, Array], drive: Array) -> tuple[tuple[Array, Array], Array]:
            hidden, carried = state
            take, keep, new, show = jnp.split(drive + cell.weight_hh @ hidden, 4)
            carried = jax.nn.sigmoid(keep) * carried + jax.nn.sigmoid(take) * jnp.tanh(new)
            hidden = jax.nn.sigmoid(show) * jnp.tanh(carried)
            return (hidden, carried), hidden

        zero = jnp.zeros_like(tokens[0])
        last, states = jax.lax.scan(step, (zero, zero), drives, unroll=UNROLLED)
        return states, jnp.concatenate(last)


class LinearLayer(eqx.Module):
    """A linear state space with a diagonal transition; its summary is the final state.

    The state decays by ``exp(-exp(rates))`` with each token, at first by very little in half of
    its numbers. Outputs are ``x + W tanh(V [state, x])``: without what is not linear, between
    layers, such a model cannot multiply.
    """

    rates: Array
    drive: eqx.nn.Linear
    mix: eqx.nn.Linear
    out: eqx.nn.Linear
    summary: int = eqx.field(static=True)

    def __init__(self, width: int, key: Array) -> None:
        keys = jax.random.split(key, 3)
        self.rates = jnp.linspace(-8.0, 0.0, width)
        self.drive = eqx.nn.Linear(width, width, key=keys[0])
        self.mix = eqx.nn.Linear(2 * width, width, key=keys[1])
        self.out = eqx.nn.Linear(width, width, key=keys[2])
        self.summary = width

    def __call__(self, tokens: Array) -> tuple[Array, Array]:
        """Return outputs after each token, and the final state."""
        decay = jnp.exp(-jnp.exp(self.rates))
        drives = jax.vmap(self.drive)(tokens)

        def step(state: Array, drive: Array) -> tuple[Array, Array]:
            state = decay * state + drive
            return state, state

        last, states = jax.lax.scan(step, jnp.zeros_like(tokens[0]), drives, unroll=UNROLLED)
        both = jnp.concatenate([states, tokens], axis=1)
        return tokens + jax.vmap(lambda x: self.out(jnp.tanh(self.mix(x))))(both), last


class AttentionLayer(eqx.Module):
    """One block of a Transformer encoder; its summary is the mean of its outputs.

    Attention of every token to every token, then a layer for each token, both beside a straight
    connection and after normalisation.
    """

    split: eqx.nn.Linear
    join: eqx.nn.Linear
    norms: tuple[eqx.nn.LayerNorm, eqx.nn.LayerNorm]
    mix: eqx.nn.Linear
    out: eqx.nn.Linear
    summary: int = eqx.field(static=True)

    def __init__(self, width: int, key: Array) -> None:
        keys = jax.random.split(key, 4)
        self.split = eqx.nn.Linear(width, 3 * width, use_bias=False, key=keys[0])
        self.join = eqx.nn.Linear(width, width, key=keys[3])
        self.norms = (eqx.nn.LayerNorm(width), eqx.nn.LayerNorm(width))
        self.mix = eqx.nn.Linear(width, 2 * width, key=keys[1])
        self.out = eqx.nn.Linear(2 * width, width, key=keys[2])
        self.summary = width

    def __call__(self, tokens: Array) -> tuple[Array, Array]:
        """Return outputs for each token, and their mean."""
        normed = jax.vmap(self.norms[0])(tokens)
        tokens = tokens + jax.vmap(self.join)(self._attend(normed))
        normed = jax.vmap(self.norms[1])(tokens)
        tokens = tokens + jax.vmap(lambda x: self.out(jnp.tanh(self.mix(x))))(normed)
        return tokens, tokens.mean(axis=0)

    def _attend(self, tokens: Array) -> Array:
        """Return what each token reads of all, shape ``(l, width)``."""
        parts = jax.vmap(self.split)(tokens).reshape(len(tokens), 3, HEADS, -1)
        query, key, value = parts[:, 0], parts[:, 1], parts[:, 2]
        likeness = jnp.einsum("ahc,bhc->hab", query, key) / math.sqrt(query.shape[-1])
        weights = jax.nn.softmax(likeness, axis=-1)
        return jnp.einsum("hab,bhc->ahc", weights, value).reshape(len(tokens), -1)


LAYERS: dict[LayerName, Callable[[int, Array], eqx.Module]] = {
    "gru": GatedLayer,
    "lstm": LongShortLayer,
    "linear": LinearLayer,
    "transformer": AttentionLayer,
}
"""Layers by name."""
