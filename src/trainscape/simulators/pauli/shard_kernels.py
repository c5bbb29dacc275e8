"""Numba kernels that divide the terms of a Pauli sum into shards that do not meet for a while.

A bit of a shard is a linear function of a string: the parity of some of its x and z bits. Where the
function is even on the generators of the next rotations, it is the same for a string and all that
these make of it. So shards can be rotated one after the other, each small enough for the cache, or
by several threads, and every coefficient is the same to the last bit.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import popcount

__all__ = ["choose_functions", "divide", "even_functions"]

Words = NDArray[np.uint64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _bit(words: Words, row: int, column: int) -> Any:
    return ((words[row, column >> 6] >> u64(column & 63)) & u64(1)) != u64(0)


@nb.njit(cache=True)
def even_functions(strings: Words, start: int, stop: int) -> Words:
    """Return a basis of the functions that are even on some generators, shape ``(D, 2 W)``.

    It is the null space of the generators over two elements, by Gauss and Jordan.
    """
    work = strings[start:stop].copy()
    count, width = work.shape
    pivots = np.zeros(count, dtype=np.int64)
    free = np.ones(64 * width, dtype=np.bool_)
    rank = 0
    for column in range(64 * width):
        row = rank
        while row < count and not _bit(work, row, column):
            row += 1
        if row == count:
            continue
        for w in range(width):
            work[rank, w], work[row, w] = work[row, w], work[rank, w]
        for other in range(count):
            if other != rank and _bit(work, other, column):
                for w in range(width):
                    work[other, w] ^= work[rank, w]
        pivots[rank], free[column] = column, False
        rank += 1
        if rank == count:
            break
    functions = np.zeros((64 * width - rank, width), dtype=np.uint64)
    row = 0
    for column in range(64 * width):
        if not free[column]:
            continue
        functions[row, column >> 6] |= u64(1) << u64(column & 63)
        for r in range(rank):
            if _bit(work, r, column):
                functions[row, pivots[r] >> 6] |= u64(1) << u64(pivots[r] & 63)
        row += 1
    return functions


@nb.njit(cache=True)
def _parity(rows: Words, i: int, functions: Words, f: int) -> Any:
    word = u64(0)
    for w in range(functions.shape[1]):
        word ^= rows[i, w] & functions[f, w]
    return nb.int64(popcount(word) & u64(1))


@nb.njit(cache=True)
def choose_functions(sample: Words, functions: Words, wanted: int) -> tuple[Words, float]:
    """Return functions that divide a sample of terms evenly, one after the other.

    Returns
    -------
    chosen
        Shape ``(B, 2 W)``, B at most `wanted`.
    share
        Expected share of the terms in the shard of a term; ``2**-B`` if they are even.
    """
    count, width = sample.shape[0], functions.shape[1]
    parities = np.zeros((functions.shape[0], count), dtype=np.int64)
    varied = np.zeros(functions.shape[0], dtype=np.bool_)
    for f in range(functions.shape[0]):
        for m in range(count):
            parities[f, m] = _parity(sample, m, functions, f)
            varied[f] = varied[f] or parities[f, m] != parities[f, 0]
    cells = np.zeros(count, dtype=np.int64)
    chosen = np.zeros((wanted, width), dtype=np.uint64)
    share, number = 1.0, 0
    for _ in range(wanted):
        best, best_f, best_g = nb.int64(count) * count + 1, -1, -1
        last = -1
        for f in range(functions.shape[0]):
            if not varied[f]:
                continue
            # Alone, or together with the one before, which evens out rare bits.
            for together in range(2):
                if together == 1 and last < 0:
                    continue
                sizes = np.zeros(2 << number, dtype=np.int64)
                for m in range(count):
                    bit = parities[f, m]
                    if together == 1:
                        bit ^= parities[last, m]
                    sizes[2 * cells[m] + bit] += 1
                squares = 0
                for cell in range(sizes.size):
                    squares += sizes[cell] * sizes[cell]
                if squares < best:
                    best, best_f, best_g = squares, f, last if together == 1 else -1
            last = f
        new_share = best / (nb.float64(count) * count)
        if best_f < 0 or new_share > 0.9 * share:
            break
        share = new_share
        for w in range(width):
            chosen[number, w] = functions[best_f, w]
            if best_g >= 0:
                chosen[number, w] ^= functions[best_g, w]
        for m in range(count):
            cells[m] = 2 * cells[m] + _parity(sample, m, chosen, number)
        number += 1
    return chosen[:number].copy(), share


@nb.njit(cache=True, nogil=True)
def divide(rows: Words, functions: Words) -> tuple[Words, Int]:
    """Return the rows sorted by shard, and the first row of each shard and the end of the last."""
    count, bits = rows.shape[0], functions.shape[0]
    shards = np.zeros(count, dtype=np.int64)
    begins = np.zeros((1 << bits) + 1, dtype=np.int64)
    for i in range(count):
        shard = 0
        for f in range(bits):
            shard = 2 * shard + _parity(rows, i, functions, f)
        shards[i] = shard
        begins[shard + 1] += 1
    for shard in range(1 << bits):
        begins[shard + 1] += begins[shard]
    following = begins.copy()
    result = np.empty_like(rows)
    for i in range(count):
        place = following[shards[i]]
        following[shards[i]] += 1
        for w in range(rows.shape[1]):
            result[place, w] = rows[i, w]
    return result, begins
