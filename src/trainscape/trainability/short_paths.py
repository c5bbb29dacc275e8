r"""Pauli paths with few sines, all of them, and what they add to a second moment.

Take one Pauli string P, Clifford gates and Pauli rotations with angles of their own, and pull every
generator back to the start of the circuit: with C the Clifford gates before it, V becomes
:math:`C^\dagger V C`, and P becomes :math:`C_{all}^\dagger P C_{all}`. Then no Clifford gate is
left, and a path that flips at the rotations F ends as the product of P and the generators of F. So
it ends diagonal if and only if **their x parts add up to that of P**, modulo 2. That is a search
for sets of few vectors with a given sum: two of them are found by one look into a table for each
rotation, in O(D) all in all, and four by meeting in the middle, in O(D^2). Of the sets that are
found, those are paths that anticommute with the string where they flip.

The second moment is a sum over paths, since all others are orthogonal (`trainscape.simulators.pauli
.walk`). A path with f sines and m cosines adds ``p^f (1 - p)^m``. For the derivative by
``theta_k``, the path has to anticommute at gate k; if it flips there, that is a cosine, and else a
sine.

Where angles are small, nearly all of a moment is in its shortest paths, of which a random walk in
a large circuit meets none: this counts them. Derived here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.string_kernels import hash_rows
from trainscape.trainability.path_kernels import cosines, exist
from trainscape.trainability.path_search import Paths, PathSearch, Target, joined

__all__ = ["Paths", "ShortPaths", "Target", "joined"]

Int = NDArray[np.int64]


class ShortPaths(PathSearch):
    """The Pauli paths with few sines of a problem.

    Parameters
    ----------
    problem
        Clifford gates and Pauli rotations, each parameter used by at most one of them, and an
        observable of one Pauli string.

    Raises
    ------
    ValueError
        If the observable has several strings, or if rotations share a parameter.
    """

    def __init__(self, problem: Problem) -> None:
        problem = near_clifford(problem)
        terms = pauli_terms(problem.observable).terms
        if len(terms) != 1:
            raise ValueError(
                f"paths begin at one Pauli string, but {problem.observable} has {len(terms)}"
            )
        program = compile_program(problem)
        parameters, uses = np.unique(program.parameters, return_counts=True)
        if (uses > 1).any():
            raise ValueError(
                f"parameter {parameters[uses > 1][0]} is used by {uses.max()} rotations; paths are "
                "orthogonal only if each rotation has an angle of its own"
            )
        self._place_of = {int(name): place for place, name in enumerate(program.parameters)}
        self._generators, self._start = program.strings, program.terms[0]
        size = (problem.circuit.num_qubits + 7) // 8
        half = 4 * program.strings.shape[1]
        kept = [*range(size), *range(half, half + size)]
        rows, start = (
            words.astype("<u8").view(np.uint8) for words in (self._generators, self._start)
        )
        self._as_bytes = np.ascontiguousarray(rows[:, kept]), start[kept]
        scales = np.abs(program.scales)
        scales, classes = np.unique(scales, return_inverse=True)
        rows = np.concatenate([self._generators, self._start[None]])
        rows[:, rows.shape[1] // 2 :] = 0
        # The hash is linear: that of a sum is the sum of the hashes. It is of the x parts alone.
        hashes = hash_rows(rows, program.bits)
        super().__init__(
            hashes[:-1], hashes[-1], classes.astype(np.int64), scales, float(program.weights[0])
        )

    def place(self, parameter: int) -> int:
        """Return the rotation that has a parameter."""
        if parameter not in self._place_of:
            raise ValueError(f"no rotation has the parameter {parameter}")
        return self._place_of[parameter]

    def exist(self, target: Target, others: Int) -> NDArray[np.bool_]:
        """Return which sets are paths: they anticommute with the string wherever they have to."""
        must = target.place if target.sines else -1
        flips = self._flips(target, others)
        return np.asarray(exist(self._generators, self._start, flips, must))

    def diagonal(self, target: Target, others: Int) -> NDArray[np.bool_]:
        """Return which sets really have the wanted sum: equal hashes may be chance."""
        half = len(self._start) // 2
        total = np.repeat(self._start[None, :half], len(others), axis=0)
        for column in self._flips(target, others).T:
            total ^= self._generators[column, :half]
        return np.asarray(~total.any(axis=1))

    def candidates(
        self, target: Target, size: int, most: int, rng: np.random.Generator
    ) -> tuple[Int, float]:
        """Return all paths with `size` more flips, or `most` of them that are drawn."""
        others = self.sets(target, size)
        others = others[self.exist(target, others)]
        share = max(1.0, len(others) / most)
        if share > 1:
            others = others[np.sort(rng.permutation(len(others))[:most])]
        return others, share

    def _met(self, flips: Int, must: int) -> Int:
        return np.asarray(
            cosines(*self._as_bytes, flips, must, self._classes, len(self.scales)), dtype=np.int64
        )
