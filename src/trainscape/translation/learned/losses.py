"""What a translating network is trained to make small, and what it says."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from trainscape.translation.learned.bottleneck import BottleneckModel
from trainscape.translation.learned.lessons import Lessons

__all__ = ["outputs", "translation_loss"]


def outputs(model: BottleneckModel, mask: Array, encoding: Array, queries: Array) -> Array:
    """Return the two numbers for each query token of B sentences, shape ``(B, q, 2)``."""
    return jax.vmap(lambda tokens, asked: model(tokens, asked, mask))(encoding, queries)


def translation_loss(model: BottleneckModel, mask: Array, lessons: Lessons) -> Array:
    r"""Return the mean loss of sentences.

    A nullifier costs the squared error of its answer. A context costs :math:`1 - \cos` of the
    error of the angle that is fixed, where the third angle is :math:`\pi` less the first two, so
    that a network can only be right by knowing which of the three weights is stored.
    """
    said = outputs(model, mask, lessons.encoding, lessons.queries)
    rows = jnp.arange(len(said))
    value = said[rows, lessons.place, 0]
    # Beyond a nullifier there is no second token; its angles do not count.
    last = said.shape[1] - 1
    first = said[rows, lessons.place, 1]
    second = said[rows, jnp.minimum(lessons.place + 1, last), 1]
    angles = jnp.stack([first, second, jnp.pi - first - second], axis=1)
    context = jnp.sum(lessons.fixed * (1 - jnp.cos(angles - lessons.angles)), axis=1)
    nullifier = (value - lessons.value) ** 2
    return jnp.mean(jnp.where(lessons.is_context > 0, context, nullifier))
