"""TensorCircuit-NG on JAX: a layer is a circuit that continues a state, inside `lax.scan`.

`vmap` runs over the samples. Without the scan, deep circuits compile for minutes.
"""

from __future__ import annotations

import logging
from typing import Any

import jax
import numpy as np
import tensorcircuit as tc
from jax import lax

from benchmarks import instances
from benchmarks.peers.jax_scan import batch_of, expectation
from benchmarks.worker import Workload

__all__ = ["ring_gradient"]


def ring_gradient(n: int, cost: str) -> Workload:
    """Gradients of the deep ring circuit.

    The cost is taken from the state as a vector, which is cheaper than a circuit expectation of
    many terms.
    """
    logging.getLogger("tensorcircuit").setLevel(
        logging.ERROR
    )  # it warns of an optimiser package that nothing here needs
    tc.set_backend("jax")
    tc.set_dtype("complex128")
    samples = batch_of(n)
    theta = instances.ring(n, n, cost, samples)[1].reshape(samples, n, 2, n)
    measured = expectation(n, cost)

    def layer(state: Any, angles: Any) -> tuple[Any, None]:
        circuit = tc.Circuit(n, inputs=state)
        for q in range(n):
            circuit.ry(q, theta=angles[0, q])
        for q in range(n):
            circuit.rz(q, theta=angles[1, q])
        for q in range(n):
            circuit.cz(q, (q + 1) % n)
        return circuit.state(), None

    start = np.zeros(2**n, dtype=np.complex128)
    start[0] = 1.0
    gradient = jax.jit(
        jax.vmap(jax.grad(lambda angles: measured(lax.scan(layer, start, angles)[0])))
    )
    return Workload(lambda: np.asarray(gradient(theta)).reshape(samples, -1), samples)
