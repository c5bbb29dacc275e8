"""Numba kernels that rotate a sum of Pauli strings, for values: a block of rotations at a time.

A term is a row of ``2 W + 1`` words: x bits, z bits, and the bits of its coefficient. Three things
make a rotation cheap.

* The commutation of a term with each of the next 64 generators is one word, found once for a block
  by table. It is linear: the word of a product is the xor of words. So a rotation tests one bit of
  each term, and visits only the terms that anticommute.
* A term and its sine branch are rotated as a pair, by one search. The branch is ticked off.
* A dropped term stays in the table without coefficient until enough of them are removed at once. If
  a branch finds it, it is used again.

The search for the branches of 64 terms is done ahead of their rotations, so that the memory
accesses do not wait for each other. No branch of an old term is a term that the same rotation
creates, so that what was found stays valid.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.commutation_kernels import (
    bits_of_generators,
    commutation_of,
    lookup,
)
from trainscape.simulators.pauli.frame_kernels import trailing_zeros
from trainscape.simulators.pauli.index_kernels import (
    EMPTY,
    hash_of_row,
    index_terms,
    insert,
    mixed,
    probe,
    slot_bits,
)
from trainscape.simulators.pauli.string_kernels import popcount

__all__ = [
    "BLOCK",
    "DROPPED_NUMBER",
    "DROPPED_SUM",
    "LARGEST",
    "LIVING",
    "STATE_LENGTH",
    "TOUCHED",
    "USED",
    "compact",
    "rotate_block",
]

Real = NDArray[np.float64]
Words = NDArray[np.uint64]
Entries = NDArray[np.uint32]

u64 = nb.uint64
u32 = nb.uint32

BLOCK = 64
"""Rotations whose commutation with a term is one word."""

# Entries of the state of a set of terms: rows in use, terms with a coefficient, the largest number
# of these, dropped weight, number of dropped branches, and touched terms.
USED, LIVING, LARGEST, DROPPED_SUM, DROPPED_NUMBER, TOUCHED = range(6)
STATE_LENGTH = 6


@nb.njit(cache=True)
def compact(rows: Words, state: Real) -> None:
    """Remove the rows without coefficient."""
    coefficients = rows.view(np.float64)
    last = rows.shape[1] - 1
    kept = 0
    for i in range(nb.int64(state[USED])):
        if coefficients[i, last] != 0.0:
            if kept != i:
                for w in range(last + 1):
                    rows[kept, w] = rows[i, w]
            kept += 1
    state[USED] = kept


@nb.njit(cache=True, inline="always")
def _product_hash(rows: Words, i: int, strings: Words, k: int, width: int) -> Any:
    """Return the hash of the product of a term and a generator."""
    if width == 2:  # up to 64 qubits: a loop would cost more than what it does
        return mixed(mixed(u64(0), rows[i, 0] ^ strings[k, 0]), rows[i, 1] ^ strings[k, 1])
    h = u64(0)
    for w in range(width):
        h = mixed(h, rows[i, w] ^ strings[k, w])
    return h


@nb.njit(cache=True, inline="always")
def _is_product(rows: Words, j: int, i: int, strings: Words, k: int, width: int) -> Any:
    """Return whether term j is the product of term i and a generator, up to its phase."""
    differ = u64(0)
    for w in range(width):
        differ |= rows[j, w] ^ rows[i, w] ^ strings[k, w]
    return differ == u64(0)


@nb.njit(cache=True)
def _negative(rows: Words, i: int, strings: Words, k: int, half: int) -> Any:
    """Return whether i P Q is minus a Hermitian string, for the generator P and the term Q."""
    power = u64(1)
    for w in range(half):
        px, pz, qx, qz = strings[k, w], strings[k, half + w], rows[i, w], rows[i, half + w]
        power += (
            popcount(px & pz)
            + popcount(qx & qz)
            + u64(2) * popcount(pz & qx)
            + u64(3) * popcount((px ^ qx) & (pz ^ qz))
        )
    return (power & u64(2)) != u64(0)


@nb.njit(cache=True)
def _rounded(value: float, smallest: float, resampled: bool, h: Any, salt: Any) -> float:
    """Return what is kept of a coefficient below the smallest: nothing, or by chance the smallest.

    The chance is the coefficient over the smallest, so that the mean is the coefficient. It is
    drawn from the hash of the string, so that it does not depend on what was computed before.
    """
    if not resampled:
        return 0.0
    bits = (h ^ salt) * u64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> u64(29))) * u64(0x94D049BB133111EB)
    uniform = ((bits ^ (bits >> u64(32))) >> u64(11)) * 2.0**-53
    if uniform * smallest >= abs(value):
        return 0.0
    return smallest if value > 0.0 else -smallest


@nb.njit(cache=True)
def rotate_block(
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
    rows: Words,
    table: Entries,
    state: Real,
) -> tuple[int, Words, Entries]:
    """Rotate a set of terms by the generators ``start <= k < stop``, at most `BLOCK`.

    Parameters
    ----------
    strings, later, cosines, sines
        As `frame_kernels.take_quarter_turns` returns them.
    start, stop
        Rotations of the block.
    smallest
        Smaller coefficients are dropped; above zero, so that zeros always are.
    resampled, seed
        Whether they are rounded by chance instead, and the word that it is drawn from.
    most
        Largest number of rows.
    rows, table, state
        The terms, their index, and what is known of them.

    Returns
    -------
    done : int
        Rotations done: `stop`, or the first that did not fit.
    rows, table
        Replaced where they had to grow. `state` is changed in place.
    """
    width = strings.shape[1]
    half = width // 2
    columns = bits_of_generators(strings, start, stop)
    words, places = lookup(columns)
    own = np.zeros(stop - start, dtype=np.uint64)
    for k in range(start, stop):
        own[k - start] = commutation_of(strings, k, words, places)
    used = nb.int64(state[USED])
    capacity = rows.shape[0]
    coefficients = rows.view(np.float64)
    commutation = np.zeros(capacity, dtype=np.uint64)
    for i in range(used):
        if coefficients[i, width] != 0.0:
            commutation[i] = commutation_of(rows, i, words, places)
    masks = np.zeros(capacity // 64, dtype=np.uint64)
    hashes, entries = np.zeros(64, dtype=np.uint64), np.zeros(64, dtype=np.uint32)
    bits, mask = slot_bits(table.size), table.size - 1
    living, dropped, number, touched = nb.int64(state[LIVING]), 0.0, 0, 0
    largest = nb.int64(state[LARGEST])

    for k in range(start, stop):
        cs, sn = cosines[k], sines[k]
        if sn == 0.0:
            continue
        shift = u64(k - start)
        salt = (u64(seed) ^ (u64(k + 1) * u64(0x9E3779B97F4A7C15))) * u64(0xD6E8FEB86659FD93)
        salt ^= salt >> u64(32)
        groups = (used + 63) >> 6
        total = 0
        for g in range(groups):
            found = u64(0)
            for t in range(64):
                found |= ((commutation[64 * g + t] >> shift) & u64(1)) << u64(t)
            masks[g] = found
            total += nb.int64(popcount(found))
        # Make room for a new term for each touched one.
        if used + total > capacity:
            if used + total > most:
                stop = k
                break
            capacity = 64 * ((min(2 * (used + total), most) + 63) >> 6)
            wider = np.zeros((capacity, width + 1), dtype=np.uint64)
            wider[:used] = rows[:used]
            rows = wider
            coefficients = rows.view(np.float64)
            longer = np.zeros(capacity, dtype=np.uint64)
            longer[:used] = commutation[:used]
            commutation = longer
            masks = np.concatenate((masks, np.zeros(capacity // 64 - masks.size, dtype=np.uint64)))
        # One slot stays free, so that no entry looks like `EMPTY`.
        if 2 * (used + total) >= table.size:
            size = table.size
            while 2 * (used + total) >= size:
                size *= 2
            table = index_terms(rows, used, size)
            bits, mask = slot_bits(size), size - 1
        touched += total
        born, died = 0, 0
        for g in range(groups):
            found = masks[g]
            if found == u64(0):
                continue
            ahead, count = found, 0
            while ahead != u64(0):
                i = 64 * g + trailing_zeros(ahead)
                ahead &= ahead - u64(1)
                h = _product_hash(rows, i, strings, k, width)
                hashes[count] = h
                entries[count] = table[nb.int64(h) & mask]
                count += 1
            # Bits of `found` may be cleared below, by a pair; so the list above is walked with it.
            e = -1
            ahead = found
            while ahead != u64(0):
                bit = ahead & (u64(0) - ahead)
                i = 64 * g + trailing_zeros(ahead)
                ahead ^= bit
                e += 1
                if found & bit == u64(0):
                    continue
                c = coefficients[i, width]
                j = -1
                entry = u64(entries[e])
                h = hashes[e]
                if entry != u64(EMPTY):
                    j = nb.int64(entry & ((u64(1) << u64(bits)) - u64(1)))
                    tag = entry >> u64(bits) == h >> u64(32 + bits)
                    if not (tag and _is_product(rows, j, i, strings, k, width)):
                        j = probe(table, rows, i, strings, k, h, bits)
                if j >= 0:
                    partner = coefficients[j, width]
                    if partner != 0.0:
                        if j >> 6 == g:
                            found &= ~(u64(1) << u64(j & 63))
                        else:
                            masks[j >> 6] &= ~(u64(1) << u64(j & 63))
                        s = -sn if _negative(rows, i, strings, k, half) else sn
                        new, other = cs * c - s * partner, cs * partner + s * c
                        if abs(new) < smallest:
                            own_hash = hash_of_row(rows, i, width) if resampled else h
                            kept = _rounded(new, smallest, resampled, own_hash, salt)
                            dropped += abs(new - kept)
                            number += new != 0.0
                            new = kept
                            if new == 0.0:
                                commutation[i] = u64(0)
                                died += 1
                        if abs(other) < smallest:
                            kept = _rounded(other, smallest, resampled, h, salt)
                            dropped += abs(other - kept)
                            number += other != 0.0
                            other = kept
                            if other == 0.0:
                                commutation[j] = u64(0)
                                died += 1
                        coefficients[i, width] = new
                        coefficients[j, width] = other
                        continue
                new, other = cs * c, sn * c
                stuck = u64(0)
                for w in range(half):
                    stuck |= (rows[i, w] ^ strings[k, w]) & ~later[k, w]
                if stuck == u64(0):
                    if abs(other) < smallest:
                        kept = _rounded(other, smallest, resampled, h, salt)
                        dropped += abs(other - kept)
                        number += other != 0.0
                        other = kept
                    if other != 0.0:
                        if _negative(rows, i, strings, k, half):
                            other = -other
                        if j < 0:
                            j = used
                            used += 1
                            for w in range(width):
                                rows[j, w] = rows[i, w] ^ strings[k, w]
                            insert(table, h, j, bits)
                        commutation[j] = commutation[i] ^ own[k - start]
                        coefficients[j, width] = other
                        born += 1
                if abs(new) < smallest:
                    own_hash = hash_of_row(rows, i, width) if resampled else h
                    kept = _rounded(new, smallest, resampled, own_hash, salt)
                    dropped += abs(new - kept)
                    number += new != 0.0
                    new = kept
                    if new == 0.0:
                        commutation[i] = u64(0)
                        died += 1
                coefficients[i, width] = new
        living += born
        largest = max(largest, living)
        living -= died
    state[USED], state[LIVING], state[LARGEST] = used, living, largest
    state[DROPPED_SUM] += dropped
    state[DROPPED_NUMBER] += number
    state[TOUCHED] += touched
    return stop, rows, table
