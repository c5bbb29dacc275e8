"""The systems of the group: Hamiltonians, dense ansätze, names for people."""

from __future__ import annotations

import re
from itertools import combinations

import networkx as nx

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.layers import LayerGate, Layers, dense_layer
from trainscape.studies.pruning.lattices import num_qubits

__all__ = ["ANISOTROPY", "dense_ansatz", "lattice_hamiltonian", "lattice_label"]

ANISOTROPY = 0.5
"""Weight of ZZ in the XXZ ring, with XX and YY of weight 1."""

LABELS = {"grid": "Ising, grid {} x {}", "torus": "Ising, torus {} x {}"}
LABELS |= {"complete": "Ising, $K_{{{}}}$"}
LABELS |= {"heisenberg": "Heisenberg, ring of {}", "xxz": "XXZ, ring of {}"}


def _kind(system: str) -> str:
    return system.rstrip("0123456789x") if system[:3] != "xxz" else "xxz"


def lattice_label(system: str) -> str:
    """Return the name of a system as a reader should see it."""
    return LABELS[_kind(system)].format(*re.findall(r"\d+", system))


def lattice_hamiltonian(system: str) -> PauliSum:
    """Return a Hamiltonian: Ising with field and coupling 1 (on K_n 1/(n-1)), Heisenberg or XXZ.

    A torus is a grid whose rows and columns are closed. Heisenberg and XXZ are antiferromagnetic,
    ``sum XX + YY + w ZZ``.
    """
    n, kind = num_qubits(system), _kind(system)
    if kind not in ("heisenberg", "xxz"):
        if kind != "complete":
            sides = [int(size) for size in re.findall(r"\d+", system)]
            square = nx.grid_2d_graph(*sides, periodic=kind == "torus")
            grid = nx.convert_node_labels_to_integers(square, ordering="sorted")
            edges, coupling = sorted(map(sorted, grid.edges)), 1.0
        else:
            edges, coupling = [list(pair) for pair in combinations(range(n), 2)], 1.0 / (n - 1)
        terms = [(-coupling, {a: "Z", b: "Z"}) for a, b in edges]
        terms += [(-1.0, {q: "X"}) for q in range(n)]
    else:
        weights = {"X": 1.0, "Y": 1.0, "Z": ANISOTROPY if kind == "xxz" else 1.0}
        bonds = [(q, (q + 1) % n) for q in range(n)]
        terms = [(w, {a: p, b: p}) for a, b in bonds for p, w in weights.items()]
    return PauliSum.of((weight, PauliString.on(n, letters)) for weight, letters in terms)


def dense_ansatz(system: str) -> Layers:
    """Return a layer before pruning."""
    n = num_qubits(system)
    if _kind(system) not in ("heisenberg", "xxz"):
        return dense_layer(n)
    strings = [
        PauliString.on(n, {a: letter, b: letter})
        for a, b in combinations(range(n), 2)
        for letter in "XYZ"
    ]
    gates = [
        LayerGate(string.label, PauliSum(((1.0, string),)), index)
        for index, string in enumerate(strings)
    ]
    return Layers(n, (tuple(gates),), "01" * (n // 2))
