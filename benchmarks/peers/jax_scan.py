"""JAX: automatic differentiation of a state vector.

One traced layer runs in `lax.scan`, with `vmap` over the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks import instances
from benchmarks.worker import Workload

jax.config.update("jax_enable_x64", True)

__all__ = ["batch_of", "expectation", "ring_gradient", "signs_of", "state_jacobian"]


def signs_of(n: int) -> Any:
    """Return the eigenvalues of Z of each qubit on the basis states, shape ``(2**n, n)``.

    Qubit 0 is the most significant bit.
    """
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> (n - 1 - np.arange(n))) & 1)


def _state(n: int) -> Callable[[Any], Any]:
    """Return the function from angles ``(L, 2, n)`` to the state of the ring circuit."""
    signs = signs_of(n)
    entangled = np.prod(
        [1 - 2 * ((1 - signs[:, q]) / 2) * ((1 - signs[:, (q + 1) % n]) / 2) for q in range(n)],
        axis=0,
    )

    def layer(state: Any, angles: Any) -> tuple[Any, None]:
        cosines, sines = jnp.cos(angles[0] / 2), jnp.sin(angles[0] / 2)
        for q in range(n):
            pair = state.reshape(2**q, 2, -1)
            zero = cosines[q] * pair[:, 0] - sines[q] * pair[:, 1]
            one = sines[q] * pair[:, 0] + cosines[q] * pair[:, 1]
            state = jnp.stack([zero, one], axis=1).reshape(-1)
        return state * jnp.exp(-0.5j * (signs @ angles[1])) * entangled, None

    start = np.zeros(2**n, dtype=np.complex128)
    start[0] = 1.0
    return lambda angles: lax.scan(layer, jnp.asarray(start), angles)[0]


def expectation(n: int, cost: str) -> Callable[[Any], Any]:
    """Return the function from a state to the cost."""
    signs = signs_of(n)
    if cost == "zz":
        return lambda state: jnp.sum(jnp.abs(state) ** 2 * (signs[:, 0] * signs[:, 1]))
    diagonal = -np.sum(signs * np.roll(signs, -1, axis=1), axis=1)

    def tfim(state: Any) -> Any:
        flips = sum(
            2 * jnp.real(jnp.vdot(pair[:, 0], pair[:, 1]))
            for q in range(n)
            for pair in (state.reshape(2**q, 2, -1),)
        )
        return jnp.sum(jnp.abs(state) ** 2 * diagonal) - flips

    return tfim


def batch_of(n: int) -> int:
    """Return the number of samples that `vmap` is given."""
    return 16 if n <= 10 else 8


def ring_gradient(n: int, cost: str) -> Workload:
    """Gradients of the deep ring circuit by reverse-mode differentiation."""
    samples = batch_of(n)
    theta = instances.ring(n, n, cost, samples)[1].reshape(samples, n, 2, n)
    state, measured = _state(n), expectation(n, cost)
    gradient = jax.jit(jax.vmap(jax.grad(lambda angles: measured(state(angles)))))
    return Workload(lambda: np.asarray(gradient(theta)).reshape(samples, -1), samples)


def _derivatives(n: int, mode: str) -> Callable[[Any], Any]:
    state = _state(n)
    if mode == "jacfwd":
        return jax.jacfwd(state)
    # Reverse mode differentiates real outputs: real and imaginary parts one after the other.
    pieces = jax.jacrev(
        lambda angles: jnp.concatenate([jnp.real(state(angles)), jnp.imag(state(angles))])
    )

    def joined(angles: Any) -> Any:
        both = pieces(angles)
        return both[: 2**n] + 1j * both[2**n :]

    return joined


def state_jacobian(n: int, layers: int, qfim: bool, mode: str) -> Workload:
    """The state Jacobian of one sample, without or with the quantum Fisher information matrix."""
    theta = instances.ring(n, layers, "zz", 1)[1].reshape(layers, 2, n)
    derivatives = _derivatives(n, mode)
    if not qfim:
        compiled = jax.jit(lambda angles: derivatives(angles).reshape(2**n, -1).T)
    else:
        state = _state(n)

        def metric(angles: Any) -> Any:
            psi, tangents = state(angles), derivatives(angles).reshape(2**n, -1)
            tangents = tangents - psi[:, None] * (psi.conj() @ tangents)[None, :]
            stacked = jnp.concatenate([tangents.real, tangents.imag])
            return 4 * stacked.T @ stacked

        compiled = jax.jit(metric)
    return Workload(lambda: np.asarray(compiled(theta))[None])
