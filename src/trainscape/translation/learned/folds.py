r"""Does the latent map of a network fold the weights over one another?

With as many latent numbers as weights, a sentence can be decoded if the map from weights to latent
vectors is one-to-one. A smooth map whose Jacobian has a determinant of either sign is none: it is
folded, and two sets of weights on both sides of the fold have one latent vector.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from trainscape.translation.learned.bottleneck import BottleneckModel
from trainscape.translation.learned.lessons import lessons_of
from trainscape.translation.learned.parameters import flat_model
from trainscape.translation.learned.training import ModelSize
from trainscape.translation.sentences import Sentences
from trainscape.translation.vocabulary import feature_names

__all__ = ["folded_share"]


def folded_share(
    size: ModelSize, latent: int, parameters: NDArray[np.float32], sentences: Sentences
) -> float:
    """Return the share of sentences at which the determinant has the rarer of its two signs.

    Parameters
    ----------
    size, parameters
        The network.
    latent
        Latent dimension d.
    sentences
        Sentences of a task with d hyperedges, and nothing else in their encoding part.

    Returns
    -------
    float
        0 for a map without folds, up to one half.

    Raises
    ------
    ValueError
        If there are not as many latent numbers as weights.
    """
    settings = sentences.settings
    if latent != settings.edge_count or settings.encoding_length != latent:
        raise ValueError(
            f"{latent} latent numbers and {settings.edge_count} hyperedges: folds are defined "
            "where both are equal and no displacements or kicks are encoded"
        )
    model = flat_model(
        lambda key: BottleneckModel(
            size.layer, size.features, size.latent, size.width, key, size.bits
        )
    )
    network = model.unflatten(jnp.asarray(parameters))
    mask = jnp.asarray(np.arange(size.latent) < latent, dtype=jnp.float32)
    payload = feature_names(settings).index("payload 0")

    def latent_vector(weights: Array, tokens: Array) -> Array:
        return jnp.asarray(network.encode(tokens.at[:, payload].set(weights), mask)[:latent])

    tokens = lessons_of(sentences).encoding
    jacobians = jax.jit(jax.vmap(jax.jacobian(latent_vector)))(tokens[:, :, payload], tokens)
    # Tokens stand in random order; in that of the hyperedges the sign is that of the map.
    order = np.argsort(sentences.edge[:, :latent], axis=1)
    sorted_ = np.take_along_axis(np.asarray(jacobians), order[:, None, :], axis=2)
    positive = float((np.linalg.det(sorted_) > 0).mean())
    return min(positive, 1 - positive)
