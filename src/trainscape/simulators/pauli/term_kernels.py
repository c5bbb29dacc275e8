"""Numba kernels around the rotations of a sum of Pauli strings: its beginning, segments, and value.

The rows, the index and the state of a set of terms are those of `sweep_kernels`.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.index_kernels import (
    EMPTY,
    hash_of_row,
    index_terms,
    insert,
    slot_bits,
)
from trainscape.simulators.pauli.sweep_kernels import (
    BLOCK,
    LARGEST,
    LIVING,
    STATE_LENGTH,
    USED,
    compact,
    rotate_block,
)

__all__ = ["merge_terms", "rotate", "rotate_shard", "start_terms", "sum_of_diagonal"]

Real = NDArray[np.float64]
Words = NDArray[np.uint64]
Entries = NDArray[np.uint32]

u64 = nb.uint64


@nb.njit(cache=True, nogil=True)
def merge_terms(terms: Words) -> tuple[Words, Entries, Real]:
    """Return the rows, index and state of terms of which several may have the same string.

    Parameters
    ----------
    terms
        Rows with strings and bits of coefficients, shape ``(M, 2 W + 1)``.
    """
    count, width = terms.shape[0], terms.shape[1] - 1
    state = np.zeros(STATE_LENGTH)
    rows = np.zeros((64 * ((count + 127) // 64), width + 1), dtype=np.uint64)
    coefficients, weights = rows.view(np.float64), terms.view(np.float64)
    size = 256
    while 2 * count >= size:
        size *= 2
    table = index_terms(rows, 0, size)
    bits, mask, used = slot_bits(size), size - 1, 0
    slots = (u64(1) << u64(bits)) - u64(1)
    for m in range(count):
        if weights[m, width] == 0.0:
            continue
        h = hash_of_row(terms, m, width)
        position, found = nb.int64(h) & mask, -1
        while table[position] != nb.uint32(EMPTY):
            slot = nb.int64(u64(table[position]) & slots)
            equal = True
            for w in range(width):
                equal = equal and rows[slot, w] == terms[m, w]
            if equal:
                found = slot
                break
            position = (position + 1) & mask
        if found >= 0:
            coefficients[found, width] += weights[m, width]
            continue
        for w in range(width + 1):
            rows[used, w] = terms[m, w]
        insert(table, h, used, bits)
        used += 1
    state[USED] = used
    for i in range(used):
        state[LIVING] += 1.0 if coefficients[i, width] != 0.0 else 0.0
    state[LARGEST] = state[LIVING]
    return rows, table, state


@nb.njit(cache=True)
def start_terms(strings: Words, weights: Real) -> tuple[Words, Entries, Real]:
    """Return the rows, index and state of an observable."""
    count, width = strings.shape
    terms = np.zeros((count, width + 1), dtype=np.uint64)
    terms[:, :width] = strings
    terms.view(np.float64)[:, width] = weights
    rows, table, state = merge_terms(terms)
    return rows, table, state


@nb.njit(cache=True, nogil=True)
def rotate(
    strings: Words,
    later: Words,
    cosines: Real,
    sines: Real,
    start: int,
    stop: int,
    smallest: float,
    resampled: bool,
    seed: int,
    most: int,
    enough: int,
    rows: Words,
    table: Entries,
    state: Real,
) -> tuple[int, Words, Entries]:
    """Rotate a set of terms by the generators ``start <= k < stop``, as `rotate_block`.

    It also stops after a block with more than `enough` rows. If it stops with fewer, they do not
    fit.
    """
    k = start
    while k < stop:
        end = min(k + BLOCK, stop)
        k, rows, table = rotate_block(
            strings,
            later,
            cosines,
            sines,
            k,
            end,
            smallest,
            resampled,
            seed,
            most,
            rows,
            table,
            state,
        )
        used = nb.int64(state[USED])
        if k < end or 4 * state[LIVING] < 3 * used:
            compact(rows, state)
            if k < end and nb.int64(state[USED]) == used:
                state[USED] = -1
                return k, rows, table
            table = index_terms(rows, nb.int64(state[USED]), table.size)
        if state[USED] > enough:
            break
    return k, rows, table


@nb.njit(cache=True, nogil=True)
def rotate_shard(
    strings: Words,
    later: Words,
    cosines: Real,
    sines: Real,
    start: int,
    stop: int,
    smallest: float,
    resampled: bool,
    seed: int,
    most: int,
    terms: Words,
) -> tuple[Words, Real]:
    """Return the rows of a set of terms after the generators, and its state.

    In the state, -1 rows in use say that they do not fit.
    """
    used, width = terms.shape[0], terms.shape[1] - 1
    state = np.zeros(STATE_LENGTH)
    rows = np.zeros((64 * (used // 32 + 2), width + 1), dtype=np.uint64)
    rows[:used] = terms
    state[USED] = state[LIVING] = state[LARGEST] = used
    size = 256
    while 4 * used >= size:
        size *= 2
    table = index_terms(rows, used, size)
    _, rows, table = rotate(
        strings,
        later,
        cosines,
        sines,
        start,
        stop,
        smallest,
        resampled,
        seed,
        most,
        2**62,
        rows,
        table,
        state,
    )
    if state[USED] < 0:
        return rows[:0], state
    compact(rows, state)
    return rows[: nb.int64(state[USED])].copy(), state


@nb.njit(cache=True, nogil=True)
def sum_of_diagonal(rows: Words) -> tuple[float, float]:
    """Return the sum of the coefficients of strings of I and Z, as an unevaluated sum of two.

    The rounding errors of the first part are in the second, so that the order of the terms does not
    matter, but for errors of errors.
    """
    coefficients = rows.view(np.float64)
    width = rows.shape[1] - 1
    high, low = 0.0, 0.0
    for i in range(rows.shape[0]):
        flips = u64(0)
        for w in range(width // 2):
            flips |= rows[i, w]
        if flips == u64(0):
            c = coefficients[i, width]
            total = high + c
            part = total - high
            low += (high - (total - part)) + (c - part)
            high = total
    return high, low
