"""Names of models and stages, and counts of gates: what plans need without building anything.

Chains are open, rings are closed; all have couplings and a field of 1, the tilted ones a field of
0.5 along Z beside. XXZ and Heisenberg models have no field, and couplings of 1 (XXZ: 0.5 along Z).
Cuts are the Hamiltonians of MaxCut, the sum of ZZ over the edges of a graph.

The start state is plus on all qubits; for XXZ and Heisenberg models it is one of singlets on every
second bond, because plus has another magnetisation than the ground state, and 0101.. another mix of
the two states that a flip of all spins tells apart.

======== ===============================================================================
stage    ansatz
======== ===============================================================================
``A0``   dense: all ZZ and all one-qubit rotations, each with a parameter of its own; XXZ and
         Heisenberg models have all XX and YY as well
``A1``   gates that break a symmetry of the start state are removed
``A2``   gates that are no term of the Hamiltonian are removed as well
``A3``   gates that a permutation of qubits maps to each other share a parameter
======== ===============================================================================
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "GRAPH_NAME",
    "HAMILTONIAN_LABELS",
    "LARGE_GRAPH_NAME",
    "MODEL_LABELS",
    "SMALLER",
    "STAGES",
    "STAGE_LABELS",
    "GraphMode",
    "HamiltonianName",
    "ModelName",
    "StageName",
    "is_spin_model",
    "num_gates",
    "start_letters",
]

ModelName = Literal[
    "ising_ring",
    "ising_chain",
    "tilted_ring",
    "tilted_chain",
    "xxz_ring",
    "xxz_chain",
    "heisenberg_ring",
    "heisenberg_chain",
    "ring_cut",
    "star_cut",
    "complete_cut",
]
SMALLER = 0.999
"""Ratio of whole numbers below which one is smaller than the other, in rules of claims."""

StageName = Literal["A0", "A1", "A2", "A3"]
STAGES: tuple[StageName, ...] = ("A0", "A1", "A2", "A3")

GraphMode = Literal["free", "orbits", "kinds"]
"""Which gates of a pruned layer share a parameter: none, orbits, or all of one kind."""
GRAPH_NAME = (
    r"^(?:(?:ring|path|complete|star|wheel)(?:[3-9]|1[0-9])"
    r"|(?:bipartite|grid)[1-9]x[1-9]|cube|octahedron|petersen|tailed|cotailed|tripod)$"
)
"""Names of graphs, see `trainscape.studies.pruning.graphs`."""
LARGE_GRAPH_NAME = (
    r"^(?:(?:complete|star)(?:[3-9]|[1-5][0-9])|bipartite[1-9][0-9]?x[1-9][0-9]?"
    r"|multipartite(?:[3-9]|[12][0-9])x[2-9]|(?:friendship|spider)(?:[3-9]|1[0-9]))$"
)
"""Names of graphs with few orbits of bit strings, whose dimension does not take all of them."""

HamiltonianName = Literal[
    "ising_ring",
    "ising_chain",
    "tilted_ring",
    "xy_ring",
    "xy_chain",
    "xxz_ring",
    "heisenberg_ring",
    "heisenberg_chain",
    "dimer_ring",
    "random_ring",
]
HAMILTONIAN_LABELS: dict[str, str] = {
    "ising_ring": "Ising ring",
    "ising_chain": "Ising chain",
    "tilted_ring": "tilted Ising ring",
    "xy_ring": "XY ring",
    "xy_chain": "XY chain",
    "xxz_ring": "XXZ ring",
    "heisenberg_ring": "Heisenberg ring",
    "heisenberg_chain": "Heisenberg chain",
    "dimer_ring": "Ising ring, couplings 1 and 0.5",
    "random_ring": "Ising ring, random couplings",
}

MODEL_LABELS: dict[str, str] = {
    "ising_ring": "Ising ring",
    "ising_chain": "Ising chain",
    "tilted_ring": "tilted ring",
    "tilted_chain": "tilted chain",
    "xxz_ring": "XXZ ring",
    "xxz_chain": "XXZ chain",
    "heisenberg_ring": "Heisenberg ring",
    "heisenberg_chain": "Heisenberg chain",
    "ring_cut": "cut of a ring",
    "star_cut": "cut of a star",
    "complete_cut": "cut of $K_n$",
}
STAGE_LABELS: dict[str, str] = {
    "A0": "dense",
    "A1": "symmetric",
    "A2": "terms of $H$",
    "A3": "pruned",
}


def is_spin_model(model: ModelName) -> bool:
    """Return whether a model couples spins along X and Y too, and conserves the magnetisation."""
    return model.startswith(("xxz", "heisenberg"))


def start_letters(model: ModelName, qubits: int) -> str:
    """Return the start state of a model: plus on all qubits, or brackets for singlets.

    Raises
    ------
    ValueError
        If the spins of an XXZ or Heisenberg model cannot be paired.
    """
    if not is_spin_model(model):
        return "+" * qubits
    if qubits % 2:
        raise ValueError(
            f"{model} starts from pairs of spins, and {qubits} spins cannot be paired; give an "
            "even number of qubits"
        )
    return "()" * (qubits // 2)


def num_gates(model: ModelName, qubits: int, stage: StageName) -> int:
    """Return the number of Pauli rotations in a layer."""
    pairs = qubits * (qubits - 1) // 2
    if is_spin_model(model):
        bonds = qubits if model.endswith("ring") else qubits - 1
        return {"A0": 3 * pairs + 3 * qubits, "A1": 3 * pairs}.get(stage, 3 * bonds)
    tilted = model.startswith("tilted")
    if stage == "A0" or (stage == "A1" and tilted):
        return pairs + 3 * qubits
    if stage == "A1":
        return pairs + qubits
    edges = {"ring": qubits, "chain": qubits - 1, "star_cut": qubits - 1, "complete_cut": pairs}
    bonds = next(count for name, count in edges.items() if name in model)
    return bonds + qubits * (2 if tilted else 1)
