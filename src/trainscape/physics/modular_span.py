r"""Grow a space of vectors modulo a prime, exactly, at the speed of floating-point products.

A rank modulo a prime never exceeds the rank over the rational numbers, and equals it unless the
prime divides all of certain determinants. Ranks of long chains of products, which floating point
counts wrongly without any sign of it, are therefore exact here up to such accidents; two primes
that agree leave them a chance of the order of 1e-13.

Residues are kept as floating-point numbers between ``-p/2`` and ``p/2``. With ``p < 2**23`` a
product of two is below ``2**44``, and the sum of 500 of them is exact in double precision; so the
work is done by BLAS. All primes here are 1 modulo 4, and :math:`\sqrt{-1}` exists among the
residues.

The basis is in reduced echelon form. Only its columns without pivots are stored, in single
precision, which holds such residues exactly: a space that fills nearly all of its surroundings
takes little room, and at worst, half way, a quarter of a square matrix.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.modular_kernels import echelon, take_residues

__all__ = ["PRIMES", "ModularSpan", "modular_product", "residue", "root_of_minus_one"]

PRIMES = (8388593, 8388581, 8388473, 8388461, 8388449, 8388421)
"""The largest primes below 2**23 that are 1 modulo 4."""

EXACT = 500
"""Products of two residues whose sum is exact in double precision."""

BLOCK = 32
"""Rows that are eliminated one by one; more are reduced by matrix products."""

Real = NDArray[np.float64]


def residue(value: Fraction, prime: int) -> int:
    """Return the centred residue of a rational number; its denominator must not be 0 there."""
    number = value.numerator * pow(value.denominator, -1, prime) % prime
    return number - prime if number > prime // 2 else number


def root_of_minus_one(prime: int) -> int:
    """Return a square root of -1 modulo a prime that is 1 modulo 4."""
    for base in range(2, prime):
        root = pow(base, (prime - 1) // 4, prime)
        if root * root % prime == prime - 1:
            return root if root <= prime // 2 else root - prime
    raise ValueError(f"{prime} is no prime that is 1 modulo 4")


def modular_product(left: Real, right: Real, prime: int) -> Real:
    """Return the matrix product of centred residues, exactly, as centred residues.

    Parameters
    ----------
    left, right
        Shapes ``(..., m, K)`` and ``(..., K, N)``.
    prime
        One of `PRIMES`.
    """
    length = left.shape[-1]
    total = np.ascontiguousarray(left[..., :EXACT] @ right[..., :EXACT, :])
    take_residues(total.reshape(1, -1), prime)
    for start in range(EXACT, length, EXACT):
        stop = min(start + EXACT, length)
        total += left[..., start:stop] @ right[..., start:stop, :]
        take_residues(total.reshape(1, -1), prime)
    return total


class ModularSpan:
    """A space of vectors modulo a prime, which grows.

    Parameters
    ----------
    columns
        Length N of the vectors.
    prime
        One of `PRIMES`.

    Attributes
    ----------
    pivots
        Column of the pivot of each basis vector, in order of arrival, shape ``(rank,)``. The
        coordinates of a vector of the space are its entries in these columns.
    """

    def __init__(self, columns: int, prime: int) -> None:
        self.prime = prime
        self.pivots: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._free = np.arange(columns)
        self._columns = columns
        # Basis vectors in groups of at most EXACT, without the columns of pivots.
        self._panels: list[NDArray[np.float32]] = []

    @property
    def rank(self) -> int:
        """Dimension of the space."""
        return len(self.pivots)

    def rests(self, rows: Real) -> Real:
        """Return what is left of vectors beside the space, in the columns without pivots.

        Parameters
        ----------
        rows
            Centred residues, shape ``(m, N)``.
        """
        coefficients = rows[:, self.pivots]
        rest = np.ascontiguousarray(rows[:, self._free])
        start = 0
        for panel in self._panels:
            stop = start + len(panel)
            if rest.size:
                rest -= coefficients[:, start:stop] @ panel.astype(np.float64)
                take_residues(rest, self.prime)
            start = stop
        return rest

    def extend(self, rows: Real) -> int:
        """Add vectors to the space, and return by how much its dimension grows.

        Parameters
        ----------
        rows
            Centred residues, shape ``(m, N)``.
        """
        rest = self.rests(rows)
        new = np.zeros((0, rest.shape[1]))
        where = np.zeros(0, dtype=np.int64)
        if rest.shape[1] == 0:
            return 0
        for start in range(0, len(rest), BLOCK):
            block = rest[start : start + BLOCK]
            if len(new):
                block = block - modular_product(block[:, where], new, self.prime)
                take_residues(block, self.prime)
            block = np.ascontiguousarray(block)
            columns = np.zeros(len(block), dtype=np.int64)
            rank = echelon(block, float(self.prime), columns)
            if rank:
                block, columns = block[:rank], columns[:rank]
                new = new - modular_product(new[:, columns], block, self.prime)
                take_residues(new, self.prime)
                new, where = np.concatenate([new, block]), np.concatenate([where, columns])
        if len(new):
            self._insert(new, where)
        return len(new)

    def _insert(self, new: Real, where: NDArray[np.int64]) -> None:
        """Add reduced basis vectors, and remove their pivots' columns from the others."""
        kept = np.ones(len(self._free), dtype=np.bool_)
        kept[where] = False
        shortened = np.ascontiguousarray(new[:, kept])
        for number, panel in enumerate(self._panels):
            rows = np.ascontiguousarray(panel[:, kept], dtype=np.float64)
            rows -= modular_product(panel[:, where].astype(np.float64), shortened, self.prime)
            take_residues(rows, self.prime)
            self._panels[number] = rows.astype(np.float32)
        fresh = shortened.astype(np.float32)
        if self._panels and len(self._panels[-1]) < EXACT:
            room = EXACT - len(self._panels[-1])
            self._panels[-1] = np.concatenate([self._panels[-1], fresh[:room]])
            fresh = fresh[room:]
        self._panels += [fresh[k : k + EXACT] for k in range(0, len(fresh), EXACT)]
        self.pivots = np.concatenate([self.pivots, self._free[where]])
        self._free = self._free[kept]

    def basis(self, start: int = 0) -> Real:
        """Return the basis vectors from number `start` on, shape ``(rank - start, N)``."""
        return self.combinations(np.eye(self.rank - start), start)

    def combinations(self, coefficients: Real, start: int = 0) -> Real:
        """Return linear combinations of the basis vectors from number `start` on.

        Parameters
        ----------
        coefficients
            Centred residues, shape ``(m, rank - start)``.
        start
            Number of the first basis vector.
        """
        rows = np.zeros((len(coefficients), self._columns))
        rows[:, self.pivots[start:]] = coefficients
        free = np.zeros((len(coefficients), len(self._free)))
        first = 0
        for panel in self._panels:
            last = first + len(panel)
            if last > start and free.size:
                low = max(first, start)
                free += coefficients[:, low - start : last - start] @ panel[low - first :].astype(
                    np.float64
                )
                take_residues(free, self.prime)
            first = last
        rows[:, self._free] = free
        return rows
