"""What a translating network is trained to make small, and what it says."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array

from trainscape.translation.learned.bottleneck import BottleneckModel
from trainscape.translation.learned.lessons import Lessons

__all__ = ["rated_outputs", "translation_loss"]

TOLERATED = 1 - math.cos(math.pi / 6)
"""What an angle costs that is wrong by the tolerance of `scores.violations`, before scaling."""


def translation_loss(
    model: BottleneckModel, mask: Array, lessons: Lessons, sharpness: Array | float = 1.0
) -> Array:
    r"""Return the mean loss of sentences.

    A nullifier costs the squared error of its answer. A context costs x, that is
    :math:`1 - \cos` of the error of the angle that is fixed, or, as the sharpness goes from 0 to 1,
    :math:`x / (x + c) + x / 10`, where c is x at the tolerance. The third angle is :math:`\pi` less
    the first two, so that a network can only be right by knowing which weight is stored.

    The sharp cost is nearly the violation itself, and it is what networks without enough memory
    have to be judged by: with x alone they say :math:`\pi/3` three times, which is always wrong,
    where they could be right two times of three. But it has a minimum there of its own, from which
    no training was seen to come to the memory; x alone leads to it. So runs begin with x.

    Parameters
    ----------
    model, mask
        The network, and the latent numbers that it may use.
    lessons
        The sentences.
    sharpness
        Share of the sharp cost, from 0 to 1.
    """
    said = jax.vmap(lambda tokens, asked, own: model(tokens, asked, mask, own))(
        lessons.encoding, lessons.queries, _answered(lessons)
    )
    return _loss(said, lessons, sharpness)


def rated_outputs(model: BottleneckModel, mask: Array, lessons: Lessons) -> tuple[Array, Array]:
    """Return the loss at full sharpness, and two numbers for each query token, ``(B, q, 2)``.

    The network is asked once for both, which halves what has to be compiled.
    """
    said = jax.vmap(lambda tokens, asked: model(tokens, asked, mask))(
        lessons.encoding, lessons.queries
    )
    return _loss(_answered(lessons) @ said, lessons, 1.0), said


def _answered(lessons: Lessons) -> Array:
    """Return the two query tokens that are answered, as rows with a one, shape ``(B, 2, q)``.

    Beyond a nullifier there is no second token; its angles do not count. Tokens are chosen by a
    product: the gradient of an index is a loop over sentences, which took more time than the
    network.
    """
    last = lessons.queries.shape[1] - 1
    places = jnp.stack([lessons.place, jnp.minimum(lessons.place + 1, last)], axis=1)
    return jax.nn.one_hot(places, last + 1)


def _loss(said: Array, lessons: Lessons, sharpness: Array | float) -> Array:
    """Return the loss of the numbers for the answered tokens, shape ``(B, 2, 2)``."""
    value, first, second = said[:, 0, 0], said[:, 0, 1], said[:, 1, 1]
    angles = jnp.stack([first, second, jnp.pi - first - second], axis=1)
    distance = jnp.sum(lessons.fixed * (1 - jnp.cos(angles - lessons.angles)), axis=1)
    sharp = distance / (distance + TOLERATED) + 0.1 * distance
    context = (1 - sharpness) * distance + sharpness * sharp
    nullifier = (value - lessons.value) ** 2
    return jnp.mean(jnp.where(lessons.is_context > 0, context, nullifier))
