"""Numba kernels that apply the sweeps and the diagonal of a layer block by block."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.phase_vectors import apply_phases, undo_phases
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_SWEEPS,
    FIRST_SWEEP,
    FLIPS,
    INNER_BITS,
    OUTER_BITS,
    OUTER_TIER,
    TIER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.scalar_kernels import total_of
from trainscape.simulators.statevector.sweep_kernels import sweep, undo_sweep

__all__ = ["apply_blocks", "apply_to_blocks", "undo_blocks", "undo_on_blocks"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _apply_diagonal(
    low_bits: int, signs: Real, rows: Int, low: Real, high: Real, v: Real, start: int, size: int
) -> None:
    """Apply a diagonal to the block of `size` amplitudes from `start`.

    `low` and `high` are its phases, and `rows` the rows of `signs` that its flips take.
    """
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(low_bits)
        flips = signs[rows[h]]
        apply_phases(v, o, half, width, high[0, h], high[1, h], low[0], low[1], flips)


@nb.njit(cache=True)
def _undo_diagonal(
    low_bits: int,
    signs: Real,
    rows: Int,
    low: Real,
    high: Real,
    over_high: Real,
    over_low: Real,
    lanes: Real,
    p: Real,
    q: Real,
    start: int,
    size: int,
) -> None:
    """Undo a diagonal on a block of psi = p and lambda = q.

    The weights w(x) = Im(conj(lambda_x) psi_x) are summed over the high half of the index, into
    `over_high`, and over the low half, into `over_low`.
    """
    half = u64(p.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(low_bits)
        flips = signs[rows[h]]
        undo_phases(
            p,
            q,
            o,
            half,
            width,
            high[0, h],
            high[1, h],
            low[0],
            low[1],
            flips,
            over_high,
            lanes,
        )
        over_low[h] = total_of(lanes)


@nb.njit(cache=True, nogil=True)
def apply_to_blocks(
    sweeps: Int,
    gates: Int,
    first: int,
    end: int,
    coefficients: Real,
    variants: Int,
    flips: int,
    diagonal: int,
    low_bits: int,
    signs: Real,
    flip_rows: Int,
    phases_low: Real,
    phases_high: Real,
    v: Real,
    low: int,
    high: int,
) -> None:
    """Apply the sweeps ``first <= w < end`` that stay within a block, and a diagonal, if not -1.

    `flips` is the row of its flips.
    """
    half = v.size >> 1
    outer, inner = min(half, 1 << OUTER_BITS), min(half, 1 << INNER_BITS)
    for block in range(low, high, outer):
        for w in range(end - 1, first - 1, -1):
            if sweeps[w, TIER] == OUTER_TIER:
                row = w - first
                sweep(sweeps, gates, w, coefficients[row], variants[row], v, block, 0, outer)
        for start in range(block, block + outer, inner):
            for w in range(end - 1, first - 1, -1):
                if sweeps[w, TIER] < OUTER_TIER:
                    row = w - first
                    sweep(sweeps, gates, w, coefficients[row], variants[row], v, start, 0, inner)
            if diagonal >= 0:
                _apply_diagonal(
                    low_bits,
                    signs,
                    flip_rows[flips],
                    phases_low[diagonal],
                    phases_high[diagonal],
                    v,
                    start,
                    inner,
                )


@nb.njit(cache=True, nogil=True)
def undo_on_blocks(
    sweeps: Int,
    gates: Int,
    first: int,
    end: int,
    coefficients: Real,
    variants: Int,
    sums: Real,
    flips: int,
    diagonal: int,
    low_bits: int,
    signs: Real,
    flip_rows: Int,
    phases_low: Real,
    phases_high: Real,
    over_high: Real,
    over_low: Real,
    lanes: Real,
    p: Real,
    q: Real,
    low: int,
    high: int,
) -> None:
    """Undo what `apply_to_blocks` does on psi = p and lambda = q; add up the derivatives."""
    half = p.size >> 1
    outer, inner = min(half, 1 << OUTER_BITS), min(half, 1 << INNER_BITS)
    for block in range(low, high, outer):
        for start in range(block, block + outer, inner):
            if diagonal >= 0:
                _undo_diagonal(
                    low_bits,
                    signs,
                    flip_rows[flips],
                    phases_low[diagonal],
                    phases_high[diagonal],
                    over_high,
                    over_low,
                    lanes,
                    p,
                    q,
                    start,
                    inner,
                )
            for w in range(first, end):
                if sweeps[w, TIER] < OUTER_TIER:
                    row = w - first
                    undo_sweep(
                        sweeps,
                        gates,
                        w,
                        coefficients[row],
                        variants[row],
                        sums[row],
                        p,
                        q,
                        start,
                        0,
                        inner,
                    )
        for w in range(first, end):
            if sweeps[w, TIER] == OUTER_TIER:
                row = w - first
                undo_sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[row],
                    variants[row],
                    sums[row],
                    p,
                    q,
                    block,
                    0,
                    outer,
                )


@nb.njit(cache=True, nogil=True, inline="always")
def apply_blocks(
    program: Program, layer: int, scratch: Scratch, v: Real, low: int, high: int
) -> None:
    """Apply the sweeps of a layer that stay within a block, and its diagonal.

    It works on the blocks between the amplitudes `low` and `high`.
    """
    diagonal = program.layers[layer, DIAGONAL]
    apply_to_blocks(
        program.sweeps,
        program.gates,
        program.layers[layer, FIRST_SWEEP],
        program.layers[layer, END_OF_SWEEPS],
        scratch.coefficients,
        scratch.variants,
        program.diagonals[diagonal, FLIPS] if diagonal >= 0 else 0,
        diagonal,
        program.low_bits,
        program.signs,
        program.flip_rows,
        scratch.phases_low,
        scratch.phases_high,
        v,
        low,
        high,
    )


@nb.njit(cache=True, nogil=True, inline="always")
def undo_blocks(
    program: Program,
    layer: int,
    scratch: Scratch,
    p: Real,
    q: Real,
    low: int,
    high: int,
    share: int,
) -> None:
    """Undo what `apply_blocks` does on psi = p and lambda = q.

    The derivatives are added to the sums of the share with this number.
    """
    diagonal = program.layers[layer, DIAGONAL]
    undo_on_blocks(
        program.sweeps,
        program.gates,
        program.layers[layer, FIRST_SWEEP],
        program.layers[layer, END_OF_SWEEPS],
        scratch.coefficients,
        scratch.variants,
        scratch.sums[share],
        program.diagonals[diagonal, FLIPS] if diagonal >= 0 else 0,
        diagonal,
        program.low_bits,
        program.signs,
        program.flip_rows,
        scratch.phases_low,
        scratch.phases_high,
        scratch.over_high[share],
        scratch.over_low,
        scratch.lanes[share],
        p,
        q,
        low,
        high,
    )
