"""The phase inducer: the gates of a linear Clifford encoder that stand before the measurement.

See `trainscape.circuits.encoders` for the construction.
"""

from __future__ import annotations

import stim

from trainscape.circuits.clifford import Skeleton, clifford_circuit, inverse
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import primitive_gates

__all__ = ["phase_inducer", "turning_gates"]


def phase_inducer(
    skeleton: Skeleton, pauli: stim.PauliString, position: int
) -> tuple[FixedGate, ...]:
    """Return the phase inducer of a Pauli string P for one rotation.

    It is the inverse of the fixed gates after the rotation, followed by gates W such that
    ``W^dagger P W`` anticommutes with the generator of the rotation.

    Parameters
    ----------
    skeleton
        The circuit.
    pauli
        The string P, not the identity.
    position
        Position of the rotation among the rotations of the circuit.
    """
    after: list[FixedGate] = []
    left = len(skeleton.rotations)
    for gate in reversed(primitive_gates(skeleton.circuit)):
        if isinstance(gate, PauliRotation):
            left -= 1
            if left == position:
                break
        else:
            after.append(gate)
    undone = inverse(after[::-1])
    return (*undone, *turning_gates(skeleton.rotations[position], pauli))


def turning_gates(rotation: PauliRotation, pauli: stim.PauliString) -> tuple[FixedGate, ...]:
    """Return gates W such that ``W^dagger P W`` anticommutes with the generator of a rotation.

    Parameters
    ----------
    rotation
        The rotation.
    pauli
        The string P, not the identity.
    """

    def anticommutes(string: stim.PauliString) -> bool:
        letters = zip(rotation.qubits, rotation.pauli, strict=True)
        return sum("_XYZ"[string[q]] not in ("_", letter) for q, letter in letters) % 2 == 1

    if anticommutes(pauli):
        return ()
    # Where a letter equals that of the generator one gate does; where it is I, a CX must bring one
    # there first.
    pairs = zip(rotation.qubits, rotation.pauli, strict=True)
    ranks = {
        qubit: (0 if "IXYZ"[pauli[qubit]] == letter else 1 if pauli[qubit] == 0 else 2)
        for qubit, letter in pairs
    }
    qubit = min(rotation.qubits, key=lambda q: ranks[q])
    spread: tuple[FixedGate, ...] = ()
    if pauli[qubit] == 0:
        source = pauli.pauli_indices()[0]
        # A CX copies X from control to target, and Z from target to control.
        spread = (FixedGate("CX", (qubit, source) if pauli[source] == 3 else (source, qubit)),)
    for names in ("", "H", "S", "HS", "SH"):
        turns = tuple(FixedGate(name, (qubit,)) for name in names)
        if anticommutes(pauli.before(clifford_circuit((*turns, *spread)))):
            return (*turns, *spread)
    raise AssertionError("one-qubit Clifford gates map a letter to every other")
