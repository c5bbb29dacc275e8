"""Numba functions for the hash table of Pauli propagation, and for arrays that grow.

The table uses open addressing. A string is looked up by its hash, and a hit is confirmed by a
comparison of all words. An entry of the table is -1, or the slot of the string with 31 high bits of
the hash above it, which avoid most accesses to the slot. The low bits of the hash give the home
position of an entry; in a collision, it takes the next free position.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["entry_of", "find", "higher", "longer", "rebuild", "remove", "tagged_code"]

Int = NDArray[np.int64]
Short = NDArray[np.int32]
Words = NDArray[np.uint64]

u64 = nb.uint64


@nb.njit(cache=True)
def tagged_code(code: Any, order: int) -> Any:
    """Mix the order into the hash: equal strings of different order are different terms."""
    return code ^ (u64(order) * u64(0x9E3779B97F4A7C15))


@nb.njit(cache=True)
def entry_of(code: Any, slot: int) -> Any:
    """Pack the upper half of a hash and a slot into one table entry."""
    return nb.int64((code >> u64(33)) << u64(32)) | nb.int64(slot)


@nb.njit(cache=True)
def find(
    table: Int,
    keys: Words,
    codes: Words,
    orders: Short,
    i: int,
    strings: Words,
    row: int,
    code: Any,
    order: int,
) -> Any:
    """Return the slot of the product of term `i` with the generator in `row`.

    If the table has no such string, return minus one less the free position for it.
    """
    mask = table.size - 1
    tagged = tagged_code(code, order)
    position = nb.int64(tagged & u64(mask))
    high = nb.int64(tagged >> u64(33))
    while True:
        entry = table[position]
        if entry < 0:
            return -1 - position
        if entry >> 32 == high:
            slot = entry & 0xFFFFFFFF
            equal = codes[slot] == code and orders[slot] == order
            for w in range(keys.shape[1]):
                equal = equal and keys[slot, w] == keys[i, w] ^ strings[row, w]
            if equal:
                return slot
        position = (position + 1) & mask


@nb.njit(cache=True)
def remove(table: Int, codes: Words, orders: Short, slot: int) -> None:
    """Delete a slot from the table, and close the gap so that no search ends too early."""
    mask = table.size - 1
    tagged = tagged_code(codes[slot], orders[slot])
    entry = entry_of(tagged, slot)
    hole = nb.int64(tagged & u64(mask))
    while table[hole] != entry:
        hole = (hole + 1) & mask
    position = hole
    while True:
        position = (position + 1) & mask
        if table[position] < 0:
            break
        other = table[position] & 0xFFFFFFFF
        home = nb.int64(tagged_code(codes[other], orders[other]) & u64(mask))
        # The entry may move into the hole unless its home is, in cyclic order, between the hole
        # (exclusive) and the entry (inclusive).
        if ((position - home) & mask) >= ((position - hole) & mask):
            table[hole] = table[position]
            hole = position
    table[hole] = -1


@nb.njit(cache=True)
def rebuild(size: int, codes: Words, orders: Short, alive: NDArray[np.bool_], used: int) -> Int:
    """Return a table of `size` positions, a power of two, with all slots that are in use."""
    table = np.full(size, -1, dtype=np.int64)
    for slot in range(used):
        if alive[slot]:
            tagged = tagged_code(codes[slot], orders[slot])
            position = nb.int64(tagged & u64(size - 1))
            while table[position] >= 0:
                position = (position + 1) & (size - 1)
            table[position] = entry_of(tagged, slot)
    return table


@nb.njit(cache=True)
def longer(array: Any, size: int) -> Any:
    """Return a copy of a vector with room for `size` entries."""
    result = np.empty(size, dtype=array.dtype)
    result[: array.size] = array
    return result


@nb.njit(cache=True)
def higher(array: Words, size: int) -> Words:
    """Return a copy of a matrix with room for `size` rows."""
    result = np.empty((size, array.shape[1]), dtype=array.dtype)
    result[: array.shape[0]] = array
    return result
