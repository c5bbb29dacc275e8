"""Numba functions for residues of whole numbers modulo a prime, kept in floating point.

Residues are centred, between ``-p/2`` and ``p/2``, so that BLAS can multiply matrices of them
exactly; see `trainscape.physics.modular_span`. The kernels call nothing outside this file, so that
numba's own check of the file's state keeps the cache of compiled code up to date.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["close_strings", "echelon", "take_residues"]

Real = NDArray[np.float64]


@nb.njit(cache=True)
def take_residues(rows: Real, prime: float) -> None:
    """Replace whole numbers below ``2**53`` by their centred residues, in place.

    Parameters
    ----------
    rows
        Shape ``(m, N)``, contiguous.
    prime
        The prime.
    """
    inverse = 1.0 / prime
    flat = rows.reshape(-1)
    for i in range(nb.uint64(flat.size)):
        flat[i] -= prime * np.rint(flat[i] * inverse)


@nb.njit(cache=True)
def _inverse(value: int, prime: int) -> Any:
    """Return the inverse of a residue, by Euclid's algorithm."""
    a, b = value % prime, prime
    u, v = 1, 0
    while a > 1:
        quotient = b // a
        a, b = b - quotient * a, a
        u, v = v - quotient * u, u
    return u % prime


@nb.njit(cache=True)
def echelon(rows: Real, prime: float, columns: NDArray[np.int64]) -> Any:
    """Bring a few rows into reduced echelon form modulo a prime, in place.

    Parameters
    ----------
    rows
        Centred residues, shape ``(m, N)``.
    prime
        The prime.
    columns
        Work space, shape ``(m,)``: the columns of the pivots on return.

    Returns
    -------
    int
        The rank ``r``; the first ``r`` rows are the result, with pivots 1.
    """
    inverse = 1.0 / prime
    count, width = rows.shape
    rank = 0
    for i in range(count):
        pivot = -1
        for j in range(width):
            if rows[i, j] != 0.0:
                pivot = j
                break
        if pivot < 0:
            continue
        if i != rank:
            for j in range(nb.uint64(width)):
                rows[rank, j] = rows[i, j]
        factor = float(_inverse(int(rows[rank, pivot]), int(prime)))
        factor -= prime * np.rint(factor * inverse)
        for j in range(nb.uint64(width)):
            product = rows[rank, j] * factor
            rows[rank, j] = product - prime * np.rint(product * inverse)
        for k in range(count):
            if k == rank or (rank < k <= i):
                continue
            factor = rows[k, pivot]
            if factor != 0.0:
                for j in range(nb.uint64(width)):
                    rest = rows[k, j] - factor * rows[rank, j]
                    rows[k, j] = rest - prime * np.rint(rest * inverse)
        columns[rank] = pivot
        rank += 1
    return rank


@nb.njit(cache=True)
def _parity(word: Any) -> Any:
    """Return the number of set bits of a word, modulo 2."""
    word ^= word >> nb.uint64(32)
    word ^= word >> nb.uint64(16)
    word ^= word >> nb.uint64(8)
    word ^= word >> nb.uint64(4)
    return (nb.uint64(0x6996) >> (word & nb.uint64(15))) & nb.uint64(1)


@nb.njit(cache=True)
def _slot(x: Any, z: Any, table: NDArray[np.int64], found: NDArray[np.uint64]) -> Any:
    """Return the slot of a string in an open-addressing table: its own, or the free one for it."""
    mask = nb.uint64(table.size - 1)
    word = x * nb.uint64(0x9E3779B97F4A7C15) ^ (z + nb.uint64(0x7F4A7C15)) * nb.uint64(
        0xC2B2AE3D27D4EB4F
    )
    word ^= word >> nb.uint64(29)
    word *= nb.uint64(0xBF58476D1CE4E5B9)
    word ^= word >> nb.uint64(32)
    slot = word & mask
    while table[slot] >= 0:
        row = table[slot]
        if found[row, 0] == x and found[row, 1] == z:
            break
        slot = (slot + nb.uint64(1)) & mask
    return slot


@nb.njit(cache=True)
def close_strings(
    generators: NDArray[np.uint64], found: NDArray[np.uint64], table: NDArray[np.int64]
) -> Any:
    """Close a set of Pauli strings under brackets with generators.

    Parameters
    ----------
    generators
        Masks of the strings, shape ``(m, 2)``: the X mask and the Z mask.
    found
        Room for the strings of the algebra, shape ``(limit, 2)``.
    table
        Hash table filled with -1; its length is a power of two, and more than `limit`.

    Returns
    -------
    int
        Number of strings found, or -1 if there are more than `limit`.
    """
    limit = len(found)
    count = 0
    for k in range(len(generators)):
        slot = _slot(generators[k, 0], generators[k, 1], table, found)
        if table[slot] < 0:
            if count == limit:
                return -1
            table[slot] = count
            found[count] = generators[k]
            count += 1
    row = 0
    while row < count:
        x, z = found[row, 0], found[row, 1]
        for k in range(len(generators)):
            gx, gz = generators[k, 0], generators[k, 1]
            if _parity((x & gz) ^ (z & gx)):
                slot = _slot(x ^ gx, z ^ gz, table, found)
                if table[slot] < 0:
                    if count == limit:
                        return -1
                    table[slot] = count
                    found[count, 0] = x ^ gx
                    found[count, 1] = z ^ gz
                    count += 1
        row += 1
    return count
