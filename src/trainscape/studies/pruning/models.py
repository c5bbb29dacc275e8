"""The Hamiltonians of the study, and the ansätze of `trainscape.studies.pruning.names`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.pruning.result import Block, block_gates
from trainscape.studies.pruning.names import ModelName, StageName

__all__ = ["MODELS", "ansatz", "deep_circuit", "hamiltonian"]

TILT = 0.5
"""Field along Z of the tilted models."""


def _ring(n: int) -> list[tuple[int, int]]:
    return [(q, (q + 1) % n) for q in range(n)]


def _chain(n: int) -> list[tuple[int, int]]:
    return [(q, q + 1) for q in range(n - 1)]


def _ising(bonds: Iterable[tuple[int, int]], n: int, tilt: float = 0.0) -> PauliSum:
    terms = [(-1.0, {a: "Z", b: "Z"}) for a, b in bonds]
    terms += [(-1.0, {q: "X"}) for q in range(n)]
    terms += [(-tilt, {q: "Z"}) for q in range(n) if tilt]
    return PauliSum.of((weight, PauliString.on(n, letters)) for weight, letters in terms)


def _cut(edges: Iterable[tuple[int, int]], n: int) -> PauliSum:
    return PauliSum.of((1.0, PauliString.on(n, {a: "Z", b: "Z"})) for a, b in edges)


MODELS: dict[ModelName, Callable[[int], PauliSum]] = {
    "ising_ring": lambda n: _ising(_ring(n), n),
    "ising_chain": lambda n: _ising(_chain(n), n),
    "tilted_ring": lambda n: _ising(_ring(n), n, TILT),
    "tilted_chain": lambda n: _ising(_chain(n), n, TILT),
    "ring_cut": lambda n: _cut(_ring(n), n),
    "star_cut": lambda n: _cut([(0, q) for q in range(1, n)], n),
    "complete_cut": lambda n: _cut(combinations(range(n), 2), n),
}


def hamiltonian(model: ModelName, qubits: int) -> PauliSum:
    """Return a Hamiltonian of the study on at least three qubits."""
    return MODELS[model](qubits)


@cache
def ansatz(model: ModelName, qubits: int, stage: StageName) -> tuple[Block, ...]:
    """Return one layer of an ansatz, as blocks with one parameter each."""
    dense = dense_layer(qubits)
    if stage == "A0":
        (layer,) = dense.layers
        return tuple(Block((gate.generator,), (1.0,)) for gate in layer if gate.generator)
    return prune(
        hamiltonian(model, qubits),
        dense,
        mode="orbits" if stage == "A3" else "free",
        structure="any" if stage == "A1" else "terms",
    ).layer


def deep_circuit(model: ModelName, qubits: int, stage: StageName, layers: int) -> Circuit:
    """Return `layers` layers of an ansatz, from the state plus on all qubits."""
    blocks = ansatz(model, qubits, stage)
    gates: list[Gate] = [FixedGate("H", (qubit,)) for qubit in range(qubits)]
    for parameter in range(layers * len(blocks)):
        gates += block_gates(blocks[parameter % len(blocks)], parameter)
    return Circuit(qubits, layers * len(blocks), tuple(gates))
