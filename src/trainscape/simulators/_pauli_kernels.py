"""Numba kernels of the Pauli-propagation engine: bit-packed strings, an open-addressing table, a tape, and the reverse sweep over it.

A string of n qubits is a row of ``2 W`` words of 64 bits, ``W = ceil(n / 64)``: x bits first, then z bits; qubit q is bit ``q % 64`` of word ``q // 64``.
It stands for the Hermitian ``i^|x & z| X^x Z^z``. Pulled back through ``exp(-i t P / 2)``, a string Q that anticommutes with P becomes

    cos(t) Q + sin(t) i P Q,

and one that commutes stays. The hash of a string is the xor of one random word for each of its set bits, so that the hash of the product is the xor of
the hashes; a hit is confirmed by comparing all words. Slots of dropped terms are reused.

The tape holds, for each rotation, the terms that it touched: source slot, target slot and sign, coefficient before; and the slots that died. With
the derivative of the value by the coefficients after a gate (the costate), one pass backwards over the tape gives every derivative. Derived here.

At a rotation by a multiple of pi/2 one branch has the coefficient zero, yet the derivative passes through it. With gradients such a branch is therefore
kept, with a positive `reach`: a bound of the derivative that flows through it. Values need no such terms.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numba.extending import intrinsic
from numpy.typing import NDArray

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

# Kinds of operations. CX has (control, target) in `first` and `second`; PAULI conjugates with the string of the row.
ROTATION = 0
HADAMARD = 1
S_GATE = 2
CX = 3
CZ = 4
PAULI = 5

FULL_TERMS = 1
FULL_TAPE = 2

SLOT_BYTES = (
    80  # one slot without its words: coefficient, reach, slope, hash, mate, stamp, order, scratch lists, and up to four table entries
)
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
    max_terms: int
    max_tape: int


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _popcount(typingctx: Any, word: Any) -> Any:
    """Return the number of set bits: one machine instruction."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return nb.uint64(nb.uint64), codegen


@nb.njit(cache=True)
def _hash_of(strings: Words, row: int, bits: Words) -> Any:
    """Return the xor of the random words of the set bits."""
    total = u64(0)
    for w in range(strings.shape[1]):
        word = strings[row, w]
        position = 64 * w
        while word != u64(0):
            if word & u64(1):
                total ^= bits[position]
            word >>= u64(1)
            position += 1
    return total


@nb.njit(cache=True)
def _tagged(code: Any, order: int) -> Any:
    """Mix the order into the hash: equal strings of different order are different terms."""
    return code ^ (u64(order) * u64(0x9E3779B97F4A7C15))


# An entry of the table is the slot, below 31 high bits of the hash, which spare most looks at the slot itself; or -1. The low bits of the hash are its home.
@nb.njit(cache=True)
def _entry(code: Any, slot: int) -> Any:
    return nb.int64((code >> u64(33)) << u64(32)) | nb.int64(slot)


@nb.njit(cache=True)
def _find(table: Int, keys: Words, codes: Words, orders: Short, i: int, strings: Words, row: int, code: Any, order: int) -> Any:
    """Return the slot of the product of term `i` with the generator in `row`, or minus one less the free table position."""
    mask = table.size - 1
    tagged = _tagged(code, order)
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
def _remove(table: Int, codes: Words, orders: Short, slot: int) -> None:
    """Delete a slot from the table, and close the gap so that no search ends early."""
    mask = table.size - 1
    tagged = _tagged(codes[slot], orders[slot])
    entry = _entry(tagged, slot)
    hole = nb.int64(tagged & u64(mask))
    while table[hole] != entry:
        hole = (hole + 1) & mask
    position = hole
    while True:
        position = (position + 1) & mask
        if table[position] < 0:
            break
        other = table[position] & 0xFFFFFFFF
        home = nb.int64(_tagged(codes[other], orders[other]) & u64(mask))
        # The entry may move into the hole unless its home lies cyclically after the hole and not after the entry.
        if ((position - home) & mask) >= ((position - hole) & mask):
            table[hole] = table[position]
            hole = position
    table[hole] = -1


@nb.njit(cache=True)
def _rebuild(size: int, codes: Words, orders: Short, alive: NDArray[np.bool_], used: int) -> Int:
    """Return a table of `size` positions, a power of two, with all living slots."""
    table = np.full(size, -1, dtype=np.int64)
    for slot in range(used):
        if alive[slot]:
            tagged = _tagged(codes[slot], orders[slot])
            position = nb.int64(tagged & u64(size - 1))
            while table[position] >= 0:
                position = (position + 1) & (size - 1)
            table[position] = _entry(tagged, slot)
    return table


@nb.njit(cache=True)
def _longer(array: Any, size: int) -> Any:
    """Return a copy of a vector with room for `size` entries."""
    result = np.empty(size, dtype=array.dtype)
    result[: array.size] = array
    return result


