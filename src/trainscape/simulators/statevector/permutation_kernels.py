"""Numba kernels for products of CX gates: amplitudes move, and keep their values."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import PERMUTATION, Program, Scratch

__all__ = ["apply_permutation", "undo_permutation"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _permute(sources: Int, low_bits: int, v: Real, space: Real) -> None:
    """Set amplitude x to the one at ``sources[1, high half of x] ^ sources[0, low half of x]``.

    `space` is work space, as long as the state has amplitudes.
    """
    half, width = u64(v.size) >> u64(1), u64(1) << u64(low_bits)
    low, high = sources[0], sources[1]
    for part in range(2):
        base = half if part else u64(0)
        own = v[base : base + half]
        for h in range(half >> u64(low_bits)):
            first, row = high[h], space[h * width : (h + u64(1)) * width]
            for j in range(width):
                row[j] = own[u64(first ^ low[j])]
        for i in range(half):
            own[i] = space[i]


@nb.njit(cache=True, inline="always")
def apply_permutation(program: Program, layer: int, v: Real, scratch: Scratch) -> None:
    """Apply the permutation of a layer, if it has one."""
    which = program.layers[layer, PERMUTATION]
    if which >= 0:
        _permute(program.permutations[which, 0], program.low_bits, v, scratch.vectors[0])


@nb.njit(cache=True, inline="always")
def undo_permutation(program: Program, layer: int, v: Real, scratch: Scratch) -> None:
    """Apply the inverse of the permutation of a layer, if it has one."""
    which = program.layers[layer, PERMUTATION]
    if which >= 0:
        _permute(program.permutations[which, 1], program.low_bits, v, scratch.vectors[0])
