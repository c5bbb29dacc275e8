"""Collect the gates and parameters of a circuit while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trainscape.circuits.affine import Affine
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gate_templates import Step, with_cliffords
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.circuits.io.imported import ImportedCircuit

__all__ = ["Recorder"]


class Recorder:
    """Collects gates and parameters.

    Attributes
    ----------
    gates : list of Gate
        Gates so far, in the order in which they act.
    parameters : dict of str to int
        Index of each parameter by name.
    """

    def __init__(self) -> None:
        self.gates: list[Gate] = []
        self.parameters: dict[str, int] = {}

    def parameter(self, name: str) -> Affine:
        """Return the parameter called `name`, which gets the next index when it is seen first."""
        self.parameters.setdefault(name, len(self.parameters))
        return Affine.argument(name)

    def add(self, steps: Iterable[Step]) -> None:
        """Append steps whose angles are functions of the parameters.

        A step whose angle depends on several parameters becomes one rotation for each of them.
        """
        for step in with_cliffords(steps):
            if isinstance(step, FixedGate | Unitary):
                self.gates.append(step)
                continue
            offset = step.angle.constant
            if offset and not step.angle.terms:
                self.gates.append(Evolution.of_pauli(step.pauli, step.qubits, None, offset=offset))
            for name, factor in step.angle.terms:
                if offset:
                    self.gates.append(
                        Evolution.of_pauli(
                            step.pauli, step.qubits, self.parameters[name], factor, offset
                        )
                    )
                    offset = 0.0
                else:
                    self.gates.append(
                        PauliRotation(step.pauli, step.qubits, self.parameters[name], factor)
                    )

    def imported(self, num_qubits: int, angles: Sequence[float] | None) -> ImportedCircuit:
        """Return all that was recorded."""
        circuit = Circuit(num_qubits, len(self.parameters), tuple(self.gates))
        return ImportedCircuit(
            circuit, tuple(self.parameters), None if angles is None else tuple(angles)
        )
