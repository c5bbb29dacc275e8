"""Numba kernels that rotate up to three qubits in one sweep over a part of the state."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import BIT, FIRST_GATE, LOW_TIER, NUM_GATES, TIER
from trainscape.simulators.statevector.rotation_vectors import (
    rotate,
    rotate_low,
    undo,
    undo_low,
)

__all__ = ["sweep", "undo_sweep"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


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
    one, two = gates[first, BIT], gates[first + min(1, count - 1), BIT]
    groups, end = u64(low) >> u64(count), u64(high) >> u64(count)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, TIER] == LOW_TIER:
            rotate_low(v, base + u64(low), base + u64(high), coefficients, variant)
        elif count == 3:
            bits = (one, two, gates[first + 2, BIT])
            rotate(v, base, groups, end, bits, coefficients, variant)
        elif count == 2:
            rotate(v, base, groups, end, (one, two), coefficients, variant)
        else:
            rotate(v, base, groups, end, (one,), coefficients, variant)


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
    one, two = gates[first, BIT], gates[first + min(1, count - 1), BIT]
    groups, end = u64(low) >> u64(count), u64(high) >> u64(count)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if sweeps[w, TIER] == LOW_TIER:
            undo_low(p, q, base + u64(low), base + u64(high), coefficients, variant, sums)
        elif count == 3:
            bits = (one, two, gates[first + 2, BIT])
            undo(p, q, base, groups, end, bits, coefficients, variant, sums)
        elif count == 2:
            undo(p, q, base, groups, end, (one, two), coefficients, variant, sums)
        else:
            undo(p, q, base, groups, end, (one,), coefficients, variant, sums)
