r"""Layers whose memory is a vector of numbers, a matrix, or the phase of a hypergraph state.

Two architectures, each with either kind of memory:

================  ======================================  =======================================
                  classical memory                        phase of a hypergraph state
================  ======================================  =======================================
``recurrent``     gated recurrent unit                    gates from the token and what was read
``attention``     linear attention, a sum of v k^T [1]_   gates from the token alone
================  ======================================  =======================================

The phase is a polynomial :math:`\varphi(q) = \sum_S \varphi_S \prod_{m \in S} q_m` of products of
at most k different positions of n qumodes. A token adds to its coefficients (phase gates, which
commute), and chooses n displacements s; read are the means of the n momenta after the positions,
which have mean zero, were displaced by s:

.. math:: r_b = \partial_b \varphi(s) = \sum_{S \ni b} \varphi_S \prod_{m \in S \setminus b} s_m.

For k = 1 that is a memory of n numbers and for k = 2 linear attention whose matrix is symmetric, so
that a hypergraph state of order k is attention with products of more. Means take many runs of a
device, since a momentum is spread by the others' positions; this is the form in which such models
are trained.

.. [1] A. Katharopoulos et al., Transformers are RNNs: fast autoregressive Transformers with linear
   attention, arXiv:2006.16236.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from trainscape.translation.learned.bottleneck import GatedLinear

__all__ = [
    "Architecture",
    "MemoryKind",
    "Phase",
    "coefficients",
    "memory_layer",
    "memory_mask",
]

Architecture = Literal["recurrent", "attention"]
MemoryKind = Literal["numbers", "phase"]


def coefficients(modes: int, order: int) -> int:
    """Return the number of products of 1 to `order` different positions of `modes` modes."""
    return sum(comb(modes, degree) for degree in range(1, order + 1))


class Phase:
    """Positions of the coefficients of a phase, and its derivatives.

    Parameters
    ----------
    modes
        Number n of qumodes.
    order
        Largest degree k.

    Attributes
    ----------
    degrees
        Degree of each monomial, shape ``(M,)``: ascending, in lexicographic order within one.
    """

    def __init__(self, modes: int, order: int) -> None:
        monomials = [
            chosen
            for degree in range(1, order + 1)
            for chosen in combinations(range(modes), degree)
        ]
        self.degrees = np.array([len(chosen) for chosen in monomials])
        pairs = [(number, mode) for number, chosen in enumerate(monomials) for mode in chosen]
        # Products with zeros and ones select and add: the gradient of an index is slow.
        self._coefficient = np.eye(len(monomials), dtype=np.float32)[[one for one, _ in pairs]]
        self._mode = np.eye(modes, dtype=np.float32)[:, [mode for _, mode in pairs]]
        others = [
            [*(m for m in monomials[number] if m != mode)] + [modes] * (order - degree)
            for number, mode in pairs
            for degree in [len(monomials[number])]
        ]
        # Position number n is the number one.
        self._others = np.eye(modes + 1, dtype=np.float32)[np.array(others, dtype=np.int64)]

    def derivatives(self, phase: Array, positions: Array) -> Array:
        """Return the gradient of the polynomial.

        Parameters
        ----------
        phase
            Coefficients, shape ``(M,)``.
        positions
            Where, shape ``(n,)``.

        Returns
        -------
        Array
            Shape ``(n,)``.
        """
        with_one = jnp.concatenate([positions, jnp.ones(1, dtype=positions.dtype)])
        products = self._coefficient @ phase
        for place in range(self._others.shape[1]):
            products = products * (self._others[:, place] @ with_one)
        return jnp.asarray(self._mode @ products)


def _side(numbers: int) -> int:
    """Return the side of the least square that holds as many numbers."""
    return int(np.ceil(np.sqrt(numbers)))


def memory_mask(
    memory: MemoryKind, architecture: Architecture, modes: int, order: int, used: int
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return ones for the numbers of a layer's memory that are used, and zeros for the others.

    Parameters
    ----------
    memory, architecture
        Kind of layer.
    modes, order
        Its qumodes and the order that it is made for; a classical layer is made for as many numbers
        as such a phase has coefficients.
    used
        For a phase the largest degree, else how many numbers are used.

    Returns
    -------
    ndarray
        Vector over the numbers of the memory, matrices row by row; the used part of a matrix is in
        the least square that holds it.
    """
    if memory == "phase":
        return (Phase(modes, order).degrees <= used).astype(np.float32)
    most = coefficients(modes, order)
    if architecture == "recurrent":
        return (np.arange(most) < used).astype(np.float32)
    mask = np.zeros((_side(most), _side(most)), dtype=np.float32)
    inner = np.arange(_side(used) ** 2).reshape(_side(used), -1) < used
    mask[: len(inner), : len(inner)] = inner
    return mask.ravel()


class GatedNumbers(eqx.Module):
    """A gated recurrent unit whose state has few numbers.

    Parameters
    ----------
    width
        Numbers of a token.
    modes, order
        The state has as many numbers as a phase of this order has coefficients.
    key
        Key of the random initial weights.
    """

    cell: eqx.nn.GRUCell
    out: GatedLinear

    def __init__(self, width: int, modes: int, order: int, key: Array) -> None:
        keys = jax.random.split(key)
        numbers = coefficients(modes, order)
        self.cell = eqx.nn.GRUCell(width, numbers, key=keys[0])
        self.out = GatedLinear(width + numbers, width, key=keys[1])

    def __call__(self, tokens: Array, mask: Array) -> Array:
        """Return what is added to each token, shape ``(l, width)``."""

        def step(state: Array, token: Array) -> tuple[Array, Array]:
            state = mask * self.cell(token, state)
            return state, state

        _, states = jax.lax.scan(step, jnp.zeros_like(mask), tokens)
        return jnp.asarray(jax.vmap(self.out)(jnp.concatenate([tokens, states], axis=1)))


