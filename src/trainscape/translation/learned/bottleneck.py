"""Sequence models whose answering part knows of the sentence d numbers and the queries alone.

The encoding tokens pass an embedding and a sequence layer; its summary is projected to d numbers,
the latent vector, optionally rounded to some bits each. The answering part embeds each query token
together with the latent vector, passes a sequence layer of the same kind, and reads two numbers for
each token: the answer of a nullifier, and an angle. Nothing else passes from one part to the other:
the answering layer begins at its own zero state. So d counts what is carried over, whatever the
width of the layers.

The latent dimension is a mask of ones and zeros over the largest one, and hence no matter of
shapes: all latent dimensions of a model share one compiled function.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from trainscape.translation.learned.sequence_layers import LAYERS, LayerName

__all__ = ["BottleneckModel", "round_to_bits"]


GAIN = 3.0


def round_to_bits(latent: Array, bits: int) -> Array:
    """Round numbers to `bits` bits over [-1, 1], with the gradient of the identity.

    Parameters
    ----------
    latent
        Any numbers; beyond [-1, 1] they are cut off.
    bits
        Bits of each number, at least 1.
    """
    steps = 2**bits - 1
    cut = jnp.clip(latent, -1, 1)
    rounded = jnp.round((cut + 1) * (steps / 2)) * (2 / steps) - 1
    return jnp.asarray(cut + jax.lax.stop_gradient(rounded - cut))


class GatedLinear(eqx.Module):
    """A gated linear unit, ``(A x + a) tanh(B x + b)``: it multiplies numbers of a token.

    Parameters
    ----------
    inputs, outputs
        Numbers taken and given.
    key
        Key of the random initial weights.
    """

    value: eqx.nn.Linear
    gate: eqx.nn.Linear

    def __init__(self, inputs: int, outputs: int, key: Array) -> None:
        keys = jax.random.split(key)
        self.value = eqx.nn.Linear(inputs, outputs, key=keys[0])
        self.gate = eqx.nn.Linear(inputs, outputs, key=keys[1])

    def __call__(self, numbers: Array) -> Array:
        """Return the products."""
        return jnp.asarray(GAIN * self.value(numbers) * jnp.tanh(GAIN * self.gate(numbers)))


class BottleneckModel(eqx.Module):
    """Encoder, latent vector, decoder, readout.

    Parameters
    ----------
    layer
        Kind of both sequence layers.
    features
        Numbers of a token, see `trainscape.translation.sentences`.
    latent
        Largest latent dimension.
    width
        Width of embeddings and layers.
    key
        Key of the random initial weights.
    bits
        Bits of each latent number; None for floating-point numbers.
    """

    embed: GatedLinear
    encoder: Any
    project: eqx.nn.Linear
    receive: GatedLinear
    decoder: Any
    select: eqx.nn.Linear
    gate: eqx.nn.Linear
    hidden: eqx.nn.Linear
    readout: eqx.nn.Linear
    bits: int | None = eqx.field(static=True)

    def __init__(
        self,
        layer: LayerName,
        features: int,
        latent: int,
        width: int,
        key: Array,
        bits: int | None = None,
    ) -> None:
        keys = jax.random.split(key, 9)
        self.embed = GatedLinear(features, width, key=keys[0])
        self.encoder = LAYERS[layer](width, keys[1])
        self.project = eqx.nn.Linear(self.encoder.summary, latent, key=keys[2])
        self.receive = GatedLinear(features + latent, width, key=keys[3])
        self.decoder = LAYERS[layer](width, keys[4])
        self.select = eqx.nn.Linear(width, width, key=keys[5])
        self.gate = eqx.nn.Linear(latent, width, key=keys[6])
        self.hidden = eqx.nn.Linear(2 * width, width, key=keys[7])
        self.readout = eqx.nn.Linear(2 * width, 2, key=keys[8])
        self.bits = bits

    def encode(self, tokens: Array, mask: Array) -> Array:
        """Return the latent vector of shape ``(latent,)``, zero where `mask` is.

        Parameters
        ----------
        tokens
            Encoding tokens, shape ``(l, features)``.
        mask
            Ones for the latent numbers that may be used, shape ``(latent,)``.
        """
        embedded = jax.vmap(self.embed)(tokens)
        _, summary = self.encoder(embedded)
        latent = self.project(summary)
        if self.bits is not None:
            latent = round_to_bits(latent, self.bits)
        return mask * latent

    def answer(self, latent: Array, queries: Array, chosen: Array | None = None) -> Array:
        """Return two numbers for each query token: a nullifier's answer, and an angle.

        Parameters
        ----------
        latent
            The latent vector.
        queries
            Query tokens, shape ``(q, features)``.
        chosen
            Tokens that are answered, as rows with a one at a token and zeros elsewhere, shape
            ``(a, q)``; all of them if not given.

        Returns
        -------
        Array
            Shape ``(a, 2)``, or ``(q, 2)``.
        """

        def with_latent(numbers: Array) -> Array:
            return jnp.concatenate([numbers, latent])

        embedded = jax.vmap(lambda token: self.receive(with_latent(token)))(queries)
        outputs, _ = self.decoder(embedded)
        gate = self.gate(latent)

        def read(output: Array) -> Array:
            selected = jnp.tanh(self.select(output)) * gate
            hidden = jnp.tanh(self.hidden(jnp.concatenate([output, selected])))
            return self.readout(jnp.concatenate([selected, hidden]))

        return jax.vmap(read)(outputs if chosen is None else chosen @ outputs)

    def __call__(
        self, tokens: Array, queries: Array, mask: Array, chosen: Array | None = None
    ) -> Array:
        """Return the answers to the queries of one sentence, see `answer`."""
        return self.answer(self.encode(tokens, mask), queries, chosen)
