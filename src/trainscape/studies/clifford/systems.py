"""The systems of the study by name: ansätze, depths and observables, and the numbers that follow from them. Imports nothing heavy, so that plans can be made."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "Ansatz",
    "Depth",
    "ObservableName",
    "num_fixed_gates",
    "num_layers",
    "num_parameters",
    "random_observable",
]

Ansatz = Literal["mhea", "fhea", "rpqc"]
"""EfficientSU2 with RY, RZ and circular CX; with RX, RY, RZ and CX on all pairs; random axes between random Clifford gates."""

Depth = Literal["linear", "shallow"]
"""As many layers as qubits (rpqc: twice as many), or one layer (rpqc: five)."""

ObservableName = Literal[
    "random_pauli",
    "global_z",
    "heisenberg",
    "biased_heisenberg",
    "random_sum",
    "weighted_sum",
    "tfim",
]


def random_observable(observable: str) -> bool:
    """Whether the observable is drawn anew for each instance."""
    return observable in ("random_pauli", "random_sum", "weighted_sum")


def num_layers(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of layers L."""
    if depth == "shallow":
        return 5 if ansatz == "rpqc" else 1
    return 2 * qubits if ansatz == "rpqc" else qubits


def num_parameters(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of parameters D."""
    layers = num_layers(ansatz, depth, qubits)
    return (
        qubits * layers
        if ansatz == "rpqc"
        else {"mhea": 2, "fhea": 3}[ansatz] * qubits * (layers + 1)
    )


def num_fixed_gates(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of Clifford gates between the rotations (rpqc: its mean)."""
    layers = num_layers(ansatz, depth, qubits)
    return layers * {"mhea": qubits, "fhea": qubits * (qubits - 1) // 2, "rpqc": 2 * qubits}[ansatz]
