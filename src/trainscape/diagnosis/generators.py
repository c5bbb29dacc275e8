r"""The generators of a circuit: its rotations, with all fixed gates moved to the end.

Let C be the Clifford gates before a rotation about P. The circuit is a product of rotations about
:math:`C^\dagger P C`, and then all Clifford gates, which belong to the observable. So the Lie
algebra of these generators, with the observable pulled back, is that of the circuit itself.
Rotations that follow one another, commute and share a parameter have one generator, their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import anticommute
from trainscape.pruning.layers import normalised
from trainscape.simulators.pauli.program import compile_program

__all__ = ["Generators", "generators_of"]

_LETTERS = np.array(list("IXZY"))


@dataclass(frozen=True)
class Generators:
    """Generators and observable of a circuit, on the qubits of its light cone.

    Parameters
    ----------
    sums
        The different generators, each with first weight 1.
    squares
        For each of them, the sum over its gates of the squared factor of the angle, shape ``(m,)``.
    gates
        Number of gates.
    apart
        Whether a parameter has several gates that are not next to each other.
    observable
        The observable, pulled back through the fixed gates.
    """

    sums: tuple[PauliSum, ...]
    squares: NDArray[np.float64]
    gates: int
    apart: bool
    observable: PauliSum

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the light cone."""
        return self.observable.num_qubits

    @property
    def strings(self) -> tuple[PauliString, ...] | None:
        """The generators as single strings, or None if one is a sum."""
        if any(len(generator.terms) > 1 for generator in self.sums):
            return None
        return tuple(generator.terms[0][1] for generator in self.sums)


def generators_of(problem: Problem) -> Generators:
    """Return the generators of a circuit of Clifford gates and Pauli rotations.

    Raises
    ------
    ValueError
        If it has other gates, or several inputs, or the loss depends on no parameter.
    """
    cone = light_cone(near_clifford(problem)).problem
    program = compile_program(cone)
    n = cone.circuit.num_qubits
    if not len(program.scales):
        raise ValueError("the loss depends on no parameter of the circuit")
    # The program has the last gate first.
    words, scales, owners = program.strings[::-1], program.scales[::-1], program.parameters[::-1]
    if len(np.unique(owners)) == len(owners):
        squares, gates, apart = _of_single_gates(words, scales, n), len(owners), False
    else:
        squares, gates, apart = _of_shared(_strings(words, n), scales.tolist(), owners.tolist())
    if not squares:
        raise ValueError("the loss depends on no parameter of the circuit")
    observable = PauliSum.of(zip(program.weights.tolist(), _strings(program.terms, n), strict=True))
    return Generators(
        tuple(squares),
        np.array(list(squares.values())),
        gates,
        apart,
        observable,
    )


def _of_single_gates(
    words: NDArray[np.uint64], scales: NDArray[np.float64], num_qubits: int
) -> dict[PauliSum, float]:
    """Return the generators, one string each, with the sums of their squared factors."""
    rows, first, inverse = np.unique(words, axis=0, return_index=True, return_inverse=True)
    totals = np.bincount(inverse.reshape(-1), weights=scales**2)
    order = np.argsort(first)
    strings = _strings(rows[order], num_qubits)
    return {
        PauliSum(((1.0, string),)): float(total)
        for string, total in zip(strings, totals[order], strict=True)
        if set(string.label) != {"I"}
    }


def _of_shared(
    strings: Sequence[PauliString], scales: Sequence[float], owners: Sequence[int]
) -> tuple[dict[PauliSum, float], int, bool]:
    """Return the generators, the number of gates, and whether a parameter has several apart."""
    groups: list[list[tuple[float, PauliString]]] = []
    of_group: list[int] = []
    for scale, owner, string in zip(scales, owners, strings, strict=True):
        if (
            of_group
            and owner == of_group[-1]
            and not any(anticommute(string, one) for _, one in groups[-1])
        ):
            groups[-1].append((scale, string))
        else:
            groups.append([(scale, string)])
            of_group.append(owner)
    squares: dict[PauliSum, float] = {}
    for group in groups:
        terms = [(weight, string) for weight, string in group if set(string.label) != {"I"}]
        if terms:
            generator, factor = normalised(PauliSum.of(terms))
            squares[generator] = squares.get(generator, 0.0) + factor**2
    return squares, len(groups), len(set(of_group)) < len(of_group)


def _strings(words: NDArray[np.uint64], num_qubits: int) -> Sequence[PauliString]:
    """Return packed strings: x bits, then z bits, qubit q in bit q of a half."""
    half = words.shape[1] // 2
    bits = [
        np.unpackbits(
            np.ascontiguousarray(part.astype("<u8")).view(np.uint8), axis=1, bitorder="little"
        )[:, :num_qubits]
        for part in (words[:, :half], words[:, half:])
    ]
    letters = _LETTERS[bits[0] + 2 * bits[1]]
    return [PauliString("".join(row)) for row in letters]
