"""Costs that plans assume: numbers of gates, and seconds of walks."""

from __future__ import annotations

from trainscape.studies.clifford.systems import num_layers, num_parameters

__all__ = ["num_fixed_gates", "num_gates", "walk_seconds"]


def num_fixed_gates(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of Clifford gates between the rotations (rpqc: its mean)."""
    per_layer = {"mhea": qubits, "fhea": qubits * (qubits - 1) // 2, "rpqc": 2 * qubits}
    return num_layers(ansatz, depth, qubits) * per_layer[ansatz]


def num_gates(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of all gates."""
    return num_parameters(ansatz, depth, qubits) + num_fixed_gates(ansatz, depth, qubits)


def walk_seconds(gates: int, moments: int, walks: int) -> float:
    """Estimate the time for an instance: its tables, and all walks for each moment."""
    return 6e-5 * gates + moments * walks * (4e-10 * gates + 1.5e-7)
