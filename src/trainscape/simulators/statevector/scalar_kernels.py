"""Small numba functions that several kernels of the state-vector engine use."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["dot", "lane_signs", "odd", "total_of", "unit_of"]

Real = NDArray[np.float64]

u64 = nb.uint64


@nb.njit(cache=True)
def odd(bits: int) -> bool:
    """Return whether an odd number of bits is set."""
    bits ^= bits >> 32
    bits ^= bits >> 16
    bits ^= bits >> 8
    bits ^= bits >> 4
    bits ^= bits >> 2
    bits ^= bits >> 1
    return (bits & 1) == 1


@nb.njit(cache=True)
def lane_signs(mask: int) -> Real:
    """Return the signs of 8 neighbouring indices: minus for an odd number of bits in the mask."""
    signs = np.empty(WIDTH)
    for j in range(WIDTH):
        signs[j] = -1.0 if odd(j & mask) else 1.0
    return signs


@nb.njit(cache=True)
def total_of(lanes: Real, first: int = 0) -> float:
    """Return the sum of 8 entries from `first` on, added in pairs."""
    a, b = lanes[first] + lanes[first + 4], lanes[first + 2] + lanes[first + 6]
    c, d = lanes[first + 1] + lanes[first + 5], lanes[first + 3] + lanes[first + 7]
    total: float = (a + b) + (c + d)
    return total


@nb.njit(cache=True)
def dot(a: Real, b: Real, size: int, lanes: Real) -> float:
    """Return the inner product of the first `size` entries (a multiple of 8)."""
    lanes[:WIDTH] = 0.0
    for i in range(u64(0), u64(size), u64(WIDTH)):
        for j in range(u64(WIDTH)):
            lanes[j] += a[i + j] * b[i + j]
    total: float = total_of(lanes)
    return total


@nb.njit(cache=True)
def unit_of(x: int, z: int) -> complex:
    """Return i**(number of Y): P |b> = i**y (-1)**parity(b & z) |b ^ x>."""
    count = 0
    both = x & z
    while both:
        count += both & 1
        both >>= 1
    return (1 + 0j, 1j, -1 + 0j, -1j)[count & 3]
