"""The Hamiltonians of the study, and the ansätze of `trainscape.studies.pruning.names`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import combinations

import numpy as np

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Gate
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.guards import check_sector
from trainscape.pruning.layers import Layers, dense_layer
from trainscape.pruning.result import Block, block_gates, preparing_gates
from trainscape.studies.pruning.names import ModelName, StageName, is_spin_model, start_letters

__all__ = [
    "MODELS",
    "ansatz",
    "deep_circuit",
    "dense_ansatz",
    "hamiltonian",
    "layered_circuit",
    "variational_circuit",
    "variational_layer",
]

TILT = 0.5
"""Field along Z of the tilted models."""
ANISOTROPY = 0.5
"""Coupling along Z of the XXZ models."""


def _ring(n: int) -> list[tuple[int, int]]:
    return [(q, (q + 1) % n) for q in range(n)]


def _chain(n: int) -> list[tuple[int, int]]:
    return [(q, q + 1) for q in range(n - 1)]


def _ising(bonds: Iterable[tuple[int, int]], n: int, tilt: float = 0.0) -> PauliSum:
    terms = [(-1.0, {a: "Z", b: "Z"}) for a, b in bonds]
    terms += [(-1.0, {q: "X"}) for q in range(n)]
    terms += [(-tilt, {q: "Z"}) for q in range(n) if tilt]
    return PauliSum.of((weight, PauliString.on(n, letters)) for weight, letters in terms)


def _spins(bonds: Iterable[tuple[int, int]], n: int, anisotropy: float = 1.0) -> PauliSum:
    couplings = (("X", 1.0), ("Y", 1.0), ("Z", anisotropy))
    return PauliSum.of(
        (weight, PauliString.on(n, {a: letter, b: letter}))
        for a, b in bonds
        for letter, weight in couplings
    )


def _cut(edges: Iterable[tuple[int, int]], n: int) -> PauliSum:
    return PauliSum.of((1.0, PauliString.on(n, {a: "Z", b: "Z"})) for a, b in edges)


MODELS: dict[ModelName, Callable[[int], PauliSum]] = {
    "ising_ring": lambda n: _ising(_ring(n), n),
    "ising_chain": lambda n: _ising(_chain(n), n),
    "tilted_ring": lambda n: _ising(_ring(n), n, TILT),
    "tilted_chain": lambda n: _ising(_chain(n), n, TILT),
    "xxz_ring": lambda n: _spins(_ring(n), n, ANISOTROPY),
    "xxz_chain": lambda n: _spins(_chain(n), n, ANISOTROPY),
    "heisenberg_ring": lambda n: _spins(_ring(n), n),
    "heisenberg_chain": lambda n: _spins(_chain(n), n),
    "ring_cut": lambda n: _cut(_ring(n), n),
    "star_cut": lambda n: _cut([(0, q) for q in range(1, n)], n),
    "complete_cut": lambda n: _cut(combinations(range(n), 2), n),
}


def hamiltonian(model: ModelName, qubits: int) -> PauliSum:
    """Return a Hamiltonian of the study on at least three qubits."""
    return MODELS[model](qubits)


def dense_ansatz(model: ModelName, qubits: int) -> Layers:
    """Return the dense layer from which the ansatz of a model is pruned, with its start state."""
    couplings = "XYZ" if is_spin_model(model) else "Z"
    return dense_layer(qubits, couplings=couplings, start=start_letters(model, qubits))


@cache
def ansatz(model: ModelName, qubits: int, stage: StageName) -> tuple[Block, ...]:
    """Return one layer of an ansatz, as blocks with one parameter each.

    Raises
    ------
    trainscape.pruning.guards.WrongSectorError
        If a pruned ansatz would keep its start state away from every ground state.
    """
    dense = dense_ansatz(model, qubits)
    if stage == "A0":
        (layer,) = dense.layers
        return tuple(Block((gate.generator,), (1.0,)) for gate in layer if gate.generator)
    pruned = prune(
        hamiltonian(model, qubits),
        dense,
        mode="orbits" if stage == "A3" else "free",
        structure="any" if stage == "A1" else "terms",
    )
    check_sector(pruned, np.random.default_rng(0))
    return pruned.layer


def deep_circuit(model: ModelName, qubits: int, stage: StageName, layers: int) -> Circuit:
    """Return `layers` layers of an ansatz, from the start state of the model."""
    return layered_circuit(ansatz(model, qubits, stage), start_letters(model, qubits), layers)


def variational_layer(model: ModelName, qubits: int) -> tuple[Block, ...]:
    """Return a layer of the Hamiltonian variational ansatz: a parameter for each kind of term."""
    return prune(hamiltonian(model, qubits), dense_ansatz(model, qubits), mode="kinds").layer


def variational_circuit(model: ModelName, qubits: int, layers: int) -> Circuit:
    """Return the Hamiltonian variational ansatz from the start state of the model."""
    layer = variational_layer(model, qubits)
    return layered_circuit(layer, start_letters(model, qubits), layers)


def layered_circuit(layer: Sequence[Block], start: str, layers: int) -> Circuit:
    """Return a layer, repeated with parameters of its own each time, from a start state."""
    gates: list[Gate] = [*preparing_gates(start)]
    for parameter in range(layers * len(layer)):
        gates += block_gates(layer[parameter % len(layer)], parameter)
    return Circuit(len(start), layers * len(layer), tuple(gates))
