"""Numba functions for the index of a sum of Pauli strings, an open-addressing table.

A term is a row of ``2 W + 1`` words: x bits, z bits, and the bits of its coefficient. An entry of
the table has 32 bits: the slot of a row, and above it as many high bits of the hash of its string
as there is room for. A hit is confirmed by a comparison of all words. The low bits of the hash give
the home position. Rows are never removed from a table, only with it.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["EMPTY", "hash_of_row", "index_terms", "insert", "mixed", "probe", "slot_bits"]

Words = NDArray[np.uint64]
Entries = NDArray[np.uint32]

u64 = nb.uint64
u32 = nb.uint32

EMPTY = 0xFFFFFFFF
"""Entry of a free position."""


@nb.njit(cache=True, inline="always")
def mixed(h: Any, word: Any) -> Any:
    """Take one more word into a hash."""
    h = (h ^ word) * u64(0x9E3779B97F4A7C15)
    return h ^ (h >> u64(32))


@nb.njit(cache=True)
def hash_of_row(rows: Words, i: int, width: int) -> Any:
    """Return the hash of a string, the first `width` words of a row."""
    h = u64(0)
    for w in range(width):
        h = mixed(h, rows[i, w])
    return h


@nb.njit(cache=True)
def slot_bits(size: int) -> int:
    """Return the bits of a slot in an entry: half of the table is filled at most."""
    bits = 0
    while (1 << bits) < size:
        bits += 1
    return bits - 1


@nb.njit(cache=True)
def insert(table: Entries, h: Any, slot: int, bits: int) -> None:
    """Enter a row under the hash of its string."""
    mask = table.size - 1
    position = nb.int64(h) & mask
    while table[position] != u32(EMPTY):
        position = (position + 1) & mask
    table[position] = u32(((h >> u64(32 + bits)) << u64(bits)) | u64(slot))


@nb.njit(cache=True)
def index_terms(rows: Words, used: int, size: int) -> Entries:
    """Return a table of `size` entries, a power of two, with all rows.

    An entry has the high bits of the hash of a string above its slot; the low bits of the hash give
    its home position.
    """
    table = np.full(size, EMPTY, dtype=np.uint32)
    width, bits = rows.shape[1] - 1, slot_bits(size)
    for i in range(used):
        insert(table, hash_of_row(rows, i, width), i, bits)
    return table


@nb.njit(cache=True)
def probe(table: Entries, rows: Words, i: int, strings: Words, k: int, h: Any, bits: int) -> Any:
    """Return the slot of the product of a term and a generator, or -1."""
    mask = table.size - 1
    position = nb.int64(h) & mask
    tag = h >> u64(32 + bits)
    width = rows.shape[1] - 1
    slots = (u64(1) << u64(bits)) - u64(1)
    while True:
        entry = u64(table[position])
        if entry == u64(EMPTY):
            return -1
        if entry >> u64(bits) == tag:
            slot = nb.int64(entry & slots)
            equal = True
            for w in range(width):
                equal = equal and rows[slot, w] == rows[i, w] ^ strings[k, w]
            if equal:
                return slot
        position = (position + 1) & mask
