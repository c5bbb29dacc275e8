"""A circuit that is the identity where the angles of its two halves agree.

The first half is `mhea` without its last layer of rotations, the second half its inverse: the same
gates in reverse order, with angles of their own. So the circuit is as deep, and has as many
parameters, as `mhea` with an even number of layers, and each of its parameters acts by itself.

References
----------
E. Grant et al., Quantum 3, 214 (2019), arXiv:1903.05076.
"""

from __future__ import annotations

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.clifford import inverse
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation

__all__ = ["identity_blocks"]


def identity_blocks(num_qubits: int, layers: int) -> tuple[Circuit, int]:
    """Return the circuit, and the number of parameters of its first half.

    Those of the second half follow in the same order, then those of a last layer of rotations,
    which is the identity at angle zero.

    Parameters
    ----------
    num_qubits
        Number of qubits.
    layers
        Layers of the ansatz that it stands for: each half has ``max(1, layers // 2)``.
    """
    ansatz = mhea(num_qubits, max(1, layers // 2))
    forward = ansatz.gates[: -2 * num_qubits]
    count = ansatz.num_parameters - 2 * num_qubits
    backward: list[Gate] = []
    for gate in reversed(forward):
        if isinstance(gate, PauliRotation):
            parameter = gate.parameter + count
            backward.append(PauliRotation(gate.pauli, gate.qubits, parameter, -gate.scale))
        else:
            assert isinstance(gate, FixedGate)
            backward.extend(inverse([gate]))
    last = [
        PauliRotation(axis, (qubit,), 2 * count + place * num_qubits + qubit)
        for place, axis in enumerate("YZ")
        for qubit in range(num_qubits)
    ]
    return Circuit(num_qubits, 2 * count + 2 * num_qubits, (*forward, *backward, *last)), count
