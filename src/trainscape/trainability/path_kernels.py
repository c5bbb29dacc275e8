"""Numba functions that follow Pauli paths: which of them exist, and how many cosines they have.

The kernels call nothing outside this file, so that numba's own check of the file's state keeps the
cache of compiled code up to date.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["cosines", "exist"]

Bytes = NDArray[np.uint8]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

PATHS = 64
"""Paths that are followed together: one bit of a word each."""

PLANES = 40
"""Binary digits of a count."""


@nb.njit(cache=True)
def _anticommute(generators: Words, row: int, current: Words) -> bool:
    """Return whether the string of a row anticommutes with another: x bits first, then z bits."""
    half = len(current) // 2
    total = nb.uint64(0)
    for word in range(half):
        total ^= generators[row, word] & current[half + word]
        total ^= generators[row, half + word] & current[word]
    for shift in (32, 16, 8, 4, 2, 1):
        total ^= total >> nb.uint64(shift)
    return bool(total & nb.uint64(1))


@nb.njit(cache=True)
def exist(generators: Words, start: Words, flips: Int, must: int) -> NDArray[np.bool_]:
    """Return which paths anticommute with the string wherever they have to.

    Parameters
    ----------
    generators
        Strings of the rotations in the order in which the paths meet them, shape ``(D, 2 W)``.
    start
        The string of the observable, shape ``(2 W,)``.
    flips
        Rotations at which each path flips, ascending, shape ``(N, f)``.
    must
        A rotation that a path has to anticommute with though it does not flip there; -1 for none.

    Returns
    -------
    ndarray
        Shape ``(N,)``.
    """
    found = np.ones(len(flips), dtype=np.bool_)
    current = np.empty_like(start)
    for path in range(len(flips)):
        current[:] = start
        passed = must < 0
        for place in range(flips.shape[1] + 1):
            last = place == flips.shape[1]
            if not passed and (last or flips[path, place] > must):
                passed = True
                found[path] &= _anticommute(generators, must, current)
            if last or not found[path]:
                break
            row = flips[path, place]
            found[path] = _anticommute(generators, row, current)
            for word in range(len(current)):
                current[word] ^= generators[row, word]
    return found


@nb.njit(cache=True)
def _flip(tables: Words, string: Bytes, bit: int) -> None:
    """Multiply the string of one of the paths by another: in the tables, bit by bit."""
    for place in range(len(string)):
        own = nb.int64(string[place])
        if own:
            for value in range(256):
                both = own & value
                both ^= both >> 4
                both ^= both >> 2
                both ^= both >> 1
                tables[place, value] ^= nb.uint64(both & 1) << nb.uint64(bit)


@nb.njit(cache=True)
def cosines(
    generators: Bytes, start: Bytes, flips: Int, must: int, classes: Int, count: int
) -> Int:
    """Count the rotations that paths meet and do not flip at, by class.

    Whether a rotation anticommutes with the strings of 64 paths is one word: the sum, over the
    bytes of its generator, of entries of a table. Such a table holds, for a byte of the strings,
    the parities with each of its 256 values. A flip of one path changes one bit of them.

    Parameters
    ----------
    generators
        Strings of the rotations, as `exist` takes them, as bytes of x bits and then z bits, shape
        ``(D, 2 B)``.
    start, flips, must
        As for `exist`; the string as bytes, shape ``(2 B,)``. The paths exist.
    classes
        Class of each rotation, shape ``(D,)``.
    count
        Number C of classes.

    Returns
    -------
    ndarray
        Shape ``(N, C)``. `must` is not counted.
    """
    half = len(start) // 2
    counts = np.zeros((len(flips), count), dtype=np.int64)
    tables = np.empty((2 * half, 256), dtype=np.uint64)
    digits = np.empty((count, PLANES), dtype=np.uint64)
    string = np.empty(2 * half, dtype=np.uint8)
    for first in range(0, len(flips), PATHS):
        paths = flips[first : first + PATHS]
        events = np.argsort(paths.ravel(), kind="mergesort")
        following = 0
        tables[:] = 0
        digits[:] = 0
        # x bits of one string meet z bits of the other.
        string[:half] = start[half:]
        string[half:] = start[:half]
        for bit in range(len(paths)):
            _flip(tables, string, bit)
        for row in range(len(generators)):
            meets = nb.uint64(0)
            for place in range(2 * half):
                meets ^= tables[place, generators[row, place]]
            while following < len(events):
                path, column = divmod(events[following], paths.shape[1])
                if paths[path, column] != row:
                    break
                meets &= ~(nb.uint64(1) << nb.uint64(path))
                string[:half] = generators[row, half:]
                string[half:] = generators[row, :half]
                _flip(tables, string, path)
                following += 1
            if row == must:
                continue
            digit = 0
            while meets:
                carry = digits[classes[row], digit] & meets
                digits[classes[row], digit] ^= meets
                meets = carry
                digit += 1
        for kind in range(count):
            for digit in range(PLANES):
                for bit in range(len(paths)):
                    one = (digits[kind, digit] >> nb.uint64(bit)) & nb.uint64(1)
                    counts[first + bit, kind] += nb.int64(one) << digit
    return counts
