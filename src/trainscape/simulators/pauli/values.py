"""Values by propagation of Pauli strings, for rotations alone: segments, shards, threads, orbits.

`sweep_kernels` rotate one set of terms. A small sum is one set. A large one is divided into shards
anew for every few rotations (`shard_kernels`), which one thread rotates one after the other, in the
cache, and several threads side by side. The shards depend on the sum alone, and every coefficient
is found by the same operations in any shard, so that the results are the same to the last bit for
any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.frame_kernels import take_quarter_turns
from trainscape.simulators.pauli.orbit_kernels import represent
from trainscape.simulators.pauli.orbits import symmetric_cuts
from trainscape.simulators.pauli.propagation_program import (
    FULL_TERMS,
    LARGEST_SIZE,
    NUMBER_BY_COEFFICIENT,
    OPERATIONS_DONE,
    SUM_BY_COEFFICIENT,
    TOUCHED_TERMS,
    VALUE,
    Program,
)
from trainscape.simulators.pauli.shard_kernels import choose_functions, divide, even_functions
from trainscape.simulators.pauli.sweep_kernels import (
    BLOCK,
    DROPPED_NUMBER,
    DROPPED_SUM,
    LARGEST,
    STATE_LENGTH,
    TOUCHED,
    USED,
)
from trainscape.simulators.pauli.term_kernels import (
    merge_terms,
    rotate,
    rotate_shard,
    start_terms,
    sum_of_diagonal,
)

__all__ = ["Sums", "largest_number", "propagate_value"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

SMALLEST = 5e-324
"""The smallest coefficient that is not zero."""

UNDIVIDED = 2**15
"""Rows up to which a sum is one set."""

SHARD_ROWS = 2**13
"""Rows that a shard has about, so that it fits into the cache of a core, with its index."""

SHORTEST = 8
"""Rotations for which shards are made at least."""

SAMPLE = 512
"""Terms by which functions are judged."""


class Sums(NamedTuple):
    """How sums of terms are rotated.

    Parameters
    ----------
    min_coefficient
        Smaller coefficients are dropped.
    most
        Largest number of rows.
    threads
        Number of threads.
    group
        Where each permutation takes each bit of a string, shape ``(G, 64 * 2 W)``, or None.
    seed
        Word from which coefficients below the smallest are rounded to it or to zero by chance, or
        None.
    """

    min_coefficient: float
    most: int
    threads: int = 1
    group: Int | None = None
    seed: int | None = None


class _Frame(NamedTuple):
    """Rotations without their quarter turns, see `frame_kernels.take_quarter_turns`."""

    strings: Words
    later: Words
    cosines: Real
    sines: Real


def largest_number(max_bytes: int, width: int) -> int:
    """Return how many rows fit, while rows are copied to twice as many.

    A row has its words, its commutation word, and up to four entries of the index.
    """
    return int(min(2 * max_bytes // (3 * (8 * (width + 1) + 26)), 2**29))


def propagate_value(program: Program, sums: Sums, cosines: Real, sines: Real, report: Real) -> int:
    """Propagate the observable through rotations, and fill a report as `propagate` does.

    Parameters
    ----------
    program
        The compiled problem, of rotations alone.
    sums
        What to drop, and how to go about it.
    cosines, sines
        Of the angle of each operation, shape ``(K,)``.
    report
        Output, shape ``(REPORT_LENGTH,)``; the entries are named in `propagation_program`.

    Returns
    -------
    int
        0, or `FULL_TERMS`.
    """
    strings, cosines, sines, terms, weights, later = take_quarter_turns(
        program.strings, cosines, sines, program.terms, program.weights
    )
    frame = _Frame(strings, later, cosines, sines)
    count = len(strings)
    cuts = [] if sums.group is None else symmetric_cuts(strings, cosines, sines, sums.group)
    rows, table, state = start_terms(terms, weights)
    k, parts = 0, None
    if state[USED] > sums.most:
        return _finish(report, state, [], k)
    for stop in [*cuts, count]:
        k, rows, table = rotate(
            *frame, k, stop, *_rules(sums), sums.most, UNDIVIDED, rows, table, state
        )
        if state[USED] < 0:
            return _finish(report, state, [], k)
        if k < stop:
            k, parts = _rotate_shards(frame, sums, k, stop, rows[: int(state[USED])], state)
            if k < stop:
                return _finish(report, state, [], k)
            if stop < count:
                rows = np.concatenate(parts)
        if stop < count and sums.group is not None:
            merged = rows[: int(state[USED])] if parts is None else rows
            represent(merged, sums.group)
            rows, table, fresh = merge_terms(merged)
            state[:2] = fresh[:2]
            parts = None
    return _finish(report, state, [rows[: int(state[USED])]] if parts is None else parts, k)


def _rules(sums: Sums) -> tuple[float, bool, int]:
    return max(sums.min_coefficient, SMALLEST), sums.seed is not None, sums.seed or 0


def _finish(report: Real, state: Real, parts: Sequence[Words], done: int) -> int:
    """Fill the report, and return the status: parts are missing where terms did not fit."""
    report[:] = 0.0
    report[OPERATIONS_DONE] = done
    report[LARGEST_SIZE] = state[LARGEST]
    report[TOUCHED_TERMS] = state[TOUCHED]
    report[SUM_BY_COEFFICIENT] = state[DROPPED_SUM]
    report[NUMBER_BY_COEFFICIENT] = state[DROPPED_NUMBER]
    if not parts:
        return FULL_TERMS
    high, low = 0.0, 0.0
    for more, rest in [sum_of_diagonal(part) for part in parts]:
        total = high + more
        share = total - high
        low += (high - (total - share)) + (more - share) + rest
        high = total
    report[VALUE] = high + low
    return 0


def _rotate_shards(
    frame: _Frame, sums: Sums, start: int, stop: int, rows: Words, state: Real
) -> tuple[int, list[Words]]:
    """Rotate a large set by the generators ``start <= k < stop``, in shards.

    Return the rotations that are done, which are fewer if the terms do not fit, and the rows. What
    is known of the terms is added to the state.
    """
    k, parts = start, [rows]
    with ThreadPoolExecutor(sums.threads) as pool:

        def each(call: Callable[..., Any], items: Iterable[tuple[Any, ...]]) -> list[Any]:
            """Make the calls, side by side if there are several threads; results in order."""
            if sums.threads == 1:
                return [call(*item) for item in items]
            return [future.result() for future in [pool.submit(call, *item) for item in items]]

        while k < stop:
            total = sum(len(part) for part in parts)
            end, functions = _functions(frame, k, stop, parts, total)
            divided = each(divide, [(part, functions) for part in parts])
            shards = [
                [part[begins[s] : begins[s + 1]] for part, begins in divided]
                for s in range(2 ** len(functions))
            ]
            results = each(
                _rotate_pieces, [(frame, sums, k, end, pieces, total) for pieces in shards]
            )
            states = np.array([known for _, known in results])
            state[DROPPED_SUM:STATE_LENGTH] += states[:, DROPPED_SUM:].sum(axis=0)
            state[LARGEST] = max(state[LARGEST], states[:, LARGEST].sum())
            if (states[:, USED] < 0).any():
                return k, []
            parts = [part for part, _ in results if len(part)] or [rows[:0]]
            k = end
    return k, parts


def _rotate_pieces(
    frame: _Frame, sums: Sums, start: int, end: int, pieces: list[Words], total: int
) -> tuple[Words, Real]:
    """Rotate one shard, of which the pieces are given; its room is its share of the whole."""
    terms = np.concatenate(pieces)
    most = max(sums.most * len(terms) // total, 64)
    rows, state = rotate_shard(*frame, start, end, *_rules(sums), most, terms)
    return rows, state


def _functions(
    frame: _Frame, start: int, stop: int, parts: Sequence[Words], total: int
) -> tuple[int, Words]:
    """Return the end of the next block, and the functions of its shards.

    Long blocks have few functions that are even on all generators, and perhaps none that divide the
    terms.
    """
    step = max(1, total // SAMPLE)
    sample = np.concatenate([part[::step] for part in parts])
    wanted = max(1, (total // SHARD_ROWS).bit_length())
    length = BLOCK
    while True:
        end = min(start + length, stop)
        functions = even_functions(frame.strings, start, end)
        chosen, share = choose_functions(sample, functions, wanted)
        if share <= 2.0 * 0.5**wanted or length <= SHORTEST:
            return end, chosen
        length //= 2
