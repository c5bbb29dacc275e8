"""The linear Clifford encoder of a layered circuit, which is a layered circuit again.

The construction is that of `trainscape.circuits.encoders`, variant ``gates``. The phase inducer
undoes the fixed gates after the rotation k, layer by layer, so that its layers are repeated as
those of the circuit are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import stim

from trainscape.circuits.clifford import clifford_circuit, expectation, inverse
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.layered import LayeredCircuit, LayeredProblem, Part
from trainscape.circuits.phase_inducer import turning_gates

__all__ = ["LayeredEncoder", "layered_encoder"]


class LayeredEncoder(NamedTuple):
    """An encoded layered circuit.

    Parameters
    ----------
    circuit
        Encoder, circuit and phase inducer.
    gradient_at_zero
        Derivative by the encoded parameter at angle zero: its scale, or minus that.
    """

    circuit: LayeredCircuit
    gradient_at_zero: float


def layered_encoder(problem: LayeredProblem, parameter: int) -> LayeredEncoder:
    """Return the encoder for one parameter k.

    Parameters
    ----------
    problem
        A layered circuit and a string, not the identity.
    parameter
        k.

    Raises
    ------
    ValueError
        If there is no such parameter, or if the string is the identity.
    """
    circuit = problem.circuit
    index, repetition, place = circuit.located(parameter)
    if not problem.string.support:
        raise ValueError("the identity has no derivative; choose another string")
    own = circuit.parts[index]
    rotation = own.gates[place]
    assert isinstance(rotation, PauliRotation)  # what `located` promises
    string = stim.PauliString(problem.string.label)
    turns = turning_gates(rotation, string)
    arrived = string.before(clifford_circuit(turns))
    generator = stim.PauliString(circuit.num_qubits)
    for qubit, letter in zip(rotation.qubits, rotation.pauli, strict=True):
        generator[qubit] = letter
    before = _parts(
        [
            *((part.fixed, part.repetitions) for part in circuit.parts[:index]),
            (own.fixed, repetition),
            (_fixed(own.gates[:place]), 1),
        ]
    )
    end = 1j * generator * arrived
    for part in reversed(before):
        end = end.before(clifford_circuit(part.fixed) * part.repetitions)
    encoder = tuple(
        FixedGate(name, (qubit,))
        for qubit in end.pauli_indices("XY")
        for name in ("H" if end[qubit] == 1 else "HS")
    )
    undone = _parts(
        [
            *((inverse(part.fixed), part.repetitions) for part in circuit.parts[:index:-1]),
            (inverse(own.fixed), own.repetitions - repetition - 1),
            (inverse(_fixed(own.gates[place:])), 1),
            (turns, 1),
        ]
    )
    whole = LayeredCircuit(circuit.num_qubits, (*_parts([(encoder, 1)]), *circuit.parts, *undone))
    sign = expectation(end.before(clifford_circuit(encoder)))
    return LayeredEncoder(whole, rotation.scale * sign)


def _fixed(gates: Sequence[FixedGate | PauliRotation]) -> tuple[FixedGate, ...]:
    """Return the fixed gates among some gates."""
    return tuple(gate for gate in gates if isinstance(gate, FixedGate))


def _parts(found: Sequence[tuple[tuple[FixedGate, ...], int]]) -> tuple[Part, ...]:
    """Return gates and repetitions as parts, without those that are empty."""
    return tuple(Part(gates, count) for gates, count in found if gates and count)