@nb.njit(cache=True)
def _higher(array: Words, size: int) -> Words:
    """Return a copy of a matrix with room for `size` rows."""
    result = np.empty((size, array.shape[1]), dtype=array.dtype)
    result[: array.shape[0]] = array
    return result


@nb.njit(cache=True)
def _touched(keys: Words, used: int, strings: Words, row: int, found: Short) -> Any:
    """List the terms that anticommute with the generator in `row`; return how many. Freed slots hold the identity, which never does."""
    half = keys.shape[1] // 2
    count = 0
    if half == 1:
        gx, gz = strings[row, 0], strings[row, 1]
        for slot in range(used):
            found[count] = slot
            count += nb.int64(_popcount((keys[slot, 0] & gz) ^ (keys[slot, 1] & gx)) & u64(1))
        return count
    for slot in range(used):
        word = u64(0)
        for w in range(half):
            word ^= (keys[slot, w] & strings[row, half + w]) ^ (keys[slot, half + w] & strings[row, w])
        found[count] = slot
        count += nb.int64(_popcount(word) & u64(1))
    return count


@nb.njit(cache=True)
def _negative(keys: Words, slot: int, strings: Words, row: int) -> Any:
    """Return 1 if i P Q, for generator P and an anticommuting term Q, is minus a Hermitian string, else 0."""
    half = keys.shape[1] // 2
    power = u64(1)
    for w in range(half):
        px, pz, qx, qz = strings[row, w], strings[row, half + w], keys[slot, w], keys[slot, half + w]
        power += _popcount(px & pz) + _popcount(qx & qz) + u64(2) * _popcount(pz & qx) + u64(3) * _popcount((px ^ qx) & (pz ^ qz))
    return nb.int64((power >> u64(1)) & u64(1))


@nb.njit(cache=True)
def _product_weight(keys: Words, slot: int, strings: Words, row: int) -> Any:
    """Return the number of qubits that the product of a term with a generator acts on."""
    half = keys.shape[1] // 2
    weight = u64(0)
    for w in range(half):
        weight += _popcount((keys[slot, w] ^ strings[row, w]) | (keys[slot, half + w] ^ strings[row, half + w]))
    return nb.int64(weight)


@nb.njit(cache=True)
def _is_lost(keys: Words, slot: int, strings: Words, later: Words, row: int) -> Any:
    """Return whether the product of a term with a generator flips a qubit that stays flipped: all that comes of it has expectation value zero."""
    stuck = u64(0)
    for w in range(later.shape[1]):
        stuck |= (keys[slot, w] ^ strings[row, w]) & ~later[row, w]
    return stuck != u64(0)


@nb.njit(cache=True)
def _conjugate(kind: int, keys: Words, slot: int, strings: Words, row: int, a: int, b: int) -> Any:
    """Replace a term Q by G^dagger Q G up to sign, for a fixed gate G; return 1 if the sign is minus."""
    half = keys.shape[1] // 2
    if kind == PAULI:
        word = u64(0)
        for w in range(half):
            word ^= (keys[slot, w] & strings[row, half + w]) ^ (keys[slot, half + w] & strings[row, w])
        return nb.int64(_popcount(word) & u64(1))
    one = u64(1)
    wa, sa = a >> 6, u64(a & 63)
    xa, za = (keys[slot, wa] >> sa) & one, (keys[slot, half + wa] >> sa) & one
    if kind == HADAMARD:
        keys[slot, wa] ^= (xa ^ za) << sa
        keys[slot, half + wa] ^= (xa ^ za) << sa
        return nb.int64(xa & za)
    if kind == S_GATE:
        keys[slot, half + wa] ^= xa << sa
        return nb.int64(xa & (za ^ one))
    wb, sb = b >> 6, u64(b & 63)
    xb, zb = (keys[slot, wb] >> sb) & one, (keys[slot, half + wb] >> sb) & one
    if kind == CX:
        keys[slot, wb] ^= xa << sb
        keys[slot, half + wa] ^= zb << sa
        return nb.int64(xa & zb & (xb ^ za ^ one))
    keys[slot, half + wa] ^= xb << sa
    keys[slot, half + wb] ^= xa << sb
    return nb.int64(xa & xb & (za ^ zb))


