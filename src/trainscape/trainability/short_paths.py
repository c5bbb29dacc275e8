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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.string_kernels import hash_rows
from trainscape.trainability.path_kernels import cosines, exist

__all__ = ["Paths", "ShortPaths"]

Int = NDArray[np.int64]
Real = NDArray[np.float64]
Words = NDArray[np.uint64]

LARGEST = 2**25
"""Candidates that are held at one time, at most: a few GiB."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths of one moment.

    Parameters
    ----------
    sines, cosines
        Numbers of sines and cosines of each path, by class of rotations, shape ``(N, C)``.
    scales
        Absolute scale of each class, shape ``(C,)``.
    factor
        Common factor: the squares of the observable's weight and of the scale of the derivative.
    most
        The paths with up to this many sines are all here.
    """

    sines: Int
    cosines: Int
    scales: Real
    factor: float
    most: int

    @property
    def counts(self) -> Int:
        """Number of paths with 0, 1, ... sines, shape ``(most + 1,)``."""
        return np.bincount(self.sines.sum(axis=1), minlength=self.most + 1)

    def moments(self, patch: Patch) -> Real:
        """Return what the paths with 0, 1, ... sines add, shape ``(most + 1,)``.

        Their sum is a lower bound on the second moment: all that is missing has more sines.
        """
        p = np.array([patch.flip_probability(scale) for scale in self.scales.tolist()])
        weights = self.factor * (p**self.sines * (1.0 - p) ** self.cosines).prod(axis=1)
        total = np.bincount(self.sines.sum(axis=1), weights=weights, minlength=self.most + 1)
        return total.astype(np.float64)


