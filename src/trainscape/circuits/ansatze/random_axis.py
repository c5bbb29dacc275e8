"""Random parameterised circuits: rotations about random axes between random Clifford gates.

Each of ``depth`` layers on n qubits is

1. on each qubit one rotation, its axis uniform in X, Y, Z;
2. on each qubit H with probability 1/2, then S with probability 1/2;
3. n CX on ordered pairs of different qubits, drawn uniformly and independently (none on one qubit).

There are ``D = n depth`` parameters, ordered (layer, qubit). At angle zero it is a Clifford
circuit. This is the ansatz rPQC of arXiv 2507.06344, which has ``depth = 2 n`` in the deep case and
5 in the shallow one; the circuits with random axes and CZ of J. R. McClean et al., Nature
Communications 9, 4812 (2018), are of the same kind.
"""

from __future__ import annotations

import numpy as np

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation

__all__ = ["rpqc"]


def rpqc(num_qubits: int, depth: int, rng: np.random.Generator) -> Circuit:
    """Draw a random parameterised circuit; called rPQC in arXiv 2507.06344.

    Parameters
    ----------
    num_qubits
        Number of qubits n.
    depth
        Number of layers.
    rng
        Source of the axes and gates. A layer takes from it, in this order, n axes, n times two
        coins, and n pairs, so that a deeper circuit from the same seed begins with the shallower
        one.
    """
    if num_qubits < 1:
        raise ValueError(f"a circuit needs at least one qubit, not {num_qubits}")
    if depth < 0:
        raise ValueError(f"a circuit cannot have {depth} layers")
    gates: list[Gate] = []
    for layer in range(depth):
        axes = rng.integers(3, size=num_qubits)
        gates.extend(
            PauliRotation("XYZ"[axis], (qubit,), layer * num_qubits + qubit)
            for qubit, axis in enumerate(axes)
        )
        coins = rng.integers(2, size=(num_qubits, 2))
        for qubit, chosen in enumerate(coins):
            gates.extend(
                FixedGate(name, (qubit,)) for name, coin in zip("HS", chosen, strict=True) if coin
            )
        if num_qubits > 1:
            controls = rng.integers(num_qubits, size=num_qubits)
            steps = rng.integers(1, num_qubits, size=num_qubits)
            pairs = zip(controls.tolist(), ((controls + steps) % num_qubits).tolist(), strict=True)
            gates.extend(FixedGate("CX", pair) for pair in pairs)
    return Circuit(num_qubits, num_qubits * depth, tuple(gates))
