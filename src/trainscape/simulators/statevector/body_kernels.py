"""Numba kernels for the rotations and the diagonal of one layer, on single arrays of a program.

A kernel that is given a program counts a reference to each of its arrays, which takes longer than a
layer of eight qubits.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.block_kernels import apply_to_blocks, undo_on_blocks
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_ENTRIES,
    END_OF_SWEEPS,
    FIRST_ENTRY,
    FIRST_SWEEP,
    FLIPS,
    TIER,
    WHOLE_TIER,
)
from trainscape.simulators.statevector.sweep_kernels import sweep, undo_sweep
from trainscape.simulators.statevector.table_kernels import (
    collect_diagonal,
    collect_sweeps,
    prepare_sweeps,
)

__all__ = ["apply_rotations", "collect", "undo_rotations"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]


@nb.njit(cache=True)
def apply_rotations(
    layers: Int,
    sweeps: Int,
    gates: Int,
    gate_angles: Real,
    diagonals: Int,
    low_bits: int,
    signs: Real,
    flip_rows: Int,
    coefficients: Real,
    variants: Int,
    phases_low: Real,
    phases_high: Real,
    layer: int,
    theta: Real,
    v: Real,
) -> None:
    """Apply the rotations and the diagonal of a layer."""
    first, end = layers[layer, FIRST_SWEEP], layers[layer, END_OF_SWEEPS]
    diagonal, whole = layers[layer, DIAGONAL], v.size >> 1
    prepare_sweeps(sweeps, gates, gate_angles, first, end, theta, coefficients, variants, 1.0)
    for w in range(end - 1, first - 1, -1):
        if sweeps[w, TIER] == WHOLE_TIER:
            row = w - first
            sweep(sweeps, gates, w, coefficients[row], variants[row], v, 0, 0, whole)
    apply_to_blocks(
        sweeps,
        gates,
        first,
        end,
        coefficients,
        variants,
        diagonals[diagonal, FLIPS] if diagonal >= 0 else 0,
        diagonal,
        low_bits,
        signs,
        flip_rows,
        phases_low,
        phases_high,
        v,
        0,
        whole,
    )


@nb.njit(cache=True)
def undo_rotations(
    layers: Int,
    sweeps: Int,
    gates: Int,
    gate_angles: Real,
    diagonals: Int,
    low_bits: int,
    signs: Real,
    flip_rows: Int,
    coefficients: Real,
    variants: Int,
    sums: Real,
    phases_low: Real,
    phases_high: Real,
    over_low: Real,
    over_high: Real,
    lanes: Real,
    layer: int,
    theta: Real,
    p: Real,
    q: Real,
) -> None:
    """Undo the rotations and the diagonal of a layer, and sum up what their derivatives need."""
    first, end = layers[layer, FIRST_SWEEP], layers[layer, END_OF_SWEEPS]
    diagonal, shares = layers[layer, DIAGONAL], sums.shape[0]
    part = (p.size >> 1) // shares
    prepare_sweeps(sweeps, gates, gate_angles, first, end, theta, coefficients, variants, -1.0)
    sums[:, :, :] = 0.0
    over_high[:, :] = 0.0
    for share in range(shares):
        undo_on_blocks(
            sweeps,
            gates,
            first,
            end,
            coefficients,
            variants,
            sums[share],
            diagonals[diagonal, FLIPS] if diagonal >= 0 else 0,
            diagonal,
            low_bits,
            signs,
            flip_rows,
            phases_low,
            phases_high,
            over_high[share],
            over_low,
            lanes[share],
            p,
            q,
            share * part,
            (share + 1) * part,
        )
    for w in range(first, end):
        if sweeps[w, TIER] == WHOLE_TIER:
            row = w - first
            for share in range(shares):
                undo_sweep(
                    sweeps,
                    gates,
                    w,
                    coefficients[row],
                    variants[row],
                    sums[share, row],
                    p,
                    q,
                    0,
                    share * part,
                    (share + 1) * part,
                )


@nb.njit(cache=True)
def collect(
    layers: Int,
    sweeps: Int,
    gates: Int,
    gate_angles: Real,
    diagonals: Int,
    entries: Int,
    entry_coefficients: Real,
    low_bits: int,
    signs: Real,
    coefficients: Real,
    sums: Real,
    over_low: Real,
    over_high: Real,
    lanes: Real,
    layer: int,
    gradient: Real,
) -> None:
    """Add the derivatives of the sweeps and of the diagonal of a layer to `gradient`."""
    collect_sweeps(
        sweeps,
        gates,
        gate_angles,
        layers[layer, FIRST_SWEEP],
        layers[layer, END_OF_SWEEPS],
        coefficients,
        sums,
        gradient,
    )
    diagonal = layers[layer, DIAGONAL]
    if diagonal >= 0:
        first, end = diagonals[diagonal, FIRST_ENTRY], diagonals[diagonal, END_OF_ENTRIES]
        collect_diagonal(
            entries[first:end],
            entry_coefficients[first:end],
            signs,
            1 << low_bits,
            over_low.size,
            over_low,
            over_high,
            lanes[0],
            gradient,
        )
