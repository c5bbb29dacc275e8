"""Numba kernels of the Taylor surrogate: its Pauli paths, and the polynomial that they form.

The paths are those of limited degree at angle zero, found by a depth-first search. A string of n
qubits is a row of ``2 W`` words, x bits first, as in the Pauli engine, and stands for the Hermitian
operator ``i^|x & z| X^x Z^z``. Going backwards, at a rotation about V that anticommutes with Q, the
e-th derivative at zero of ``cos(t) Q + sin(t) i V Q`` is ``(-1)^(e/2) Q`` for even e and
``(-1)^((e-1)/2) i V Q`` for odd e; at a rotation that commutes, it vanishes except for ``e = 0``. A
path contributes if it ends as a string of I and Z. A branch with an x bit that no later generator
can remove is cut.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import popcount

__all__ = ["evaluate", "expand"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Short = NDArray[np.int32]
Words = NDArray[np.uint64]

u64 = nb.uint64


@nb.njit(cache=True)
def _anticommute(strings: Words, row: int, current: Words) -> Any:
    words = strings.shape[1] // 2
    parity = u64(0)
    for w in range(words):
        parity ^= (strings[row, w] & current[words + w]) ^ (strings[row, words + w] & current[w])
    return popcount(parity) & u64(1) != u64(0)


@nb.njit(cache=True)
def _product(strings: Words, row: int, current: Words, target: Words) -> Any:
    """Write the letters of ``i V Q`` to `target`, and return whether its sign is negative.

    V and Q anticommute.
    """
    words = strings.shape[1] // 2
    power = nb.int64(1)
    for w in range(words):
        vx, vz, qx, qz = strings[row, w], strings[row, words + w], current[w], current[words + w]
        target[w], target[words + w] = vx ^ qx, vz ^ qz
        power += (
            nb.int64(popcount(vx & vz))
            + nb.int64(popcount(qx & qz))
            + 2 * nb.int64(popcount(vz & qx))
        )
        power -= nb.int64(popcount((vx ^ qx) & (vz ^ qz)))
    return power % 4 != 0


@nb.njit(cache=True)
def _lost(current: Words, later: Words, row: int) -> Any:
    """Return whether the string has an x bit that no generator after `row` can remove."""
    stuck = u64(0)
    for w in range(later.shape[1]):
        stuck |= current[w] & ~later[row, w]
    return stuck != u64(0)


@nb.njit(cache=True)
def expand(
    strings: Words,
    later: Words,
    start: Words,
    degree: int,
    max_power: int,
    max_terms: int,
    store: bool,
) -> tuple[Short, Real, Int, int]:
    """List the paths of one string.

    Parameters
    ----------
    strings, later
        Generators in the order of the walk, shape ``(K, 2 W)``, and the x bits that the generators
        after each can change, shape ``(K, W)``.
    start
        The string, shape ``(2 W,)``.
    degree
        Largest total degree.
    max_power
        Largest power of one angle: 1 for the paths that count sines alone.
    max_terms
        If there are more paths, the search stops.
    store
        Whether to return the paths, or their counts only.

    Returns
    -------
    rows : (T, degree) int32
        For each path its generators, each as often as its power, padded with -1.
    signs : (T,) float64
        1 or -1.
    counts : (degree + 1,) int64
        Paths by total degree.
    visited : int
        Number of branches followed; minus one if `max_terms` was reached.
    """
    size, width = strings.shape
    capacity = 256 if store else 1
    rows, signs = (
        np.full((capacity, degree), -1, dtype=np.int32),
        np.empty(capacity, dtype=np.float64),
    )
    counts = np.zeros(degree + 1, dtype=np.int64)
    num_paths, visited = 0, 0
    # Stack of the branches still to follow.
    room = 256
    waiting = np.empty((room, width), dtype=np.uint64)
    places = np.empty((room, 3), dtype=np.int64)  # next row, degree, whether negative
    prefixes = np.full((room, max(degree, 1)), -1, dtype=np.int32)
    current, branch = np.empty(width, dtype=np.uint64), np.empty(width, dtype=np.uint64)
    prefix = np.empty(max(degree, 1), dtype=np.int32)
    waiting[0] = start
    places[0, 0], places[0, 1], places[0, 2] = 0, 0, 0
    top = 1
    while top > 0:
        top -= 1
        visited += 1
        current[:] = waiting[top]
        prefix[:] = prefixes[top]
        first, done, negative = places[top]
        alive = True
        if done < degree:
            for row in range(first, size):
                if _anticommute(strings, row, current):
                    flipped_negative = _product(strings, row, current, branch)
                    flip_lost = _lost(branch, later, row)
                    for power in range(1, min(degree - done, max_power) + 1):
                        odd = power % 2 == 1
                        if odd and flip_lost:
                            continue
                        if not odd and _lost(current, later, row):
                            continue
                        if top + 1 >= room:
                            room *= 2
                            waiting, places, prefixes = (
                                _grown_words(waiting),
                                _grown_ints(places),
                                _grown_shorts(prefixes),
                            )
                        if odd:
                            waiting[top] = branch
                        else:
                            waiting[top] = current
                        prefixes[top] = prefix
                        prefixes[top, done : done + power] = row
                        places[top, 0], places[top, 1] = row + 1, done + power
                        places[top, 2] = (
                            negative + (flipped_negative if odd else False) + power // 2
                        ) % 2
                        top += 1
                if _lost(current, later, row):
                    alive = False
                    break
        if alive:
            for w in range(width // 2):
                if current[w] != u64(0):
                    alive = False
        if alive:
            if num_paths >= max_terms:
                return rows[:0], signs[:0], counts, -1
            counts[done] += 1
            if store:
                if num_paths == capacity:
                    capacity *= 2
                    rows, signs = _grown_shorts(rows), _grown_reals(signs)
                rows[num_paths, :] = -1
                rows[num_paths, :done] = prefix[:done]
                signs[num_paths] = -1.0 if negative else 1.0
            num_paths += 1
    if not store:
        num_paths = 0
    return rows[:num_paths].copy(), signs[:num_paths].copy(), counts, visited


@nb.njit(cache=True)
def _grown_words(array: Words) -> Any:
    larger = np.empty((2 * array.shape[0], array.shape[1]), dtype=np.uint64)
    larger[: array.shape[0]] = array
    return larger


@nb.njit(cache=True)
def _grown_ints(array: Int) -> Any:
    larger = np.empty((2 * array.shape[0], array.shape[1]), dtype=np.int64)
    larger[: array.shape[0]] = array
    return larger


@nb.njit(cache=True)
def _grown_shorts(array: Short) -> Any:
    larger = np.full((2 * array.shape[0], array.shape[1]), -1, dtype=np.int32)
    larger[: array.shape[0]] = array
    return larger


@nb.njit(cache=True)
def _grown_reals(array: Real) -> Any:
    larger = np.empty(2 * array.size, dtype=np.float64)
    larger[: array.size] = array
    return larger


@nb.njit(cache=True)
def evaluate(
    factors: Short,
    coefficients: Real,
    theta: Real,
    values: Real,
    gradient: Real,
    with_gradient: bool,
) -> None:
    """Evaluate a polynomial, and its gradient, at many points.

    Parameters
    ----------
    factors
        Variables of each monomial, each as often as its power, padded with -1, shape ``(T,
        degree)``.
    coefficients
        Shape ``(T,)``.
    theta
        Points, shape ``(S, P)``.
    values, gradient
        Output, shapes ``(S,)`` and ``(S, P)``; `gradient` is not written without `with_gradient`.
    """
    terms, degree = factors.shape
    before = np.empty(degree + 1)
    for s in range(theta.shape[0]):
        total = 0.0
        for t in range(terms):
            before[0] = coefficients[t]
            length = 0
            while length < degree and factors[t, length] >= 0:
                before[length + 1] = before[length] * theta[s, factors[t, length]]
                length += 1
            total += before[length]
            if with_gradient:
                after = 1.0
                for i in range(length - 1, -1, -1):
                    gradient[s, factors[t, i]] += before[i] * after
                    after *= theta[s, factors[t, i]]
        values[s] = total
