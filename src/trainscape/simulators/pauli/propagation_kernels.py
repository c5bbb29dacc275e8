"""Numba kernels of the Pauli-propagation engine: the sum of strings, a tape, and the reverse sweep over it.

Pulled back through ``exp(-i t P / 2)``, a string Q that anticommutes with P becomes

    cos(t) Q + sin(t) i P Q,

and one that commutes stays. Slots of dropped terms are reused.

The tape holds, for each rotation, the terms that it touched: source slot, target slot and sign, coefficient before; and the slots that died. With
the derivative of the value by the coefficients after a gate (the costate), one pass backwards over the tape gives every derivative. Derived here.

A branch may be small, or zero at a multiple of pi/2, while the derivative that passes through it is not. With gradients each term has a `reach`, the largest
derivative of its coefficient by an earlier angle, damped like a coefficient by every later rotation: all of it where the coefficient is zero, else a
share. A term whose coefficient is dropped stays, with coefficient zero, while its reach is large enough. Values need no such terms.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import (
    CX,
    CZ,
    HADAMARD,
    PAULI,
    ROTATION,
    S_GATE,
    conjugate,
    hash_of,
    is_lost,
    negative,
    product_weight,
    touched,
)
from trainscape.simulators.pauli.table_kernels import (
    entry_of,
    find,
    higher,
    longer,
    rebuild,
    remove,
    tagged_code,
)

__all__ = [
    "CX",
    "CZ",
    "FULL_TAPE",
    "FULL_TERMS",
    "HADAMARD",
    "PAULI",
    "ROTATION",
    "SLOT_BYTES",
    "S_GATE",
    "TAPE_BYTES",
    "Limits",
    "Program",
    "propagate",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Short = NDArray[np.int32]
Words = NDArray[np.uint64]

FULL_TERMS = 1
FULL_TAPE = 2

SLOT_BYTES = 80  # one slot without its words: coefficient, reach, slope, hash, mate, stamp, order, scratch lists, and up to four table entries
TAPE_BYTES = 20  # one touched term: source, target with sign, coefficient, and a possible death

u64 = nb.uint64
i32 = nb.int32


class Program(NamedTuple):
    """A compiled problem, operations in the order of the walk: last gate first."""

    kinds: Int  # (K,)
    strings: Words  # (K, 2 W): generators of rotations, strings of PAULI
    hashes: Words  # (K,): hashes of the strings
    later: Words  # (K, W): x bits that a generator further on in the walk can still change
    first: Int  # (K,): qubits of the other gates
    second: Int  # (K,)
    parameters: Int  # (K,): parameter of a rotation, or -1
    scales: Real  # (K,): factor of the parameter, sign of the generator included
    terms: Words  # (M, 2 W): the observable
    weights: Real  # (M,)
    bits: Words  # (2 W * 64,): random word of each bit


class Limits(NamedTuple):
    """What is dropped, and how much may be stored."""

    min_coefficient: float  # smaller coefficients are dropped; 0: none but exact zeros
    max_weight: int  # branches on more qubits are dropped; -1: none
    max_sines: int  # branches with more sine factors are dropped; -1: none, and the factors are not counted
    slope_share: float  # with gradients, a branch stays where this share of its slope reaches `min_coefficient`
    max_terms: int
    max_tape: int


@nb.njit(cache=True)
def _is_too_heavy(
    max_weight: int, keys: Words, i: int, strings: Words, row: int, coefficients: Real, j: int
) -> Any:
    """Return whether the branch of term `i` is to be dropped although its string is there as term `j`: only for a derivative, which no value may rest on."""
    return (
        max_weight >= 0
        and coefficients[j] == 0.0
        and product_weight(keys, i, strings, row) > max_weight
    )


@nb.njit(cache=True)
def propagate(
    program: Program,
    limits: Limits,
    cosines: Real,
    sines: Real,
    with_gradient: bool,
    slopes: Real,
    report: Real,
) -> int:
    """Propagate the observable through all operations, and the costate back over the tape.

    Parameters
    ----------
    program, limits
        The compiled problem and what to drop.
    cosines, sines
        Of the angle of each operation, shape ``(K,)``.
    with_gradient
        Whether to keep the tape and fill `slopes`.
    slopes
        Overwritten by the derivative by the angle of each operation, shape ``(K,)``.
    report
        Overwritten by: value; sums of the absolute coefficients dropped by coefficient, weight and sines; numbers of terms dropped by
        the same rules; largest number of terms; touched terms over all rotations; operations done.

    Returns
    -------
    int
        0, or `FULL_TERMS` or `FULL_TAPE` where a limit of storage was reached.
    """
    width = program.terms.shape[1]
    half = width // 2
    eps, share, ordered = limits.min_coefficient, limits.slope_share, limits.max_sines >= 0
    report[:] = 0.0
    used = program.terms.shape[0]
    if used > limits.max_terms:
        return FULL_TERMS
    capacity = max(64, 2 * used)
    keys = np.zeros((capacity, width), dtype=np.uint64)
    codes = np.zeros(capacity, dtype=np.uint64)
    coefficients, reach, slope = np.zeros(capacity), np.zeros(capacity), np.zeros(capacity)
    alive = np.zeros(capacity, dtype=np.bool_)
    orders, stamps, mates = (
        np.zeros(capacity, dtype=np.int32),
        np.full(capacity, -1, dtype=np.int32),
        np.zeros(capacity, dtype=np.int32),
    )
    found, born, free = (
        np.zeros(capacity + 1, dtype=np.int32),
        np.zeros(capacity, dtype=np.int32),
        np.zeros(capacity, dtype=np.int32),
    )
    for slot in range(used):
        keys[slot] = program.terms[slot]
        codes[slot] = hash_of(keys, slot, program.bits)
        coefficients[slot] = program.weights[slot]
        alive[slot] = True
    size = 64
    while size < 2 * capacity:
        size *= 2
    table = rebuild(size, codes, orders, alive, used)
    living, num_free, stale = used, 0, False
    largest = living
    report[7] = largest

    operations = program.kinds.size
    length = 1024
    sources, targets, before = (
        np.zeros(length, dtype=np.int32),
        np.zeros(length, dtype=np.int32),
        np.zeros(length),
    )
    deaths = np.zeros(length, dtype=np.int32)
    ends, death_ends = (
        np.zeros(operations + 1, dtype=np.int64),
        np.zeros(operations + 1, dtype=np.int64),
    )
    end, death_end = 0, 0

    for k in range(operations):
        kind = program.kinds[k]
        if not with_gradient:
            end, death_end = 0, 0
        if kind != ROTATION:
            count = used
        else:
            if stale:
                for slot in range(used):
                    if alive[slot]:
                        codes[slot] = hash_of(keys, slot, program.bits)
                table = rebuild(table.size, codes, orders, alive, used)
                stale = False
            count = touched(keys, used, program.strings, k, found)
        if end + count > limits.max_tape:
            return FULL_TAPE
        # Every touched term may be a source, and every source and every new term may die.
        needed = max(end + count, death_end + 2 * count)
        if needed > length:
            length = 2 * needed
            sources, targets, before = (
                longer(sources, length),
                longer(targets, length),
                longer(before, length),
            )
            deaths = longer(deaths, length)

        if kind != ROTATION:
            for slot in range(used):
                if (
                    alive[slot]
                    and conjugate(
                        kind, keys, slot, program.strings, k, program.first[k], program.second[k]
                    )
                    == 1
                ):
                    coefficients[slot] = -coefficients[slot]
                    sources[end] = slot
                    end += 1
            stale = stale or kind != PAULI
            ends[k + 1], death_ends[k + 1] = end, death_end
            report[9] += 1.0
            continue

        cs, sn = cosines[k], sines[k]
        report[8] += count
        if sn == 0.0 and not with_gradient:
            for e in range(count):
                coefficients[found[e]] *= cs
            report[9] += 1.0
            continue

        # Make room for one new term for each touched one, as far as the limit allows.
        room = min(used + count - min(num_free, count), limits.max_terms)
        if room > capacity:
            capacity = min(2 * room, limits.max_terms)
            keys, codes = higher(keys, capacity), longer(codes, capacity)
            coefficients, reach, slope = (
                longer(coefficients, capacity),
                longer(reach, capacity),
                longer(slope, capacity),
            )
            alive, orders, mates = (
                longer(alive, capacity),
                longer(orders, capacity),
                longer(mates, capacity),
            )
            found, born, free = (
                longer(found, capacity + 1),
                longer(born, capacity),
                longer(free, capacity),
            )
            renewed = np.full(capacity, -1, dtype=np.int32)
            renewed[: stamps.size] = stamps
            stamps = renewed
            size = table.size
            while size < 2 * capacity:
                size *= 2
            table = rebuild(size, codes, orders, alive, used)

        # Structure: where the sine branch of each touched term goes.
        num_born = 0
        for e in range(count):
            i = nb.int64(found[e])
            sources[end + e] = i
            before[end + e] = coefficients[i]
            if sn == 0.0 and coefficients[i] == 0.0:
                targets[end + e] = -1
                continue
            if stamps[i] == k:
                # The partner came first, and i P (i P Q) = -Q: the sign is the other one.
                targets[end + e] = mates[i]
                if _is_too_heavy(
                    limits.max_weight, keys, i, program.strings, k, coefficients, mates[i] >> 1
                ):
                    targets[end + e] = -1
                    report[2] += abs(sn * coefficients[i])
                    report[5] += 1.0 if sn * coefficients[i] != 0.0 else 0.0
                continue
            order = orders[i] + 1 if ordered else 0
            code = codes[i] ^ program.hashes[k]
            j = -1
            if ordered and order > limits.max_sines:
                lost = abs(sn * coefficients[i])
                report[3] += lost
                report[6] += 1.0 if lost > 0.0 else 0.0
            else:
                j = find(table, keys, codes, orders, i, program.strings, k, code, order)
                if j >= 0 and _is_too_heavy(
                    limits.max_weight, keys, i, program.strings, k, coefficients, j
                ):
                    j = -1
                    report[2] += abs(sn * coefficients[i])
                    report[5] += 1.0 if sn * coefficients[i] != 0.0 else 0.0
                elif j < 0:
                    position, j = -1 - j, -1
                    # A new term has one source, so that its size is known before it exists. At a Clifford angle the reach decides, below.
                    lost = abs(sn * coefficients[i])
                    if is_lost(keys, i, program.strings, program.later, k):
                        pass
                    elif 0.0 < lost < eps and (
                        not with_gradient
                        or max(abs(sn) * reach[i], share * abs(cs * coefficients[i])) < eps
                    ):
                        report[1] += lost
                        report[4] += 1.0
                    elif (
                        limits.max_weight >= 0
                        and product_weight(keys, i, program.strings, k) > limits.max_weight
                    ):
                        report[2] += lost
                        report[5] += 1.0 if lost > 0.0 else 0.0
                    else:
                        if num_free > 0:
                            num_free -= 1
                            j = nb.int64(free[num_free])
                        else:
                            if used >= capacity:
                                return FULL_TERMS
                            j = used
                            used += 1
                        for w in range(width):
                            keys[j, w] = keys[i, w] ^ program.strings[k, w]
                        codes[j], orders[j] = code, order
                        coefficients[j], reach[j], slope[j] = 0.0, 0.0, 0.0
                        alive[j] = True
                        table[position] = entry_of(tagged_code(code, order), j)
                        born[num_born] = j
                        num_born += 1
            if j < 0:
                targets[end + e] = -1
                continue
            minus = negative(keys, i, program.strings, k)
            targets[end + e] = 2 * j + minus
            if not ordered:
                stamps[j] = k
                mates[j] = 2 * i + 1 - minus
        living += num_born
        largest = max(largest, living)
        report[7] = largest
        stop = end + count

        # Numbers.
        for e in range(end, stop):
            coefficients[sources[e]] *= cs
        for e in range(end, stop):
            code_target = targets[e]
            if code_target >= 0:
                coefficients[code_target >> 1] += (sn if (code_target & 1) == 0 else -sn) * before[
                    e
                ]
        if with_gradient:
            for e in range(end, stop):
                slope[sources[e]] = -sn * before[e]
            for e in range(end, stop):
                if targets[e] >= 0:
                    slope[targets[e] >> 1] += (cs if (targets[e] & 1) == 0 else -cs) * before[e]
            # From here on `slope` is the new reach.
            for e in range(count + num_born):
                i = nb.int64(sources[end + e] if e < count else born[e - count])
                slope[i] = abs(slope[i]) * (share if coefficients[i] != 0.0 else 1.0)
            for e in range(end, stop):
                if targets[e] >= 0:
                    j = targets[e] >> 1
                    slope[j] = max(slope[j], abs(sn) * reach[sources[e]])
            for e in range(count + num_born):
                i = nb.int64(sources[end + e] if e < count else born[e - count])
                reach[i] = max(abs(cs) * reach[i], slope[i])
        # Truncation.
        for e in range(count + num_born):
            i = nb.int64(sources[end + e] if e < count else born[e - count])
            size_of = abs(coefficients[i])
            # At an exact Clifford angle no coefficient changes its size, and `value` drops nothing either.
            if size_of > 0.0 and (size_of >= eps or sn == 0.0):
                continue
            if size_of > 0.0:
                report[1] += size_of
                report[4] += 1.0
                coefficients[i] = 0.0
            if reach[i] > 0.0 and reach[i] >= eps:
                continue
            remove(table, codes, orders, i)
            alive[i], reach[i] = False, 0.0
            for w in range(width):
                keys[i, w] = u64(0)
            free[num_free] = i
            num_free += 1
            living -= 1
            deaths[death_end] = i
            death_end += 1
        end = stop
        ends[k + 1], death_ends[k + 1] = end, death_end
        report[9] += 1.0

    value = 0.0
    costate = np.zeros(used if with_gradient else 0)
    for slot in range(used):
        if alive[slot]:
            flips = u64(0)
            for w in range(half):
                flips |= keys[slot, w]
            if flips == u64(0):
                value += coefficients[slot]
                if with_gradient:
                    costate[slot] = 1.0
    report[0] = value
    if not with_gradient:
        return 0

    # The costate passes each operation backwards; it is zero for terms that were dropped after it.
    scratch = np.zeros(used)
    for k in range(operations - 1, -1, -1):
        start, stop = ends[k], ends[k + 1]
        if program.kinds[k] != ROTATION:
            for e in range(start, stop):
                costate[sources[e]] = -costate[sources[e]]
            continue
        for e in range(death_ends[k], death_ends[k + 1]):
            costate[deaths[e]] = 0.0
        cs, sn = cosines[k], sines[k]
        total = 0.0
        for e in range(start, stop):
            here = costate[sources[e]]
            there = 0.0
            if targets[e] >= 0:
                there = costate[targets[e] >> 1]
                if targets[e] & 1:
                    there = -there
            total += before[e] * (cs * there - sn * here)
            scratch[e - start] = cs * here + sn * there
        for e in range(start, stop):
            costate[sources[e]] = scratch[e - start]
        slopes[k] = total
    return 0
