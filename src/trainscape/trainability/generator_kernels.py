"""Numba functions that apply Pauli rotations to a state and measure their generators on the way.

The kernels call nothing outside this file, so that numba's own check of the file's state keeps the
cache of compiled code up to date.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["measure_generators"]

Int = NDArray[np.int64]
Real = NDArray[np.float64]


@nb.njit(cache=True)
def _odd(bits: int) -> bool:
    """Return whether a number of up to 32 binary digits has an odd number of ones."""
    for shift in (16, 8, 4, 2, 1):
        bits ^= bits >> shift
    return bool(bits & 1)


@nb.njit(cache=True)
def measure_generators(x: Int, z: Int, angles: Real, num_qubits: int) -> Real:
    """Return the expectation of each rotation's generator at its rotation, from ``|0...0>``.

    Parameters
    ----------
    x, z
        Bits of the Pauli strings G in time order, shape ``(R,)``.
    angles
        Angles t of the gates ``exp(-i t G / 2)`` in radians, shape ``(S, R)``.
    num_qubits
        Number of qubits.

    Returns
    -------
    ndarray
        Shape ``(S, R)``.
    """
    size = 1 << num_qubits
    means = np.empty(angles.shape)
    state = np.empty(size, dtype=np.complex128)
    for sample in range(len(angles)):
        state[:] = 0.0
        state[0] = 1.0
        for row in range(len(x)):
            flips, signs = x[row], z[row]
            cosine = math.cos(angles[sample, row] / 2)
            turn = -1j * math.sin(angles[sample, row] / 2)
            mean = 0.0
            if flips == 0:
                for index in range(size):
                    sign = -1.0 if _odd(index & signs) else 1.0
                    amplitude = state[index]
                    mean += sign * (amplitude.real**2 + amplitude.imag**2)
                    state[index] = (cosine + sign * turn) * amplitude
                means[sample, row] = mean
                continue
            # G |b> = i^(number of Y) (-1)^(b.z) |b + x>.
            factor = 1.0 + 0.0j
            both = flips & signs
            while both:
                factor *= 1j
                both &= both - 1
            lowest = flips & -flips
            odd = _odd(flips & signs)
            for low in range(size):
                if low & lowest:
                    continue
                high = low ^ flips
                up = -factor if _odd(low & signs) else factor
                down = -up if odd else up
                a, b = state[low], state[high]
                mean += 2 * (b.conjugate() * up * a).real
                state[low] = cosine * a + turn * down * b
                state[high] = cosine * b + turn * up * a
            means[sample, row] = mean
    return means