@nb.njit(cache=True)
def propagate(program: Program, limits: Limits, cosines: Real, sines: Real, with_gradient: bool, slopes: Real, report: Real) -> int:
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
    eps, ordered = limits.min_coefficient, limits.max_sines >= 0
    report[:] = 0.0
    used = program.terms.shape[0]
    if used > limits.max_terms:
        return FULL_TERMS
    capacity = max(64, 2 * used)
    keys = np.zeros((capacity, width), dtype=np.uint64)
    codes = np.zeros(capacity, dtype=np.uint64)
    coefficients, reach, slope = np.zeros(capacity), np.zeros(capacity), np.zeros(capacity)
    alive = np.zeros(capacity, dtype=np.bool_)
    orders, stamps, mates = np.zeros(capacity, dtype=np.int32), np.full(capacity, -1, dtype=np.int32), np.zeros(capacity, dtype=np.int32)
    found, born, free = np.zeros(capacity + 1, dtype=np.int32), np.zeros(capacity, dtype=np.int32), np.zeros(capacity, dtype=np.int32)
    for slot in range(used):
        keys[slot] = program.terms[slot]
        codes[slot] = _hash_of(keys, slot, program.bits)
        coefficients[slot] = program.weights[slot]
        alive[slot] = True
    size = 64
    while size < 2 * capacity:
        size *= 2
    table = _rebuild(size, codes, orders, alive, used)
    living, num_free, stale = used, 0, False
    largest = living
    report[7] = largest

    operations = program.kinds.size
    length = 1024
    sources, targets, before = np.zeros(length, dtype=np.int32), np.zeros(length, dtype=np.int32), np.zeros(length)
    deaths = np.zeros(length, dtype=np.int32)
    ends, death_ends = np.zeros(operations + 1, dtype=np.int64), np.zeros(operations + 1, dtype=np.int64)
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
                        codes[slot] = _hash_of(keys, slot, program.bits)
                table = _rebuild(table.size, codes, orders, alive, used)
                stale = False
            count = _touched(keys, used, program.strings, k, found)
        if end + count > limits.max_tape:
            return FULL_TAPE
        # Every touched term may be a source, and every source and every new term may die.
        needed = max(end + count, death_end + 2 * count)
        if needed > length:
            length = 2 * needed
            sources, targets, before = _longer(sources, length), _longer(targets, length), _longer(before, length)
            deaths = _longer(deaths, length)

        if kind != ROTATION:
            for slot in range(used):
                if alive[slot] and _conjugate(kind, keys, slot, program.strings, k, program.first[k], program.second[k]) == 1:
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
            keys, codes = _higher(keys, capacity), _longer(codes, capacity)
            coefficients, reach, slope = _longer(coefficients, capacity), _longer(reach, capacity), _longer(slope, capacity)
            alive, orders, mates = _longer(alive, capacity), _longer(orders, capacity), _longer(mates, capacity)
            found, born, free = _longer(found, capacity + 1), _longer(born, capacity), _longer(free, capacity)
            longer = np.full(capacity, -1, dtype=np.int32)
            longer[: stamps.size] = stamps
            stamps = longer
            size = table.size
            while size < 2 * capacity:
                size *= 2
            table = _rebuild(size, codes, orders, alive, used)

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
                continue
            order = orders[i] + 1 if ordered else 0
            code = codes[i] ^ program.hashes[k]
            j = -1
            if ordered and order > limits.max_sines:
                lost = abs(sn * coefficients[i])
                report[3] += lost
                report[6] += 1.0 if lost > 0.0 else 0.0
            else:
                j = _find(table, keys, codes, orders, i, program.strings, k, code, order)
                if j < 0:
                    position, j = -1 - j, -1
                    # A new term has one source, so that its size is known before it exists. At a Clifford angle the reach decides, below.
                    lost = abs(sn * coefficients[i])
                    if _is_lost(keys, i, program.strings, program.later, k):
                        pass
                    elif 0.0 < lost < eps and (not with_gradient or abs(sn) * reach[i] < eps):
                        report[1] += lost
                        report[4] += 1.0
                    elif limits.max_weight >= 0 and _product_weight(keys, i, program.strings, k) > limits.max_weight:
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
                        table[position] = _entry(_tagged(code, order), j)
                        born[num_born] = j
                        num_born += 1
            if j < 0:
                targets[end + e] = -1
                continue
            minus = _negative(keys, i, program.strings, k)
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
                coefficients[code_target >> 1] += (sn if (code_target & 1) == 0 else -sn) * before[e]
        if with_gradient:
            for e in range(end, stop):
                slope[sources[e]] = -sn * before[e]
            for e in range(end, stop):
                if targets[e] >= 0:
                    slope[targets[e] >> 1] += (cs if (targets[e] & 1) == 0 else -cs) * before[e]
            # The reach mixes like absolute coefficients, and grows by the slope where the coefficient is zero. From here on `slope` is what flows in.
            for e in range(end, stop):
                i = nb.int64(sources[e])
                if coefficients[i] != 0.0:
                    slope[i] = 0.0
            for e in range(num_born):
                if coefficients[born[e]] != 0.0:
                    slope[born[e]] = 0.0
            for e in range(end, stop):
                if targets[e] >= 0:
                    slope[targets[e] >> 1] = abs(slope[targets[e] >> 1]) + abs(sn) * reach[sources[e]]
            for e in range(end, stop):
                i = nb.int64(sources[e])
                reach[i] = abs(cs) * reach[i] + abs(slope[i])
            for e in range(num_born):
                reach[born[e]] = abs(slope[born[e]])
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
            _remove(table, codes, orders, i)
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
