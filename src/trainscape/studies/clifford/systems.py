"""The systems of the study by name: ansätze, depths, observables, and their sizes."""

from typing import Any, Literal

__all__ = [
    "SYSTEM",
    "Ansatz",
    "Depth",
    "ObservableName",
    "num_layers",
    "num_parameters",
    "num_walks",
    "system",
]

FEWEST_WALKS = 1024
"""Walkers that also the largest circuit has."""

Ansatz = Literal["mhea", "fhea", "rpqc"]
"""EfficientSU2 with RY, RZ and circular CX (mhea); with RX, RY, RZ and CX on all pairs (fhea);
rotations about random axes between random Clifford gates (rpqc)."""

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

SYSTEM = ("ansatz", "depth", "observable", "qubits")
"""Parameters of a cell that name a system."""


def system(
    qubits: int,
    ansatz: Ansatz = "mhea",
    depth: Depth = "linear",
    observable: ObservableName = "random_pauli",
) -> dict[str, Any]:
    """Return the parameters `SYSTEM` of a cell."""
    return {"ansatz": ansatz, "depth": depth, "observable": observable, "qubits": qubits}


def num_layers(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of layers L."""
    if depth == "shallow":
        return 5 if ansatz == "rpqc" else 1
    return 2 * qubits if ansatz == "rpqc" else qubits


def num_parameters(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of parameters D."""
    layers = num_layers(ansatz, depth, qubits)
    if ansatz == "rpqc":
        return qubits * layers
    return {"mhea": 2, "fhea": 3}[ansatz] * qubits * (layers + 1)


def num_walks(walks: int, largest_walk: int, gates: int) -> int:
    """Return how many walkers a moment of a circuit has: at most `largest_walk` times gates."""
    return min(walks, max(FEWEST_WALKS, largest_walk // gates))
