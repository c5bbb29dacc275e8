"""The numba kernel of Pauli propagation: a sum of Pauli strings, taken backwards through a circuit.

Under ``exp(-i t P / 2)``, a string Q that anticommutes with P becomes

    cos(t) Q + sin(t) i P Q,

and a string that commutes stays. Slots of dropped terms are used again. A term whose coefficient is
dropped stays, with coefficient zero, while its reach is large enough (`branch_kernels`). Values
alone need no such terms. For gradients, all changes are recorded on a tape (`tape_kernels`).
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.branch_kernels import (
    is_too_heavy,
    rotate_coefficients,
    update_reach,
)
from trainscape.simulators.pauli.propagation_program import (
    FULL_TAPE,
    FULL_TERMS,
    LARGEST_SIZE,
    NUMBER_BY_COEFFICIENT,
    NUMBER_BY_SINES,
    NUMBER_BY_WEIGHT,
    OPERATIONS_DONE,
    SUM_BY_COEFFICIENT,
    SUM_BY_SINES,
    SUM_BY_WEIGHT,
    TOUCHED_TERMS,
    VALUE,
    Limits,
    Program,
)
from trainscape.simulators.pauli.string_kernels import (
    PAULI,
    ROTATION,
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
from trainscape.simulators.pauli.tape_kernels import DROPPED, Tape, reverse

__all__ = ["propagate"]

Real = NDArray[np.float64]

u64 = nb.uint64


@nb.njit(cache=True)
def propagate(
    program: Program,
    limits: Limits,
    cosines: Real,
    sines: Real,
    with_gradient: bool,
    slopes: Real,
    doubts: Real,
    report: Real,
) -> int:
    """Propagate the observable through all operations, and take the costate back over the tape.

    Parameters
    ----------
    program, limits
        The compiled problem, and what to drop.
    cosines, sines
        Of the angle of each operation, shape ``(K,)``.
    with_gradient
        Whether to keep the tape and fill `slopes`.
    slopes
        Output: the derivative by the angle of each operation, shape ``(K,)``.
    doubts
        Output: what these would change by if what was dropped counted, see `tape_kernels.reverse`.
    report
        Output, shape ``(REPORT_LENGTH,)``; the entries are named in `propagation_program`.

    Returns
    -------
    int
        0, or `FULL_TERMS` or `FULL_TAPE` if a limit of storage was reached.
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
    touched_slots, born, free = (
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
    report[LARGEST_SIZE] = largest

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
            count = touched(keys, used, program.strings, k, touched_slots)
        if end + count > limits.max_tape:
            return FULL_TAPE
        # Every touched term may be a source. Every source and every new term may be removed.
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
            report[OPERATIONS_DONE] += 1.0
            continue

        cs, sn = cosines[k], sines[k]
        report[TOUCHED_TERMS] += count
        if sn == 0.0 and not with_gradient:
            for e in range(count):
                coefficients[touched_slots[e]] *= cs
            report[OPERATIONS_DONE] += 1.0
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
            touched_slots, born, free = (
                longer(touched_slots, capacity + 1),
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

        # Find or create the term that the sine branch of each touched term is added to.
        num_born = 0
        for e in range(count):
            i = nb.int64(touched_slots[e])
            sources[end + e] = i
            before[end + e] = coefficients[i]
            if sn == 0.0 and coefficients[i] == 0.0:
                targets[end + e] = -1
                continue
            if stamps[i] == k:
                # The partner came first, and i P (i P Q) = -Q: the sign is the opposite one.
                targets[end + e] = mates[i]
                if is_too_heavy(
                    limits.max_weight, keys, i, program.strings, k, coefficients, mates[i] >> 1
                ):
                    targets[end + e] = DROPPED
                    report[SUM_BY_WEIGHT] += abs(sn * coefficients[i])
                    report[NUMBER_BY_WEIGHT] += 1.0 if sn * coefficients[i] != 0.0 else 0.0
                continue
            order = orders[i] + 1 if ordered else 0
            code = codes[i] ^ program.hashes[k]
            j = -1
            missing = DROPPED
            if ordered and order > limits.max_sines:
                lost = abs(sn * coefficients[i])
                report[SUM_BY_SINES] += lost
                report[NUMBER_BY_SINES] += 1.0 if lost > 0.0 else 0.0
            else:
                j = find(table, keys, codes, orders, i, program.strings, k, code, order)
                if j >= 0 and is_too_heavy(
                    limits.max_weight, keys, i, program.strings, k, coefficients, j
                ):
                    j = -1
                    report[SUM_BY_WEIGHT] += abs(sn * coefficients[i])
                    report[NUMBER_BY_WEIGHT] += 1.0 if sn * coefficients[i] != 0.0 else 0.0
                elif j < 0:
                    position, j = -1 - j, -1
                    # A new term has one source, so that its size is known before it is created.
                    # At a Clifford angle the reach decides, after the coefficients.
                    lost = abs(sn * coefficients[i])
                    if is_lost(keys, i, program.strings, program.later, k):
                        missing = -1
                    elif 0.0 < lost < eps and (
                        not with_gradient
                        or max(abs(sn) * reach[i], share * abs(cs * coefficients[i])) < eps
                    ):
                        report[SUM_BY_COEFFICIENT] += lost
                        report[NUMBER_BY_COEFFICIENT] += 1.0
                    elif (
                        limits.max_weight >= 0
                        and product_weight(keys, i, program.strings, k) > limits.max_weight
                    ):
                        report[SUM_BY_WEIGHT] += lost
                        report[NUMBER_BY_WEIGHT] += 1.0 if lost > 0.0 else 0.0
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
                targets[end + e] = missing
                continue
            minus = negative(keys, i, program.strings, k)
            targets[end + e] = 2 * j + minus
            if not ordered:
                stamps[j] = k
                mates[j] = 2 * i + 1 - minus
        living += num_born
        largest = max(largest, living)
        report[LARGEST_SIZE] = largest
        stop = end + count

        rotate_coefficients(sources, targets, before, end, stop, cs, sn, coefficients)
        if with_gradient:
            update_reach(
                sources,
                targets,
                before,
                end,
                stop,
                born,
                num_born,
                cs,
                sn,
                share,
                coefficients,
                reach,
                slope,
            )
        # Truncate.
        for e in range(count + num_born):
            i = nb.int64(sources[end + e] if e < count else born[e - count])
            magnitude = abs(coefficients[i])
            # At an exact Clifford angle no coefficient changes its size, and a run without gradient
            # drops nothing.
            if magnitude > 0.0 and (magnitude >= eps or sn == 0.0):
                continue
            if magnitude > 0.0:
                report[SUM_BY_COEFFICIENT] += magnitude
                report[NUMBER_BY_COEFFICIENT] += 1.0
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
        report[OPERATIONS_DONE] += 1.0

    # The second part takes up the rounding errors of the first, so that the order of the slots does
    # not matter.
    value, rest = 0.0, 0.0
    costate = np.zeros(used if with_gradient else 0)
    for slot in range(used):
        if alive[slot]:
            flips = u64(0)
            for w in range(half):
                flips |= keys[slot, w]
            if flips == u64(0):
                total = value + coefficients[slot]
                part = total - value
                rest += (value - (total - part)) + (coefficients[slot] - part)
                value = total
                if with_gradient:
                    costate[slot] = 1.0
    report[VALUE] = value + rest
    if not with_gradient:
        return 0

    reverse(
        program,
        cosines,
        sines,
        Tape(sources, targets, before, ends, deaths, death_ends),
        costate,
        slopes,
        doubts,
    )
    return 0
