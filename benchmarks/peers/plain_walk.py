"""The Pauli walk for second moments in plain NumPy.

It takes one byte for each letter bit of each walker, with walkers in the inner axis, in groups that
fit into the cache.
"""

from __future__ import annotations

import numpy as np

from benchmarks import instances
from benchmarks.worker import Workload
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.simulators.pauli.walk import Patch

__all__ = ["walk"]

WALKERS = 4096


def walk(n: int, layers: int, size: float) -> Workload:
    """Second moments by unpacked walks. One evaluation is a million gates acting on a walker."""
    problem = light_cone(instances.layered(n, layers, "ring", {0: "Z", 1: "Z"})).problem
    gates = problem.circuit.gates
    label = problem.observable.terms[0][1].label
    flip = Patch("gaussian", size).flip_probability()
    rng = np.random.default_rng(2)

    def moment() -> np.ndarray:
        x = np.zeros((problem.circuit.num_qubits, WALKERS), dtype=np.bool_)
        z = np.zeros_like(x)
        for qubit, letter in enumerate(label):
            x[qubit], z[qubit] = letter in "XY", letter in "ZY"
        for gate in reversed(gates):
            if isinstance(gate, PauliRotation):
                q = gate.qubits[0]
                anticommutes = (
                    x[q] if gate.pauli == "Z" else z[q] if gate.pauli == "X" else x[q] ^ z[q]
                )
                flipped = anticommutes & (rng.random(WALKERS) < flip)
                if gate.pauli in "XY":
                    x[q] ^= flipped
                if gate.pauli in "ZY":
                    z[q] ^= flipped
            else:
                a, b = gate.qubits
                z[a] ^= x[b]
                z[b] ^= x[a]
        return np.array([np.mean(~x.any(axis=0))])

    calls = 16
    return Workload(
        lambda: np.mean([moment() for _ in range(calls)], axis=0),
        len(gates) * WALKERS * calls / 1e6,
        {"gates": len(gates), "samples": WALKERS * calls},
    )
