"""What the compiler returns: the pruned ansatz, and what was removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import anticommute
from trainscape.physics.term_graph import QubitPermutations, permuted

__all__ = [
    "Block",
    "PrunedAnsatz",
    "Reason",
    "RemovedGate",
    "block_gates",
    "preparing_gates",
    "respects",
]

Reason = Literal["SYS", "STR"]
"""The step that removed a gate: system symmetry, or structure."""


@dataclass(frozen=True)
class RemovedGate:
    """A gate that was removed: its name, its generator (empty if fixed), and the step."""

    gate: str
    generator: str
    reason: Reason


@dataclass(frozen=True)
class Block:
    """Commuting generators with one parameter: ``exp(-i t sum_k w_k G_k / 2)``.

    Parameters
    ----------
    generators, weights
        The G_k, each with first weight 1, and the w_k.
    sources
        For each angle of the unpruned circuit that the parameter replaces, its index and the factor
        that turns it into t.
    """

    generators: tuple[PauliSum, ...]
    weights: tuple[float, ...]
    sources: tuple[tuple[int, float], ...] = ()

    @property
    def total(self) -> PauliSum:
        """The sum of the generators, with their weights."""
        return PauliSum.of(
            (weight * inner, string)
            for weight, generator in zip(self.weights, self.generators, strict=True)
            for inner, string in generator.terms
        )


@dataclass(frozen=True)
class PrunedAnsatz:
    """What the compiler returns.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian.
    start
        Start state, one letter of ``01+-`` a qubit, and brackets for singlets.
    automorphisms
        Permutations of qubits that leave the Hamiltonian and the start state as they are.
    tying
        Those that also map the kept gates of each (sub-)layer to each other.
    pauli_symmetries, charges
        Independent Pauli strings, and sums of one-qubit Pauli matrices, that commute with the
        Hamiltonian.
    kept_symmetries
        Those of them that have the start state as an eigenstate: the pruned ansatz keeps them.
    removed
        Gates of one layer that were removed.
    layers
        The pruned layers, each a sequence of blocks.
    """

    hamiltonian: PauliSum
    start: str
    automorphisms: QubitPermutations
    tying: QubitPermutations
    pauli_symmetries: tuple[PauliString, ...]
    charges: tuple[PauliSum, ...]
    kept_symmetries: tuple[PauliSum, ...]
    removed: tuple[RemovedGate, ...]
    layers: tuple[tuple[Block, ...], ...]

    @property
    def layer(self) -> tuple[Block, ...]:
        """The first layer, for counts."""
        return self.layers[0]

    @property
    def num_gates(self) -> int:
        """Number of Pauli rotations in a layer."""
        return sum(len(generator.terms) for block in self.layer for generator in block.generators)

    @property
    def num_parameters(self) -> int:
        """Number of parameters of a layer."""
        return len(self.layer)

    def circuit(self, *, prepare: bool = True) -> Circuit:
        """Return the pruned ansatz as a circuit, with gates in front that make the start state."""
        gates: list[Gate] = [*preparing_gates(self.start)] if prepare else []
        parameter = 0
        for layer in self.layers:
            for block in layer:
                gates += block_gates(block, parameter)
                parameter += 1
        return Circuit(self.hamiltonian.num_qubits, parameter, tuple(gates))

    def warm_start(self, angles: Sequence[float]) -> list[float]:
        """Return angles of the pruned ansatz: means of those that they replace.

        Parameters
        ----------
        angles
            Angles of the unpruned circuit, in radians, shape (P,).
        """
        return [
            float(np.mean([angles[index] * factor for index, factor in block.sources]))
            for layer in self.layers
            for block in layer
        ]


def preparing_gates(start: str) -> Iterator[FixedGate]:
    """Yield gates that make a start state from zeros, see `PrunedAnsatz.start`."""
    yield from (FixedGate("X", (q,)) for q, letter in enumerate(start) if letter in "1-()")
    yield from (FixedGate("H", (q,)) for q, letter in enumerate(start) if letter in "+-(")
    yield from (FixedGate("CX", (q, q + 1)) for q, letter in enumerate(start) if letter == "(")


def block_gates(block: Block, parameter: int) -> Iterator[Gate]:
    """Yield the gates of a block: Pauli rotations where the strings of a generator commute."""
    for weight, generator in zip(block.weights, block.generators, strict=True):
        commuting = all(
            not anticommute(a, b) for (_, a), (_, b) in combinations(generator.terms, 2)
        )
        if commuting:
            for inner, string in generator.terms:
                letters = "".join(string.label[qubit] for qubit in string.support)
                yield PauliRotation(letters, string.support, parameter, weight * inner)
        else:
            half = PauliSum(tuple((inner / 2, string) for inner, string in generator.terms))
            support = generator.support
            yield Evolution(half.restricted(support), support, parameter, weight)


def respects(block_layers: Sequence[Sequence[Block]], permutations: QubitPermutations) -> bool:
    """Return whether each permutation maps the generator of every parameter to itself.

    Then the pruned ansatz commutes with the permutations at all angles.
    """
    return all(
        set(permuted(block.total, permutation).terms) == set(block.total.terms)
        for layer in block_layers
        for block in layer
        for permutation in permutations.generators
    )
