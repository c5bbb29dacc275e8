r"""Pauli paths of a second moment: the shortest all, longer ones as weighted samples.

Pauli paths are sets of rotations whose x parts have a given sum (`short_paths`). Those with up to
two sines are listed. Longer ones are drawn, by two ways that share them out.

*Unions.* Rotations fall into buckets of equal x part. A set in which each bucket occurs an even
number of times adds up to zero, and members of the bucket that is zero may be added freely; where
the wanted sum is not zero, one member of its bucket is there besides. So such a set is a union of
pairs, free members, and perhaps a base, which are drawn uniformly. A set that occurs c times in a
bucket can be cut into pairs in :math:`(c - 1)!!` ways, by which it is divided.

*The others.* All members but one are drawn uniformly among all rotations, and the last is looked
up: a set with f members is met from f sides, and D times as often as if all were drawn. What is a
union is left out.

Neither depends on the distribution of the angles: one sample serves all patches.

Derived here. Weights are exact, so that sums over the sample are unbiased, for the paths with as
many sines as were asked for. Longer ones are in neither, see `patch_moments`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.trainability.path_search import Paths, PathSearch, Target, joined

__all__ = ["LISTED", "PathSample", "Stratum", "sample_paths"]

Int = NDArray[np.int64]
Real = NDArray[np.float64]

LISTED = 2
"""The paths with up to this many sines are searched for exhaustively."""

MOST_LISTED = 2**11
"""Of more listed paths than this, so many are drawn: cosines cost O(D n) for 64 of them."""

MOST_DRAWN = 2**8
"""The same for the paths of a stratum."""

TYPICAL = 64
"""Paths, diagonal or not, from which the least number of cosines of a stratum is taken."""


@dataclass(frozen=True, eq=False)
class Stratum:
    """Paths with one number of sines, of one kind, some of them.

    Parameters
    ----------
    sines
        Number of sines.
    union
        Whether these are the unions, or the others.
    paths
        The paths that were met.
    multiples
        How many paths each stands for, shape ``(N,)``.
    draws
        The draw that met each, shape ``(N,)``: those of one draw are one event.
    typical
        Paths as they are, diagonal or not: what one might weigh that was not met.
    unit
        How many paths a single one stands for at most.
    """

    sines: int
    union: bool
    paths: Paths
    multiples: Real
    draws: Int
    typical: Paths
    unit: float


@dataclass(frozen=True, eq=False)
class PathSample:
    """The paths of one moment.

    Parameters
    ----------
    listed
        Paths with up to `LISTED` sines, all or some.
    turned
        Sines that the same paths of the loss have more: 0 for the value; for a derivative 1, or -1
        if they do not flip at its rotation. Shape ``(N,)``.
    multiples
        How many paths each of them stands for, shape ``(N,)``: above 1 for those with `LISTED`
        sines if only some of these are here.
    strata
        Longer paths.
    independent
        Whether those that stand for several were drawn with replacement.
    """

    listed: Paths
    turned: Int
    multiples: Real
    strata: tuple[Stratum, ...]
    independent: bool = False


def sample_paths(
    short: PathSearch,
    parameter: int | None,
    most: int,
    draws: int,
    rng: np.random.Generator,
) -> PathSample:
    """Return the paths of E[C^2] (parameter None) or E[g_k^2], longer ones as a sample.

    Parameters
    ----------
    short
        The problem.
    parameter
        Index k of the derivative.
    most
        Largest number of sines.
    draws
        Number of sets that are drawn for each number of sines; a sixteenth of it, or 128, for each
        kind of unions.
    rng
        Random stream.

    Raises
    ------
    ValueError
        If no rotation has this parameter.
    """
    targets = short.targets(parameter)
    lists, turned, multiples = [], [], []
    for target in targets:
        for size in range(LISTED + 1 - target.sines):
            others, share = short.candidates(target, size, MOST_LISTED, rng)
            lists.append(short.paths(target, others, LISTED))
            turned.append(np.full(len(others), _turned(target)))
            multiples.append(np.full(len(others), share))
    # Without a listed path the moment is not made of short ones.
    strata = [
        stratum
        for target in (targets if any(map(len, turned)) else ())
        for sampler in (_Sampler(short, target, rng),)
        for sines in range(LISTED + 1, most + 1)
        for stratum in sampler.strata(sines, draws)
    ]
    columns = (np.concatenate(turned), np.concatenate(multiples))
    return PathSample(joined(lists), *columns, tuple(strata), short.drawn)


def _turned(target: Target) -> int:
    """Return how many sines paths of the loss have more than those of the moment."""
    return 0 if target.place < 0 else 1 - 2 * target.sines


class _Sampler:
    """Draws sets of rotations with a wanted sum."""

    def __init__(self, short: PathSearch, target: Target, rng: np.random.Generator) -> None:
        self._short, self._target, self._rng = short, target, rng
        self._pool = (
            np.delete(np.arange(len(short.hashes)), target.place)
            if (target.place >= 0)
            else np.arange(len(short.hashes))
        )
        hashes = short.hashes[self._pool]
        self._zeros = self._pool[hashes == 0]
        self._base = self._pool[hashes == target.wanted] if target.wanted != 0 else None
        members = self._pool[hashes != 0]
        order = np.argsort(short.hashes[members], kind="stable")
        self._members = members[order]
        _, self._starts, self._sizes = np.unique(
            short.hashes[self._members], return_index=True, return_counts=True
        )
        self._pairs = np.cumsum(self._sizes * (self._sizes - 1) // 2)

    def strata(self, sines: int, draws: int) -> Iterator[Stratum]:
        """Yield the strata of a number of sines."""
        size = sines - self._target.sines
        based = int(self._base is not None)
        possible = not based or len(self._base if self._base is not None else ()) > 0
        for pairs in range((size - based) // 2 + 1):
            if possible:
                yield from self._union(size, pairs, size - based - 2 * pairs, max(draws // 16, 128))
        yield from self._others(size, draws)

    def _stratum(
        self, drawn: Int, owners: Int, ways: Real, unit: float, typical: Int, union: bool
    ) -> Stratum:
        """Return the stratum of sets with the wanted sum, met by the draws `owners`.

        Each stands for `unit` sets, shared out among its `ways`.
        """
        short, target = self._short, self._target
        kept = np.flatnonzero(short.exist(target, drawn))
        share = max(1.0, len(kept) / MOST_DRAWN)
        if share > 1:
            kept = np.sort(self._rng.permutation(kept)[:MOST_DRAWN])
        sines = drawn.shape[1] + target.sines
        return Stratum(
            sines,
            union,
            short.paths(target, drawn[kept], sines),
            unit * share / ways[kept],
            owners[kept],
            short.paths(target, typical[:TYPICAL], sines),
            unit * share,
        )

    def _union(self, size: int, pairs: int, free: int, draws: int) -> Iterator[Stratum]:
        """Yield unions of a base where the sum is not zero, pairs, and free members."""
        total = int(self._pairs[-1]) if len(self._pairs) else 0
        if (pairs and not total) or free > len(self._zeros):
            return
        rng, columns = self._rng, []
        population = float(total) ** pairs / math.factorial(pairs)
        if self._base is not None:
            population *= len(self._base)
            columns.append(self._base[rng.integers(len(self._base), size=draws)])
        for _ in range(pairs):
            bucket = np.searchsorted(self._pairs, rng.integers(total, size=draws), side="right")
            one = rng.integers(self._sizes[bucket])
            other = rng.integers(self._sizes[bucket] - 1)
            other += other >= one
            columns += [self._members[self._starts[bucket] + place] for place in (one, other)]
        if free:
            population *= float(len(self._zeros)) ** free / math.factorial(free)
            columns += list(self._zeros[rng.integers(len(self._zeros), size=(free, draws))])
        drawn = _distinct(np.stack(columns, axis=1))[0]
        drawn = drawn[self._short.diagonal(self._target, drawn)]
        owners, ways = np.arange(len(drawn)), self._ways(drawn)
        yield self._stratum(drawn, owners, ways, population / draws, drawn, True)

    def _others(self, size: int, draws: int) -> Iterator[Stratum]:
        """Yield the sets that are no unions."""
        count = len(self._pool)
        if count < size:
            return
        sets = self._pool[self._rng.integers(count, size=(draws, size - 1))]
        last = self._pool[self._rng.integers(count, size=draws)]
        typical, _ = _distinct(np.concatenate([sets, last[:, None]], axis=1))
        found, owners = self._short.completed(sets, self._target.wanted)
        drawn, kept = _distinct(found)
        keep = (drawn != self._target.place).all(axis=1)
        keep &= self._short.diagonal(self._target, drawn)
        keep[keep] = self._odd_buckets(drawn[keep]) > 1
        drawn, owners = drawn[keep], owners[kept[keep]]
        # Each set is met from `size` sides, and each side in so many orders.
        unit = float(count) ** (size - 1) / math.factorial(size - 1) / size / draws
        yield self._stratum(drawn, owners, np.ones(len(drawn)), unit, typical, False)

    def _alike(self, sets: Int) -> tuple[Int, NDArray[np.bool_]]:
        """Return how many members of each set share a member's bucket, and which are not free."""
        hashes = self._short.hashes[sets]
        return (hashes[:, :, None] == hashes[:, None, :]).sum(axis=2), hashes != 0

    def _odd_buckets(self, sets: Int) -> Real:
        """Return the number of buckets, but that of zero, which occur an odd number of times."""
        alike, bound = self._alike(sets)
        return np.asarray(np.rint(((alike % 2) * bound / np.maximum(alike, 1)).sum(axis=1)))

    def _ways(self, sets: Int) -> Real:
        """Return in how many ways a union can be cut into a base and pairs.

        A bucket with c members gives ``(c - 1)!!``, or ``c!!`` if the base is one of them.
        """
        alike, bound = self._alike(sets)
        # The logarithm of a bucket's ways, shared out among its members.
        each = np.array([0.0, *(math.log(_odd_factorial(c)) / c for c in range(1, 40))])
        return np.asarray(np.exp((each[alike] * bound).sum(axis=1)))


def _distinct(sets: Int) -> tuple[Int, Int]:
    """Return the sets without repetition, ascending, and their rows."""
    ordered = np.sort(sets, axis=1)
    kept = np.flatnonzero((np.diff(ordered, axis=1) > 0).all(axis=1))
    return ordered[kept], kept


def _odd_factorial(count: int) -> int:
    """Return the product of the odd numbers up to `count`."""
    return math.prod(range(1, count + 1, 2))
