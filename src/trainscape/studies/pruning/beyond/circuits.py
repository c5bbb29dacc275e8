"""Circuits, inputs and labels of the group."""

from __future__ import annotations

from collections.abc import Mapping

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.states import BasisState
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext
from trainscape.studies.pruning.models import ansatz, deep_circuit
from trainscape.studies.pruning.names import ModelName

__all__ = [
    "basis_labels",
    "domain_walls",
    "effective_dimensions",
    "input_engines",
    "mean_bond",
    "orbit_of",
    "ring_circuit",
]


def basis_labels(qubits: int) -> list[str]:
    """Return all basis states as bits."""
    return [format(number, f"0{qubits}b") for number in range(2**qubits)]


def domain_walls(bits: str) -> int:
    """Return the number of neighbours on the ring that differ."""
    return sum(a != b for a, b in zip(bits, bits[1:] + bits[0], strict=True))


def orbit_of(bits: str, model: ModelName = "ising_ring") -> str:
    """Return the first of the states that the symmetries of a ring make of one.

    They are rotations, reflections and, without a field along Z, the flip of all spins.
    """
    turned = [bits[k:] + bits[:k] for k in range(len(bits))]
    turned += [one[::-1] for one in turned]
    if not model.startswith("tilted"):
        turned += [one.translate(str.maketrans("01", "10")) for one in turned]
    return min(turned)


def mean_bond(qubits: int) -> PauliSum:
    """Return the mean of ZZ over the bonds of the ring, the observable of classification."""
    return PauliSum.of(
        (1 / qubits, PauliString.on(qubits, {q: "Z", (q + 1) % qubits: "Z"})) for q in range(qubits)
    )


def ring_circuit(cell: CellContext) -> Circuit:
    """Return an ansatz of the ring without the gates that prepare its start state."""
    n = cell["qubits"]
    circuit = deep_circuit(cell["model"], n, cell["stage"], cell["layers"])
    gates = tuple(gate for gate in circuit.gates if not isinstance(gate, FixedGate))
    return Circuit(n, circuit.num_parameters, gates)


def input_engines(cell: CellContext) -> Mapping[str, Statevector]:
    """Return an engine of the mean bond for each basis state as the input."""
    circuit, bond = ring_circuit(cell), mean_bond(cell["qubits"])
    return {
        bits: Statevector(Problem(circuit, bond, (BasisState(bits),)))
        for bits in basis_labels(cell["qubits"])
    }


def effective_dimensions(cell: CellContext) -> list[int]:
    """Return the effective dimension of each basis state as the start of the circuit."""
    generators = [block.total for block in ansatz(cell["model"], cell["qubits"], cell["stage"])]
    return [effective_dimension(generators, bits) for bits in basis_labels(cell["qubits"])]
