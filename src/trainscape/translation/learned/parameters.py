"""Parameters of a model as one vector, and their random initial values.

One vector makes one update of the optimiser, which compiles in a third of the time of one for each
matrix, and one array of a checkpoint. Initial values come from NumPy: the same bits whatever
version of JAX, and without a compilation for each shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

__all__ = ["FlatModel", "flat_model"]


class FlatModel:
    """A model whose parameters are one vector.

    Parameters
    ----------
    skeleton
        The model, with shapes in place of arrays.

    Attributes
    ----------
    size
        Number of parameters.
    """

    def __init__(self, skeleton: Any) -> None:
        leaves, self._tree = jax.tree_util.tree_flatten_with_path(skeleton)
        self._paths = [path for path, _ in leaves]
        self._leaves = [leaf for _, leaf in leaves]
        sizes = [math.prod(leaf.shape) if _is_shape(leaf) else 0 for leaf in self._leaves]
        self._ends = np.cumsum([0, *sizes]).tolist()
        self.size: int = self._ends[-1]

    def unflatten(self, parameters: Array) -> Any:
        """Return the model with the parameters of a vector of shape ``(size,)``."""
        return self.assembled(self.parts(parameters))

    def parts(self, parameters: Array) -> list[Array]:
        """Return the matrices and vectors of the model, cut out of one vector."""
        return [
            parameters[start:end].reshape(leaf.shape)
            for leaf, start, end in zip(self._leaves, self._ends, self._ends[1:], strict=False)
            if _is_shape(leaf)
        ]

    def assembled(self, parts: list[Array]) -> Any:
        """Return the model made of its matrices and vectors."""
        rest = iter(parts)
        leaves = [next(rest) if _is_shape(leaf) else leaf for leaf in self._leaves]
        return jax.tree_util.tree_unflatten(self._tree, leaves)

    def gradient(self, loss: Callable[..., Array], parameters: Array, *more: Any) -> Array:
        """Return the gradient of ``loss(model, *more)`` by all parameters, shape ``(size,)``.

        It is taken by the parts, and these are put together: the gradient of each cut is a vector
        of zeros as long as all parameters, and adding them up takes longer than the network.
        """
        parts = jax.grad(lambda parts: loss(self.assembled(parts), *more))(self.parts(parameters))
        return jnp.concatenate([part.ravel() for part in parts])

    def initial(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return random initial parameters, shape ``(size,)``.

        Matrices are uniform within the inverse root of their number of columns, biases zero, scales
        of normalisations one; rates of linear layers are evenly spaced from -8 to 0.
        """
        parts = [
            _initial(jax.tree_util.keystr(path), leaf.shape, rng).ravel()
            for path, leaf in zip(self._paths, self._leaves, strict=True)
            if _is_shape(leaf)
        ]
        return np.concatenate(parts).astype(np.float32)


def _is_shape(leaf: Any) -> bool:
    return isinstance(leaf, jax.ShapeDtypeStruct)


def _initial(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    if name.endswith("rates"):
        return np.linspace(-8.0, 0.0, shape[0])
    if len(shape) == 2:
        bound = 1 / math.sqrt(max(shape[1], 1))
        return rng.uniform(-bound, bound, size=shape)
    if "norm" in name and name.endswith("weight"):
        return np.ones(shape)
    return np.zeros(shape)


def flat_model(build: Callable[[Array], Any]) -> FlatModel:
    """Return a model as a function of one vector of parameters.

    Parameters
    ----------
    build
        Makes the model from a key; called for shapes alone, nothing is drawn.
    """
    return FlatModel(eqx.filter_eval_shape(build, jax.random.key(0)))
