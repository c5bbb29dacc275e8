"""Circuits of repeated layers, each of which is held once.

A circuit of n qubits and n layers has some 3 n^2 gates: at thousands of qubits a list of them takes
tens of GiB, though all layers are alike. A `LayeredCircuit` holds a layer once, with the number of
its repetitions, and what goes through it takes the gates of one layer after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainscape.circuits.ansatze.efficient_su2 import Entanglement, efficient_su2
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["LayeredCircuit", "LayeredProblem", "Part", "layered_efficient_su2"]


@dataclass(frozen=True)
class Part:
    """Gates that are repeated, with new parameters each time.

    Parameters
    ----------
    gates
        Fixed gates and Pauli rotations in the order in which they act. The rotations use the
        parameters 0, 1, ... in this order.
    repetitions
        How often they act.

    Raises
    ------
    ValueError
        If there are other gates or parameters, or no gates or repetitions.
    """

    gates: tuple[FixedGate | PauliRotation, ...]
    repetitions: int = 1

    def __post_init__(self) -> None:
        if self.repetitions < 1 or not self.gates:
            raise ValueError(
                f"a part of {len(self.gates)} gates is repeated {self.repetitions} times; leave it "
                "out, or give it a gate and a repetition"
            )
        for place, rotation in enumerate(self.rotations):
            if rotation.parameter != place:
                raise ValueError(
                    f"rotation {place} of a part uses parameter {rotation.parameter}; the "
                    "rotations of a part use the parameters 0, 1, ... in their order"
                )

    @property
    def rotations(self) -> tuple[PauliRotation, ...]:
        """The rotations among the gates."""
        return tuple(gate for gate in self.gates if isinstance(gate, PauliRotation))

    @property
    def fixed(self) -> tuple[FixedGate, ...]:
        """The fixed gates among them."""
        return tuple(gate for gate in self.gates if isinstance(gate, FixedGate))

    @property
    def num_parameters(self) -> int:
        """Number of parameters of all repetitions."""
        return len(self.rotations) * self.repetitions


@dataclass(frozen=True)
class LayeredCircuit:
    """A circuit made of parts. Its parameters are numbered in time order.

    Parameters
    ----------
    num_qubits
        Size of the register.
    parts
        The parts in the order in which they act.
    """

    num_qubits: int
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        for part in self.parts:
            # A circuit of one repetition checks its gates.
            Circuit(self.num_qubits, len(part.rotations), part.gates)

    @property
    def num_parameters(self) -> int:
        """Number of parameters D, which is that of the rotations."""
        return sum(part.num_parameters for part in self.parts)

    @property
    def num_gates(self) -> int:
        """Number of all gates, repetitions included."""
        return sum(len(part.gates) * part.repetitions for part in self.parts)

    def located(self, parameter: int) -> tuple[int, int, int]:
        """Return part, repetition and place among the gates of the rotation with a parameter.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        left = parameter
        for index, part in enumerate(self.parts):
            if 0 <= left < part.num_parameters:
                repetition, rotation = divmod(left, len(part.rotations))
                places = [
                    place
                    for place, gate in enumerate(part.gates)
                    if isinstance(gate, PauliRotation)
                ]
                return index, repetition, places[rotation]
            left -= part.num_parameters
        raise ValueError(
            f"there is no parameter {parameter}; the circuit has {self.num_parameters} (indices "
            "from 0)"
        )

    def expanded(self) -> Circuit:
        """Return the circuit with all its gates."""
        return Circuit(self.num_qubits, self.num_parameters, tuple(self._gates()))

    def _gates(self) -> Iterator[Gate]:
        used = 0
        for part in self.parts:
            for _ in range(part.repetitions):
                for gate in part.gates:
                    yield (
                        replace(gate, parameter=used + gate.parameter)
                        if isinstance(gate, PauliRotation)
                        else gate
                    )
                used += len(part.rotations)


@dataclass(frozen=True)
class LayeredProblem:
    """A layered circuit and an observable of one Pauli string.

    Parameters
    ----------
    circuit
        The circuit.
    string
        The observable, of weight one.
    """

    circuit: LayeredCircuit
    string: PauliString

    def __post_init__(self) -> None:
        if self.circuit.num_qubits != self.string.num_qubits:
            raise ValueError(
                f"the circuit has {self.circuit.num_qubits} qubits, but the observable has "
                f"{self.string.num_qubits} letters; write one letter for each qubit"
            )

    def expanded(self) -> Problem:
        """Return the problem with all gates of its circuit."""
        return Problem(self.circuit.expanded(), PauliSum(((1.0, self.string),)))


def layered_efficient_su2(
    num_qubits: int, layers: int, axes: str = "YZ", entanglement: Entanglement = "circular"
) -> LayeredCircuit:
    """Return the ansatz `trainscape.circuits.ansatze.efficient_su2` with its layers held once.

    Parameters are as there.
    """
    one = efficient_su2(num_qubits, min(layers, 1), axes, entanglement).gates
    rotations = len(axes) * num_qubits
    gates = tuple(gate for gate in one if isinstance(gate, FixedGate | PauliRotation))
    last = Part(gates[:rotations])
    if layers < 1:
        return LayeredCircuit(num_qubits, (last,))
    layer = Part(gates[:-rotations], layers)
    return LayeredCircuit(num_qubits, (layer, last))
