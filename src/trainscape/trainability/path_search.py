r"""Search for sets of rotations whose x parts add up, which Pauli paths are made of.

See `trainscape.trainability.short_paths`. The x part that a rotation has at the start of the
circuit is held as a linear hash of 64 bits, so that a look into a sorted table finds what completes
a set.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from trainscape.simulators.pauli.moments import Patch

__all__ = ["LARGEST", "PathSearch", "Paths", "Target", "joined", "ranges"]

Int = NDArray[np.int64]
Real = NDArray[np.float64]
Bool = NDArray[np.bool_]
Words = NDArray[np.uint64]

COUNTS = ("sines", "cosines")

LARGEST = 2**25
"""Candidates that are held at one time, at most: a few GiB."""


class Target(NamedTuple):
    """What the flips of a kind of paths have to add up to.

    Parameters
    ----------
    wanted
        Hash of the sum of the x parts of the flips that are searched for.
    place
        Rotation of the derivative, which is none of these; -1 for the value.
    sines
        Sines at that rotation: 1 if paths pass it without a flip, else 0.
    """

    wanted: np.uint64
    place: int
    sines: int


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

    def weights(self, patch: Patch, *, norm: bool = False) -> Real:
        """Return what each path adds to the moment, shape ``(N,)``.

        With `norm`, paths of E[C^2] are weighted as they add to E[|grad C|^2]. The derivative by an
        angle turns its sine into a cosine, or the reverse.
        """
        p = np.array([patch.flip_probability(scale) for scale in self.scales.tolist()])
        logarithms = xlogy(self.sines, p) + xlog1py(self.cosines, -p)
        weights = self.factor * np.exp(logarithms.sum(axis=1))
        if norm:
            turned = self.sines * ((1 - p) / p) + self.cosines * (p / (1 - p))
            weights = weights * (turned @ self.scales**2)
        return np.asarray(weights, dtype=np.float64)

    def moments(self, patch: Patch) -> Real:
        """Return what the paths with 0, 1, ... sines add, shape ``(most + 1,)``.

        Their sum is a lower bound on the second moment: all that is missing has more sines.
        """
        sines = self.sines.sum(axis=1)
        total = np.bincount(sines, weights=self.weights(patch), minlength=self.most + 1)
        return total.astype(np.float64)


class PathSearch(ABC):
    """The sets of rotations with a wanted sum, and what is known of those that are paths.

    Attributes
    ----------
    hashes : ndarray
        Of each rotation, in the order in which paths meet them, shape ``(D,)``.
    scales : ndarray
        Absolute scales of the classes of rotations, shape ``(C,)``.
    drawn : bool
        Whether candidates are drawn where they are many, instead of listed.
    """

    drawn: bool = False

    def __init__(
        self,
        hashes: Words,
        wanted: np.uint64,
        classes: NDArray[np.integer],
        scales: Real,
        weight: float,
    ) -> None:
        self.hashes, self.scales = hashes, scales
        self._wanted, self._classes, self._weight = wanted, classes, weight
        self._order = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._order]

    @abstractmethod
    def place(self, parameter: int) -> int:
        """Return the rotation that has a parameter.

        Raises
        ------
        ValueError
            If none has.
        """

    @abstractmethod
    def exist(self, target: Target, others: Int) -> Bool:
        """Return which sets are paths: they anticommute with the string wherever they have to."""

    @abstractmethod
    def diagonal(self, target: Target, others: Int) -> Bool:
        """Return which sets really have the wanted sum: equal hashes may be chance."""

    @abstractmethod
    def _met(self, flips: Int, must: int) -> Int:
        """Return how many rotations of each class paths meet, without flips and `must`."""

    @abstractmethod
    def candidates(
        self, target: Target, size: int, most: int, rng: np.random.Generator
    ) -> tuple[Int, float]:
        """Return paths with `size` more flips, and how many each stands for.

        Of more than `most` so many are drawn.
        """

    def targets(self, parameter: int | None = None) -> tuple[Target, ...]:
        """Return the kinds of paths of E[C^2], or of E[g_k^2] for the derivative by a parameter.

        Raises
        ------
        ValueError
            If no rotation has this parameter.
        """
        if parameter is None:
            return (Target(self._wanted, -1, 0),)
        place = self.place(parameter)
        flipped = Target(self._wanted ^ self.hashes[place], place, 0)
        return flipped, Target(self._wanted, place, 1)

    def value(self, most: int = 2) -> Paths:
        """Return the paths of E[C^2] with up to `most` sines, four at most."""
        return self._listed(None, most)

    def derivative(self, parameter: int, most: int = 2) -> Paths:
        """Return the paths of E[g_k^2] with up to `most` sines, four at most.

        Raises
        ------
        ValueError
            If no rotation has this parameter.
        """
        return self._listed(parameter, most)

    def _listed(self, parameter: int | None, most: int) -> Paths:
        found = []
        for target in self.targets(parameter):
            for size in range(most + 1 - target.sines):
                others = self.sets(target, size)
                found.append(self.paths(target, others[self.exist(target, others)], most))
        return joined(found)

    def sets(self, target: Target, size: int) -> Int:
        """Return all sets of `size` rotations, four at most, with the wanted sum, ``(N, size)``.

        Not all of them are paths: see `exist`.
        """
        found = self._sets(target.wanted, size)
        found = found[(found != target.place).all(axis=1)]
        return np.asarray(found[self.diagonal(target, found)])

    def paths(self, target: Target, others: Int, most: int) -> Paths:
        """Count sines and cosines of sets that exist."""
        flips = self._flips(target, others)
        must = target.place if target.sines else -1
        met = self._met(flips, must)
        used = np.zeros_like(met)
        for column in flips.T:
            np.add.at(used, (np.arange(len(flips)), self._classes[column]), 1)
        factor = self._weight**2
        if target.place >= 0:
            # The derivative turns the factors of its rotation around.
            own = self._classes[target.place]
            used[:, own] += 1 if target.sines else -1
            met[:, own] += 0 if target.sines else 1
            factor *= float(self.scales[own]) ** 2
        return Paths(used, met, self.scales, factor, most)

    def _flips(self, target: Target, others: Int) -> Int:
        """Return all flips of paths, ascending: the derivative's rotation is one, or is not."""
        if target.place < 0 or target.sines:
            return np.asarray(np.sort(others, axis=1))
        own = np.full((len(others), 1), target.place)
        return np.asarray(np.sort(np.concatenate([others, own], axis=1), axis=1))

    def completed(self, sets: Int, wanted: np.uint64) -> tuple[Int, Int]:
        """Complete sets by one more rotation each, in all ways whose hashes add up.

        Returns the completed sets, and which set each of them was.
        """
        missing = np.bitwise_xor.reduce(self.hashes[sets], axis=1) ^ wanted
        low = np.searchsorted(self._sorted, missing, side="left")
        high = np.searchsorted(self._sorted, missing, side="right")
        chosen, last = ranges(low, high)
        return np.concatenate([sets[chosen], self._order[last][:, None]], axis=1), chosen

    def _sets(self, wanted: np.uint64, size: int) -> Int:
        """Return the sets of `size` rotations whose hashes add up, ascending, shape ``(N, size)``.

        Raises
        ------
        ValueError
            If `size` is above 4, or if there are too many candidates to be held.
        """
        match size:
            case 0:
                return np.empty((int(wanted == 0), 0), dtype=np.int64)
            case 1:
                return np.flatnonzero(self.hashes == wanted)[:, None]
            case 2:
                return self._later(np.arange(len(self.hashes))[:, None], wanted)
            case 3:
                parts = [self._later(pairs, wanted) for pairs in self._pairs()]
                return np.concatenate(parts) if parts else np.empty((0, 3), dtype=np.int64)
            case 4:
                return self._fours(wanted)
        raise ValueError(f"paths with {size} further flips: at most 4 can be searched for")

    def _pairs(self) -> Iterator[Int]:
        """Yield all pairs, ascending, in portions."""
        count = len(self.hashes)
        rows = max(1, LARGEST // max(count, 1))
        for first in range(0, count, rows):
            one, other = np.meshgrid(
                np.arange(first, min(first + rows, count)), np.arange(count), indexing="ij"
            )
            keep = one < other
            yield np.stack([one[keep], other[keep]], axis=1)

    def _later(self, sets: Int, wanted: np.uint64) -> Int:
        """Complete sets, ascending, by one later rotation each."""
        found, _ = self.completed(sets, wanted)
        return np.asarray(found[found[:, -1] > found[:, -2]])

    def _fours(self, wanted: np.uint64) -> Int:
        """Return the sets of four, by meeting in the middle: a pair, and a later pair."""
        count = len(self.hashes) * (len(self.hashes) - 1) // 2
        if count > LARGEST:
            raise ValueError(
                f"{count} pairs of {len(self.hashes)} rotations are too many to be held; paths "
                "with three further flips are found without"
            )
        pairs = np.concatenate([*self._pairs(), np.empty((0, 2), dtype=np.int64)])
        sums = np.bitwise_xor.reduce(self.hashes[pairs], axis=1)
        order = np.argsort(sums, kind="stable")
        ordered = sums[order]
        low = np.searchsorted(ordered, sums ^ wanted, side="left")
        high = np.searchsorted(ordered, sums ^ wanted, side="right")
        one, other = ranges(low, high)
        other = order[other]
        later = pairs[other, 0] > pairs[one, 1]
        return np.concatenate([pairs[one[later]], pairs[other[later]]], axis=1)


def joined(paths: Sequence[Paths]) -> Paths:
    """Return the paths of several lists of the same moment as one list."""
    sines, met = (np.concatenate([getattr(one, name) for one in paths]) for name in COUNTS)
    return replace(paths[0], sines=sines, cosines=met)


def ranges(low: Int, high: Int) -> tuple[Int, Int]:
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
