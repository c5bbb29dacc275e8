"""Numba functions for the branches of a rotation: their coefficients, their reach, their weight.

A branch may be small, or zero at a multiple of pi/2, although the derivative that passes through it
is not. With gradients, each term therefore has a reach: the largest derivative of its coefficient
by an earlier angle, damped like a coefficient by every later rotation. If the coefficient is zero,
the whole derivative counts, else a share of it.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import product_weight

__all__ = ["is_too_heavy", "rotate_coefficients", "update_reach"]

Real = NDArray[np.float64]
Short = NDArray[np.int32]
Words = NDArray[np.uint64]


@nb.njit(cache=True)
def is_too_heavy(
    max_weight: int, keys: Words, i: int, strings: Words, row: int, coefficients: Real, j: int
) -> Any:
    """Return whether the branch of term `i` must be dropped although its string exists as term `j`.

    This is so if term `j` exists for a derivative only: no value may depend on that.
    """
    return (
        max_weight >= 0
        and coefficients[j] == 0.0
        and product_weight(keys, i, strings, row) > max_weight
    )


@nb.njit(cache=True)
def rotate_coefficients(
    sources: Short,
    targets: Short,
    before: Real,
    start: int,
    stop: int,
    cosine: float,
    sine: float,
    coefficients: Real,
) -> None:
    """Set the coefficients after a rotation, for its entries ``start <= e < stop`` of the tape."""
    for e in range(start, stop):
        coefficients[sources[e]] *= cosine
    for e in range(start, stop):
        target = targets[e]
        if target >= 0:
            coefficients[target >> 1] += (sine if (target & 1) == 0 else -sine) * before[e]


@nb.njit(cache=True)
def update_reach(
    sources: Short,
    targets: Short,
    before: Real,
    start: int,
    stop: int,
    born: Short,
    num_born: int,
    cosine: float,
    sine: float,
    share: float,
    coefficients: Real,
    reach: Real,
    slope: Real,
) -> None:
    """Set the reach after a rotation, with the new coefficients.

    `slope` is work space: first the derivative of each coefficient by the angle, then the new
    reach.
    """
    count = stop - start
    for e in range(start, stop):
        slope[sources[e]] = -sine * before[e]
    for e in range(start, stop):
        if targets[e] >= 0:
            slope[targets[e] >> 1] += (cosine if (targets[e] & 1) == 0 else -cosine) * before[e]
    for e in range(count + num_born):
        i = nb.int64(sources[start + e] if e < count else born[e - count])
        slope[i] = abs(slope[i]) * (share if coefficients[i] != 0.0 else 1.0)
    for e in range(start, stop):
        if targets[e] >= 0:
            j = targets[e] >> 1
            slope[j] = max(slope[j], abs(sine) * reach[sources[e]])
    for e in range(count + num_born):
        i = nb.int64(sources[start + e] if e < count else born[e - count])
        reach[i] = max(abs(cosine) * reach[i], slope[i])
