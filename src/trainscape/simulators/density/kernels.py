"""Numba kernels of rotations of Pauli components.

A rotation turns pairs of components, ``r_i -> c r_i + s sign r_j`` and ``r_j -> c r_j - s sign
r_i``; the others stay. Sums run over one sample at a time, in a fixed order, so that no number
depends on the size of the batch.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["slopes", "still_parts", "turn"]

Real = NDArray[np.float64]
Places = NDArray[np.int64]


@nb.njit(cache=True, nogil=True)
def turn(vectors: Real, first: Places, second: Places, signs: Real, angles: Real) -> None:
    """Turn the pairs of each vector in place.

    Parameters
    ----------
    vectors
        Components, shape ``(S, 4**n)``.
    first, second, signs
        The pairs, shape ``(k,)``.
    angles
        Angle of each vector in radians, shape ``(S,)``.
    """
    for sample in range(vectors.shape[0]):
        cosine, sine = math.cos(angles[sample]), math.sin(angles[sample])
        row = vectors[sample]
        for k in range(first.shape[0]):
            x, y, part = row[first[k]], row[second[k]], sine * signs[k]
            row[first[k]] = cosine * x + part * y
            row[second[k]] = cosine * y - part * x


@nb.njit(cache=True, nogil=True)
def slopes(observables: Real, states: Real, first: Places, second: Places, signs: Real) -> Real:
    """Return the derivatives by the angle, shape ``(S,)``, from states after the turn."""
    result = np.empty(states.shape[0])
    for sample in range(states.shape[0]):
        left, right, total = observables[sample], states[sample], 0.0
        for k in range(first.shape[0]):
            i, j = first[k], second[k]
            total += signs[k] * (left[i] * right[j] - left[j] * right[i])
        result[sample] = total
    return result


@nb.njit(cache=True, nogil=True)
def still_parts(observables: Real, states: Real, still: Places) -> Real:
    """Return the sums of products over the components `still`, shape ``(S,)``."""
    result = np.empty(states.shape[0])
    for sample in range(states.shape[0]):
        total = 0.0
        for i in still:
            total += observables[sample, i] * states[sample, i]
        result[sample] = total
    return result
