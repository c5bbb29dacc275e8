r"""Pauli paths with few sines of layered circuits, in memory for some numbers a rotation.

`trainscape.trainability.short_paths` pulls every generator back to the start of the circuit, which
takes :math:`O(D n)` bits: 34 GiB at 4096 qubits and as many layers. Here no generator is pulled
back. A linear hash of what it would become is found by passing through the gates once, in O(n)
memory, and paths are followed through the gates as random walks are, 64 of them in a word. The
layers are held once (`trainscape.circuits.layered`); what remains are tables of the hashes.

Where very many pairs of rotations could be paths, some are drawn, with replacement.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.layered import LayeredProblem
from trainscape.simulators.pauli.walk_program import compile_layers
from trainscape.trainability.layer_kernels import follow, pulled_hashes
from trainscape.trainability.path_search import PathSearch, Target

__all__ = ["LayeredPaths"]

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

PAIR = 2
"""Sines of the paths that may be too many to be listed."""

CANDIDATES = 4
"""Candidates for each path that is wanted: a quarter of them are paths."""


class LayeredPaths(PathSearch):
    """The Pauli paths with few sines of a layered problem.

    Parameters
    ----------
    problem
        A layered circuit of Clifford gates and Pauli rotations, and a Pauli string.
    """

    drawn = True

    def __init__(self, problem: LayeredProblem) -> None:
        program = compile_layers(problem)
        self._steps, self._x, self._z = program.steps, program.x[0], program.z[0]
        self._count = problem.circuit.num_parameters
        # Any random words will do; the results do not depend on them.
        bits = np.random.default_rng(0x9E3779B9).integers(0, 2**64, len(self._x), dtype=np.uint64)
        hashes, wanted = pulled_hashes(self._steps, bits, self._x, self._z, self._count)
        # Of rotations in the order of the walk.
        classes = np.concatenate(
            [
                np.tile(
                    [
                        int(np.searchsorted(program.scales, abs(rotation.scale)))
                        for rotation in reversed(part.rotations)
                    ],
                    part.repetitions,
                ).astype(np.uint8)
                for part in reversed(problem.circuit.parts)
            ]
        )
        super().__init__(hashes, wanted, classes, program.scales, 1.0)

    def place(self, parameter: int) -> int:
        """Return the rotation that has a parameter: paths meet the last one first."""
        if not 0 <= parameter < self._count:
            raise ValueError(f"no rotation has the parameter {parameter}")
        return self._count - 1 - parameter

    def exist(self, target: Target, others: Int) -> Bool:
        """Return which sets are paths and end diagonal."""
        must = target.place if target.sines else -1
        found = np.empty(len(others), dtype=np.bool_)
        uncounted = np.empty((0, len(self.scales)), dtype=np.int64)
        flips = self._flips(target, others)
        follow(self._steps, self._x, self._z, flips, must, uncounted, found)
        return found

    def diagonal(self, target: Target, others: Int) -> Bool:
        """Return that all sets have the wanted sum; `exist` drops those that have not."""
        return np.ones(len(others), dtype=np.bool_)

    def candidates(
        self, target: Target, size: int, most: int, rng: np.random.Generator
    ) -> tuple[Int, float]:
        """Return all paths with `size` more flips, or those among candidates that are drawn."""
        share = 1.0
        if size == PAIR:
            others, share = self._pairs_drawn(target, CANDIDATES * most, rng)
        else:
            others = self.sets(target, size)
        return others[self.exist(target, others)], share

    def _pairs_drawn(
        self, target: Target, most: int, rng: np.random.Generator
    ) -> tuple[Int, float]:
        """Return pairs with the wanted sum, `most` at most, and how many each stands for."""
        # The table is asked in its own order, so that neighbours lie close.
        missing = self._sorted ^ target.wanted
        low = np.searchsorted(self._sorted, missing, side="left")
        until = np.cumsum(np.searchsorted(self._sorted, missing, side="right") - low)
        # Each pair is met from both sides, and a rotation with itself if the sum is zero.
        total = int(until[-1]) if len(until) else 0
        if total <= 2 * most:
            return self.sets(target, PAIR), 1.0
        chosen = rng.integers(total, size=most)
        one = np.searchsorted(until, chosen, side="right")
        other = low[one] + chosen - np.where(one > 0, until[one - 1], 0)
        pairs = np.sort(np.stack([self._order[one], self._order[other]], axis=1), axis=1)
        kept = (pairs[:, 0] < pairs[:, 1]) & (pairs != target.place).all(axis=1)
        return pairs[kept], total / 2 / most

    def _met(self, flips: Int, must: int) -> Int:
        counts = np.empty((len(flips), len(self.scales)), dtype=np.int64)
        found = np.empty(len(flips), dtype=np.bool_)
        follow(self._steps, self._x, self._z, flips, must, counts, found)
        return counts