class LinearAttention(eqx.Module):
    """Linear attention with one head, whose matrix of values and keys has few numbers."""

    query: eqx.nn.Linear
    key: eqx.nn.Linear
    value: eqx.nn.Linear
    out: GatedLinear

    def __init__(self, width: int, modes: int, order: int, key: Array) -> None:
        keys = jax.random.split(key, 4)
        side = _side(coefficients(modes, order))
        self.query = eqx.nn.Linear(width, side, key=keys[0])
        self.key = eqx.nn.Linear(width, side, key=keys[1])
        self.value = eqx.nn.Linear(width, side, key=keys[2])
        self.out = GatedLinear(width + side, width, key=keys[3])

    def __call__(self, tokens: Array, mask: Array) -> Array:
        """Return what is added to each token, shape ``(l, width)``."""
        values, keys = jax.vmap(self.value)(tokens), jax.vmap(self.key)(tokens)
        products = (values[:, :, None] * keys[:, None, :]).reshape(len(tokens), -1)
        memories = (_before(len(tokens)) @ products * mask).reshape(*keys.shape, -1)
        read = jnp.einsum("lvk,lk->lv", memories, jax.vmap(self.query)(tokens))
        return jnp.asarray(jax.vmap(self.out)(jnp.concatenate([tokens, read], axis=1)))


class PhaseAttention(eqx.Module):
    """The phase of a hypergraph state, to which tokens add, and which they read."""

    write: eqx.nn.Linear
    place: eqx.nn.Linear
    out: GatedLinear
    modes: int = eqx.field(static=True)
    order: int = eqx.field(static=True)

    def __init__(self, width: int, modes: int, order: int, key: Array) -> None:
        keys = jax.random.split(key, 3)
        self.write = eqx.nn.Linear(width, coefficients(modes, order), key=keys[0])
        self.place = eqx.nn.Linear(width, modes, key=keys[1])
        self.out = GatedLinear(width + modes, width, key=keys[2])
        self.modes, self.order = modes, order

    def __call__(self, tokens: Array, mask: Array) -> Array:
        """Return what is added to each token, shape ``(l, width)``."""
        phases = _before(len(tokens)) @ (jax.vmap(self.write)(tokens) * mask)
        derivatives = Phase(self.modes, self.order).derivatives
        read = jax.vmap(derivatives)(jnp.asarray(phases), jax.vmap(self.place)(tokens))
        return jnp.asarray(jax.vmap(self.out)(jnp.concatenate([tokens, read], axis=1)))


class PhaseRecurrence(eqx.Module):
    """The same, where what a token adds depends on what it read."""

    write: GatedLinear
    place: eqx.nn.Linear
    out: GatedLinear
    modes: int = eqx.field(static=True)
    order: int = eqx.field(static=True)

    def __init__(self, width: int, modes: int, order: int, key: Array) -> None:
        keys = jax.random.split(key, 3)
        self.write = GatedLinear(width + modes, coefficients(modes, order), key=keys[0])
        self.place = eqx.nn.Linear(width, modes, key=keys[1])
        self.out = GatedLinear(width + modes, width, key=keys[2])
        self.modes, self.order = modes, order

    def __call__(self, tokens: Array, mask: Array) -> Array:
        """Return what is added to each token, shape ``(l, width)``."""
        derivatives = Phase(self.modes, self.order).derivatives

        def step(phase: Array, both: tuple[Array, Array]) -> tuple[Array, Array]:
            token, position = both
            read = derivatives(phase, position)
            return phase + mask * self.write(jnp.concatenate([token, read])), read

        positions = jax.vmap(self.place)(tokens)
        _, read = jax.lax.scan(step, jnp.zeros_like(mask), (tokens, positions))
        return jnp.asarray(jax.vmap(self.out)(jnp.concatenate([tokens, read], axis=1)))


def _before(length: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the matrix that adds up all tokens before each token."""
    return np.tril(np.ones((length, length), dtype=np.float32), -1)


_LAYERS: dict[tuple[Architecture, MemoryKind], Callable[[int, int, int, Array], eqx.Module]] = {
    ("recurrent", "numbers"): GatedNumbers,
    ("attention", "numbers"): LinearAttention,
    ("recurrent", "phase"): PhaseRecurrence,
    ("attention", "phase"): PhaseAttention,
}


def memory_layer(
    architecture: Architecture, memory: MemoryKind, width: int, modes: int, order: int, key: Array
) -> eqx.Module:
    """Return a layer that turns tokens ``(l, width)`` and a mask into ``(l, width)``.

    Parameters
    ----------
    architecture, memory
        Kind of layer, see the table of the module.
    width
        Numbers of a token.
    modes, order
        Qumodes and order of the phase; a vector or matrix of numbers is made for as many numbers as
        the phase has coefficients, and `memory_mask` says which are used.
    key
        Key of the random initial weights.
    """
    return _LAYERS[architecture, memory](width, modes, order, key)
