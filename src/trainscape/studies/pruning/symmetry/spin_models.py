"""Hamiltonians whose symmetries are looked for: rings and chains of spins, with equal couplings.

``xy``, ``xxz`` (anisotropy 0.5) and ``heisenberg`` couple XX + YY and ZZ; ``dimer_ring`` has
couplings 1 and 0.5 in turn, ``random_ring`` random ones, both in a field along X.
"""

from __future__ import annotations

import numpy as np

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.pruning.names import HamiltonianName

__all__ = ["ANISOTROPY", "bonds_of", "spin_model"]

ANISOTROPY = 0.5
TILT = 0.5

Letters = dict[int, str]


def bonds_of(name: HamiltonianName, qubits: int) -> list[tuple[int, int]]:
    """Return the bonds of a ring or a chain."""
    closed = name.endswith("ring")
    return [(q, (q + 1) % qubits) for q in range(qubits if closed else qubits - 1)]


def spin_model(name: HamiltonianName, qubits: int, rng: np.random.Generator) -> PauliSum:
    """Return a Hamiltonian on four qubits or more.

    Parameters
    ----------
    name
        Its name.
    qubits
        Number of qubits n.
    rng
        Draws the couplings of ``random_ring``, from 0.5 to 1.5; not used by others.
    """
    kind = name.rpartition("_")[0]
    bonds = bonds_of(name, qubits)
    terms: list[tuple[float, Letters]] = []
    if kind in ("ising", "tilted", "dimer", "random"):
        couplings = np.ones(len(bonds))
        if kind == "dimer":
            couplings[1::2] = 0.5
        if kind == "random":
            couplings = rng.uniform(0.5, 1.5, len(bonds))
        terms += [
            (-weight, {a: "Z", b: "Z"})
            for weight, (a, b) in zip(couplings.tolist(), bonds, strict=True)
        ]
        terms += [(-1.0, {q: "X"}) for q in range(qubits)]
    if kind == "tilted":
        terms += [(-TILT, {q: "Z"}) for q in range(qubits)]
    if kind in ("xy", "xxz", "heisenberg"):
        terms += [(1.0, {a: letter, b: letter}) for letter in "XY" for a, b in bonds]
    if kind in ("xxz", "heisenberg"):
        weight = ANISOTROPY if kind == "xxz" else 1.0
        terms += [(weight, {a: "Z", b: "Z"}) for a, b in bonds]
    return PauliSum.of((weight, PauliString.on(qubits, letters)) for weight, letters in terms)