class ShortPaths:
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
        self._place = {int(name): place for place, name in enumerate(program.parameters)}
        self._generators, self._start = program.strings, program.terms[0]
        size = (problem.circuit.num_qubits + 7) // 8
        half = 4 * program.strings.shape[1]
        kept = [*range(size), *range(half, half + size)]
        rows, start = (
            words.astype("<u8").view(np.uint8) for words in (self._generators, self._start)
        )
        self._as_bytes = np.ascontiguousarray(rows[:, kept]), start[kept]
        scales = np.abs(program.scales)
        self._scales, classes = np.unique(scales, return_inverse=True)
        self._classes = classes.astype(np.int64)
        self._weight = float(program.weights[0])
        rows = np.concatenate([self._generators, self._start[None]])
        rows[:, rows.shape[1] // 2 :] = 0
        # The hash is linear: that of a sum is the sum of the hashes. It is of the x parts alone.
        hashes = hash_rows(rows, program.bits)
        self._hashes, self._wanted = hashes[:-1], hashes[-1]
        self._order = np.argsort(self._hashes, kind="stable")
        self._sorted = self._hashes[self._order]

    def value(self, most: int = 2) -> Paths:
        """Return the paths of E[C^2] with up to `most` sines, four at most."""
        groups = [(self._sets(self._wanted, size, None), -1, False) for size in range(most + 1)]
        return self._paths(groups, 1.0, most)

    def derivative(self, parameter: int, most: int = 2) -> Paths:
        """Return the paths of E[g_k^2] with up to `most` sines, four at most.

        Raises
        ------
        ValueError
            If no rotation has this parameter.
        """
        if parameter not in self._place:
            raise ValueError(f"no rotation has the parameter {parameter}")
        place = self._place[parameter]
        groups: list[tuple[Int, int, bool]] = []
        for size in range(most + 1):
            others = self._sets(self._wanted ^ self._hashes[place], size, place)
            flips = np.sort(
                np.concatenate([others, np.full((len(others), 1), place)], axis=1), axis=1
            )
            groups.append((flips, place, False))
        groups += [(self._sets(self._wanted, size, place), place, True) for size in range(most)]
        scale = float(self._scales[self._classes[place]])
        return self._paths(groups, scale**2, most)

    def _paths(self, groups: list[tuple[Int, int, bool]], factor: float, most: int) -> Paths:
        """Keep the sets that are paths.

        Each group has the flips of its candidates, the rotation of the derivative (-1 for none),
        and whether that is a sine.
        """
        count = len(self._scales)
        used_up, met_by = [], []
        for flips, place, unflipped in groups:
            must = place if unflipped else -1
            flips = flips[self._diagonal(flips)]
            flips = flips[exist(self._generators, self._start, flips, must)]
            met = cosines(*self._as_bytes, flips, must, self._classes, count)
            used = np.zeros_like(met)
            for column in flips.T:
                np.add.at(used, (np.arange(len(flips)), self._classes[column]), 1)
            if place >= 0:
                # The derivative turns the factors of its rotation around.
                own = self._classes[place]
                used[:, own] += 1 if unflipped else -1
                met[:, own] += 0 if unflipped else 1
            used_up.append(used)
            met_by.append(met)
        return Paths(
            np.concatenate(used_up),
            np.concatenate(met_by),
            self._scales,
            self._weight**2 * factor,
            most,
        )

    def _diagonal(self, flips: Int) -> NDArray[np.bool_]:
        """Return which sets really have the wanted sum: equal hashes may be chance."""
        half = len(self._start) // 2
        total = np.repeat(self._start[None, :half], len(flips), axis=0)
        for column in flips.T:
            total ^= self._generators[column, :half]
        return np.asarray(~total.any(axis=1))

    def _sets(self, wanted: np.uint64, size: int, without: int | None) -> Int:
        """Return the sets of `size` rotations whose hashes add up, ascending, shape ``(N, size)``.

        Raises
        ------
        ValueError
            If `size` is above 4, or if there are too many candidates to be held.
        """
        match size:
            case 0:
                found = np.empty((int(wanted == 0), 0), dtype=np.int64)
            case 1:
                found = np.flatnonzero(self._hashes == wanted)[:, None]
            case 2:
                found = self._completed(np.arange(len(self._hashes))[:, None], wanted)
            case 3:
                parts = [self._completed(pairs, wanted) for pairs in self._pairs()]
                found = np.concatenate(parts) if parts else np.empty((0, 3), dtype=np.int64)
            case 4:
                found = self._fours(wanted)
            case _:
                raise ValueError(f"paths with {size} further flips: at most 4 can be searched for")
        if without is not None:
            found = found[(found != without).all(axis=1)]
        return found

    def _pairs(self) -> Iterator[Int]:
        """Yield all pairs, ascending, in portions."""
        count = len(self._hashes)
        rows = max(1, LARGEST // max(count, 1))
        for first in range(0, count, rows):
            one, other = np.meshgrid(
                np.arange(first, min(first + rows, count)), np.arange(count), indexing="ij"
            )
            keep = one < other
            yield np.stack([one[keep], other[keep]], axis=1)

    def _completed(self, sets: Int, wanted: np.uint64) -> Int:
        """Complete sets, ascending, by one later rotation each, in all ways that add up."""
        missing = np.bitwise_xor.reduce(self._hashes[sets], axis=1) ^ wanted
        low = np.searchsorted(self._sorted, missing, side="left")
        high = np.searchsorted(self._sorted, missing, side="right")
        chosen, last = _ranges(low, high)
        last = self._order[last]
        later = last > sets[chosen, -1]
        return np.concatenate([sets[chosen[later]], last[later, None]], axis=1)

    def _fours(self, wanted: np.uint64) -> Int:
        """Return the sets of four, by meeting in the middle: a pair, and a later pair."""
        count = len(self._hashes) * (len(self._hashes) - 1) // 2
        if count > LARGEST:
            raise ValueError(
                f"{count} pairs of {len(self._hashes)} rotations are too many to be held; paths "
                "with three further flips are found without"
            )
        pairs = np.concatenate([*self._pairs(), np.empty((0, 2), dtype=np.int64)])
        sums = np.bitwise_xor.reduce(self._hashes[pairs], axis=1)
        order = np.argsort(sums, kind="stable")
        ordered = sums[order]
        low = np.searchsorted(ordered, sums ^ wanted, side="left")
        high = np.searchsorted(ordered, sums ^ wanted, side="right")
        one, other = _ranges(low, high)
        other = order[other]
        later = pairs[other, 0] > pairs[one, 1]
        return np.concatenate([pairs[one[later]], pairs[other[later]]], axis=1)


def _ranges(low: Int, high: Int) -> tuple[Int, Int]:
    """Return all numbers of the ranges ``low[i] <= j < high[i]``, as arrays of i and of j.

    Raises
    ------
    ValueError
        If they are too many to be held.
    """
    lengths = high - low
    total = int(lengths.sum())
    if total > 4 * LARGEST:
        raise ValueError(f"{total} candidates of short paths are too many to be held")
    owners = np.repeat(np.arange(len(low)), lengths)
    offsets = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return owners, low[owners] + offsets
