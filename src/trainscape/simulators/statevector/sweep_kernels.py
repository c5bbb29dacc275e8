"""Numba kernels that rotate up to three qubits in one sweep over a part of the state."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import BIT, FIRST_GATE, LOW_TIER, NUM_GATES, TIER
from trainscape.simulators.statevector.rotation_vectors import (
    rotate_1,
    rotate_2,
    rotate_3,
    rotate_low,
    undo_1,
    undo_2,
    undo_3,
    undo_low,
)
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["sweep", "undo_sweep"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _spread(k: int, bit: int) -> int:
    """Insert a zero bit into k at position `bit`."""
    spread: int = ((k >> u64(bit)) << u64(bit + 1)) | (k & ((u64(1) << u64(bit)) - u64(1)))
    return spread


@nb.njit(cache=True, nogil=True)
def sweep(
    sweeps: Int,
    gates: Int,
    w: int,
    coefficients: Real,
    variant: int,
    v: Real,
    start: int,
    low: int,
    high: int,
) -> None:
    """Rotate the qubits of sweep w.

    Parameters
    ----------
    sweeps, gates
        Tables of the program.
    w
        The sweep.
    coefficients, variant
        Coefficients of its rotations, and their forms.
    v
        State, shape (2 N,).
    start
        First amplitude of the block.
    low, high
        Range of the block in which to rotate, relative to `start`.
    """
    first, count = sweeps[w, FIRST_GATE], sweeps[w, NUM_GATES]
    half = u64(v.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, TIER] == LOW_TIER:
            for i in range(base + u64(low), base + u64(high), u64(4) * step):
                rotate_low(v, i, coefficients, variant)
        elif count == 3:
            b0, b1, b2 = gates[first, BIT], gates[first + 1, BIT], gates[first + 2, BIT]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(low) >> u64(3), u64(high) >> u64(3), step):
                rotate_3(
                    v,
                    base + _spread(_spread(_spread(k, b0), b1), b2),
                    w0,
                    w1,
                    w2,
                    coefficients,
                    variant,
                )
        elif count == 2:
            b0, b1 = gates[first, BIT], gates[first + 1, BIT]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(low) >> u64(2), u64(high) >> u64(2), step):
                rotate_2(v, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant)
        else:
            b0 = gates[first, BIT]
            for k in range(u64(low) >> u64(1), u64(high) >> u64(1), step):
                rotate_1(v, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant)


@nb.njit(cache=True, nogil=True)
def undo_sweep(
    sweeps: Int,
    gates: Int,
    w: int,
    coefficients: Real,
    variant: int,
    sums: Real,
    p: Real,
    q: Real,
    start: int,
    low: int,
    high: int,
) -> None:
    """Undo sweep w on psi = p and lambda = q, and add its derivatives to `sums`.

    The other arguments are those of `sweep`; `sums` has shape (SUMS,).
    """
    first, count = sweeps[w, FIRST_GATE], sweeps[w, NUM_GATES]
    half = u64(p.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, TIER] == LOW_TIER:
            for i in range(base + u64(low), base + u64(high), u64(4) * step):
                undo_low(p, q, i, coefficients, variant, sums)
        elif count == 3:
            b0, b1, b2 = gates[first, BIT], gates[first + 1, BIT], gates[first + 2, BIT]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(low) >> u64(3), u64(high) >> u64(3), step):
                undo_3(
                    p,
                    q,
                    base + _spread(_spread(_spread(k, b0), b1), b2),
                    w0,
                    w1,
                    w2,
                    coefficients,
                    variant,
                    sums,
                )
        elif count == 2:
            b0, b1 = gates[first, BIT], gates[first + 1, BIT]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(low) >> u64(2), u64(high) >> u64(2), step):
                undo_2(
                    p, q, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant, sums
                )
        else:
            b0 = gates[first, BIT]
            for k in range(u64(low) >> u64(1), u64(high) >> u64(1), step):
                undo_1(p, q, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant, sums)
