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

__all__ = ["apply_blocks", "undo_blocks"]

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
def apply_blocks(
    program: Program, layer: int, scratch: Scratch, v: Real, low: int, high: int
) -> None:
    """Apply the sweeps of a layer that stay within a block, and its diagonal.

    It works on the blocks between the amplitudes `low` and `high`.
    """
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    diagonal = program.layers[layer, DIAGONAL]
    outer, inner = (
        1 << min(program.num_qubits, OUTER_BITS),
        1 << min(program.num_qubits, INNER_BITS),
    )
    sweeps, gates, coefficients, variants = (
        program.sweeps,
        program.gates,
        scratch.coefficients,
        scratch.variants,
    )
    for block in range(low, high, outer):
        for w in range(end - 1, first - 1, -1):
            if sweeps[w, TIER] == OUTER_TIER:
                sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[w - first],
                    variants[w - first],
                    v,
                    block,
                    0,
                    outer,
                )
        for start in range(block, block + outer, inner):
            for w in range(end - 1, first - 1, -1):
                if sweeps[w, TIER] < OUTER_TIER:
                    sweep(
                        sweeps,
                        gates,
                        w,
                        coefficients[w - first],
                        variants[w - first],
                        v,
                        start,
                        0,
                        inner,
                    )
            if diagonal >= 0:
                rows = program.flip_rows[program.diagonals[diagonal, FLIPS]]
                _apply_diagonal(
                    program.low_bits,
                    program.signs,
                    rows,
                    scratch.phases_low[diagonal],
                    scratch.phases_high[diagonal],
                    v,
                    start,
                    inner,
                )


@nb.njit(cache=True, nogil=True)
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
    first, end = program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]
    diagonal = program.layers[layer, DIAGONAL]
    outer, inner = (
        1 << min(program.num_qubits, OUTER_BITS),
        1 << min(program.num_qubits, INNER_BITS),
    )
    sweeps, gates, coefficients, variants, sums = (
        program.sweeps,
        program.gates,
        scratch.coefficients,
        scratch.variants,
        scratch.sums[share],
    )
    for block in range(low, high, outer):
        for start in range(block, block + outer, inner):
            if diagonal >= 0:
                _undo_diagonal(
                    program.low_bits,
                    program.signs,
                    program.flip_rows[program.diagonals[diagonal, FLIPS]],
                    scratch.phases_low[diagonal],
                    scratch.phases_high[diagonal],
                    scratch.over_high[share],
                    scratch.over_low,
                    scratch.lanes[share],
                    p,
                    q,
                    start,
                    inner,
                )
            for w in range(first, end):
                if sweeps[w, TIER] < OUTER_TIER:
                    undo_sweep(
                        sweeps,
                        gates,
                        w,
                        coefficients[w - first],
                        variants[w - first],
                        sums[w - first],
                        p,
                        q,
                        start,
                        0,
                        inner,
                    )
        for w in range(first, end):
            if sweeps[w, TIER] == OUTER_TIER:
                undo_sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[w - first],
                    variants[w - first],
                    sums[w - first],
                    p,
                    q,
                    block,
                    0,
                    outer,
                )
