r"""The square-free monomials :math:`q_S = \prod_{j \in S} q_j` of degree 1 to k, and their order.

A phase polynomial of n qumodes is a table of M real numbers, one for each monomial, batch first:
shape ``(..., M)``. The monomials are sorted by degree, then lexicographically, so that the last
``C(n, k)`` of them are the hyperedges of k modes. The index of a set of modes
:math:`c_0 < \dots < c_{d-1}` among those of its degree is its lexicographic rank

.. math:: \binom n d - 1 - \sum_j \binom{n - 1 - c_j}{d - j},

which is computed for whole arrays at once: a table with a million entries takes seconds to set up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = ["Monomials", "combination_array"]

Int = NDArray[np.int64]


def combination_array(modes: int, degree: int) -> Int:
    """Return all sets of `degree` of the numbers 0 to ``modes - 1``, in lexicographic order.

    Returns
    -------
    ndarray
        Shape ``(C(modes, degree), degree)``, each row ascending.
    """
    count = comb(modes, degree)
    flat = chain.from_iterable(combinations(range(modes), degree))
    return np.fromiter(flat, dtype=np.int64, count=count * degree).reshape(count, degree)


@dataclass(frozen=True)
class Monomials:
    """The square-free monomials of degree 1 to `order` in the positions of `modes` qumodes.

    The constant is not among them: in a phase it is a global phase. Where it counts, as in the
    group of `trainscape.physics.hypergraph.group`, it is an array of its own.

    Parameters
    ----------
    modes
        Number n of qumodes, at least 1.
    order
        Largest degree k, from 1 to n.

    Examples
    --------
    >>> Monomials(3, 2).sets
    ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
    >>> Monomials(3, 2).index[0, 2]
    4
    """

    modes: int
    order: int

    def __post_init__(self) -> None:
        if self.modes < 1:
            raise ValueError(f"{self.modes} modes: a hypergraph needs at least one mode")
        if not 1 <= self.order <= self.modes:
            raise ValueError(
                f"order {self.order} for {self.modes} modes: a hyperedge joins at least one mode "
                f"and at most all {self.modes}; choose an order from 1 to {self.modes}"
            )

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Index of the first monomial of each degree 1 to k, and M at the end: length ``k + 1``."""
        counts = [comb(self.modes, degree) for degree in range(1, self.order + 1)]
        return (0, *np.cumsum(counts).tolist())

    @property
    def count(self) -> int:
        """Number M of monomials."""
        return self.offsets[-1]

    @property
    def edge_count(self) -> int:
        """Number D = C(n, k) of hyperedges: the monomials of the largest degree."""
        return comb(self.modes, self.order)

    @property
    def edge_offset(self) -> int:
        """Index of the monomial of the first hyperedge: edge e is monomial ``edge_offset + e``."""
        return self.offsets[-2]

    @cached_property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """The sets of modes, sorted by degree, then lexicographically."""
        return tuple(
            chain.from_iterable(
                combinations(range(self.modes), degree) for degree in range(1, self.order + 1)
            )
        )

    @property
    def edges(self) -> tuple[tuple[int, ...], ...]:
        """The hyperedges: the sets of k modes."""
        return self.sets[self.edge_offset :]

    @cached_property
    def index(self) -> Mapping[tuple[int, ...], int]:
        """Index of each set of modes."""
        return {modes: position for position, modes in enumerate(self.sets)}

    @cached_property
    def degrees(self) -> Int:
        """Degree of each monomial, shape ``(M,)``."""
        return np.repeat(np.arange(1, self.order + 1), np.diff(self.offsets))

    @cached_property
    def members(self) -> tuple[Int, ...]:
        """Modes of the monomials of each degree d from 1 to k, shapes ``(C(n, d), d)``."""
        return tuple(combination_array(self.modes, d) for d in range(1, self.order + 1))

    @cached_property
    def membership(self) -> NDArray[np.bool_]:
        """Whether a monomial contains a mode, shape ``(M, n)``."""
        table = np.zeros((self.count, self.modes), dtype=np.bool_)
        for start, members in zip(self.offsets, self.members, strict=False):
            table[start + np.arange(len(members))[:, None], members] = True
        return table

    @cached_property
    def _binomials(self) -> Int:
        return np.array(
            [[comb(top, low) for low in range(self.order + 1)] for top in range(self.modes + 1)],
            dtype=np.int64,
        )

    def ranks(self, members: Int) -> Int:
        """Return the indices of monomials.

        Parameters
        ----------
        members
            Modes of each monomial, ascending, shape ``(..., d)`` with d from 1 to k.

        Returns
        -------
        ndarray
            Shape ``(...)``.
        """
        degree = members.shape[-1]
        if not 1 <= degree <= self.order:
            raise ValueError(
                f"a monomial of degree {degree} is not among those of degree 1 to {self.order}"
            )
        below = self._binomials[self.modes - 1 - members, degree - np.arange(degree)].sum(axis=-1)
        first = self.offsets[degree - 1]
        return np.asarray(first + comb(self.modes, degree) - 1 - below, dtype=np.int64)

    def where(self, modes: tuple[int, ...]) -> int:
        """Return the index of one monomial.

        Raises
        ------
        ValueError
            If `modes` is no such monomial.
        """
        members = tuple(sorted(modes))
        inside = all(0 <= mode < self.modes for mode in members)
        if not inside or len(set(members)) < len(members) or not 1 <= len(members) <= self.order:
            raise ValueError(
                f"the modes {modes} are no monomial of {self.modes} modes and order {self.order}: "
                f"give 1 to {self.order} different modes from 0 to {self.modes - 1}"
            )
        return int(self.ranks(np.array(members)))

    @cached_property
    def incidence(self) -> tuple[Int, Int]:
        """The monomials that contain a mode, and what they are without it.

        Returns
        -------
        above : ndarray
            Indices of the monomials S with the mode, shape ``(n, c)`` with
            ``c = sum_{d < k} C(n - 1, d)``; the first is the mode alone.
        below : ndarray
            Indices of S without the mode, same shape. The first is M: one beyond the table, where
            the constant has its place.
        """
        parts = [
            [
                self._raised(combination_array(self.modes - 1, below), mode)
                for mode in range(self.modes)
            ]
            for below in range(self.order)
        ]
        above, below = (
            np.concatenate([[pair[side] for pair in degree] for degree in parts], axis=1)
            for side in (0, 1)
        )
        return above, below

    def _raised(self, others: Int, mode: int) -> tuple[Int, Int]:
        """Return the indices with and without a mode of sets of the other modes."""
        sets = others + (others >= mode)
        with_mode = np.sort(
            np.concatenate([sets, np.full((len(sets), 1), mode, dtype=np.int64)], axis=1), axis=1
        )
        alone = others.shape[1] == 0
        below = np.full(len(sets), self.count, dtype=np.int64) if alone else self.ranks(sets)
        return self.ranks(with_mode), below
