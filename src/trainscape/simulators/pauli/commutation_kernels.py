"""Numba functions that find with which of 64 generators a Pauli string anticommutes, by table.

The answer is one word. It is linear in the string, so that it is the xor of the words of all values
of four neighbouring bits.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.frame_kernels import trailing_zeros

__all__ = ["bits_of_generators", "commutation_of", "lookup"]

Words = NDArray[np.uint64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def bits_of_generators(strings: Words, start: int, stop: int) -> Words:
    """Return, for each bit of a string, the generators with which it anticommutes, as a word."""
    width = strings.shape[1]
    half = width // 2
    columns = np.zeros(64 * width, dtype=np.uint64)
    for k in range(start, stop):
        for w in range(width):
            word = strings[k, w]
            first = 64 * (w + half if w < half else w - half)
            while word != u64(0):
                columns[first + trailing_zeros(word)] |= u64(1) << u64(k - start)
                word &= word - u64(1)
    return columns


@nb.njit(cache=True)
def lookup(columns: Words) -> tuple[Words, Int]:
    """Return the words of all values of four bits, and which four bits matter."""
    places = np.zeros(columns.size // 4, dtype=np.int64)
    words = np.zeros((columns.size // 4, 16), dtype=np.uint64)
    count = 0
    for place in range(places.size):
        union = u64(0)
        for bit in range(4):
            union |= columns[4 * place + bit]
        if union == u64(0):
            continue
        places[count] = place
        for value in range(1, 16):
            low = value & -value
            bit = 0 if low == 1 else (1 if low == 2 else (2 if low == 4 else 3))
            words[count, value] = words[count, value ^ low] ^ columns[4 * place + bit]
        count += 1
    return words, places[:count]


@nb.njit(cache=True)
def commutation_of(strings: Words, i: int, words: Words, places: Int) -> Any:
    """Return with which generators of the block a string anticommutes."""
    total = u64(0)
    for p in range(places.size):
        place = places[p]
        value = (strings[i, place >> 4] >> u64(4 * (place & 15))) & u64(15)
        total ^= words[p, nb.int64(value)]
    return total
