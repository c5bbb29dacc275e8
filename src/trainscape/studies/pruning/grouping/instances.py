"""Random instances, and circuits in which gates share parameters by kind, by orbit, or not."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np

from trainscape.circuits.circuit import Circuit
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.pruning.result import Block
from trainscape.studies.pruning.grouping import GroupingMode, ProblemName
from trainscape.studies.pruning.models import layered_circuit

__all__ = ["approximation_ratio", "grouped_circuit", "random_hamiltonian"]

COUPLINGS = (0.5, 1.5)
FIELDS = (0.1, 2.0)


def random_hamiltonian(problem: ProblemName, qubits: int, rng: np.random.Generator) -> PauliSum:
    """Return an instance.

    A cut is half the sum of w ZZ over the edges of a random 3-regular graph, w in [0, 1]; a ring
    has the couplings -J ZZ and the fields -h X, J in [0.5, 1.5] and h in [0.1, 2].
    """
    terms: list[tuple[float, dict[int, str]]]
    if problem == "regular_cut":
        graph = nx.random_regular_graph(3, qubits, seed=int(rng.integers(2**31)))
        edges = sorted(tuple(sorted(edge)) for edge in graph.edges)
        weights = rng.uniform(0, 1, len(edges))
        terms = [(w / 2, {a: "Z", b: "Z"}) for (a, b), w in zip(edges, weights, strict=True)]
    else:
        couplings = rng.uniform(*COUPLINGS, qubits)
        fields = rng.uniform(*FIELDS, qubits)
        terms = [(-j, {q: "Z", (q + 1) % qubits: "Z"}) for q, j in enumerate(couplings)]
        terms += [(-h, {q: "X"}) for q, h in enumerate(fields)]
    return PauliSum.of((float(w), PauliString.on(qubits, letters)) for w, letters in terms)


def _grouped_layer(hamiltonian: PauliSum, mode: GroupingMode) -> tuple[Block, ...]:
    """Return one layer: symmetries of the Hamiltonian without weights, angles with weights."""
    weights = {string: weight for weight, string in hamiltonian.terms}
    plain = PauliSum(tuple((math.copysign(1.0, w), string) for w, string in hamiltonian.terms))
    tied = "free" if mode == "slow" else mode
    layer = prune(plain, dense_layer(hamiltonian.num_qubits), mode=tied).layer
    blocks = []
    for block in layer:
        # Drivers of a cut are no terms of it.
        own = [abs(weights.get(one.terms[0][1], 1.0)) for one in block.generators]
        blocks.append(Block(block.generators, tuple(w / max(own) for w in own)))
    return tuple(blocks)


def grouped_circuit(hamiltonian: PauliSum, mode: GroupingMode, depth: int) -> Circuit:
    """Return `depth` layers from the state plus on all qubits.

    The largest weight of the gates that share a parameter turns by the parameter itself.
    """
    layer = _grouped_layer(hamiltonian, mode)
    return layered_circuit(layer, "+" * hamiltonian.num_qubits, depth)


def approximation_ratio(
    problem: ProblemName, hamiltonian: PauliSum, energies: np.ndarray
) -> np.ndarray:
    """Return the cut over the largest cut, or the energy over the ground energy."""
    offset = sum(w for w, _ in hamiltonian.terms) if problem == "regular_cut" else 0.0
    lowest = float(np.linalg.eigvalsh(hamiltonian.matrix())[0])
    return np.asarray((energies - offset) / (lowest - offset))
