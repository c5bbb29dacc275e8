"""Numba functions that follow Pauli paths through the gates of a circuit, layer by layer.

A path is a set of rotations at which its string flips; nothing is drawn. 64 paths are one word,
and a gate acts on them with a few bit operations, so that no generator is ever pulled back to the
start of the circuit. Circuits are given as `trainscape.simulators.pauli.walk_tables.Steps`.

The kernels call nothing outside this file, so that numba's own check of the file's state keeps the
cache of compiled code up to date.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["follow", "pulled_hashes"]

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

ROTATION, HADAMARD, S_GATE, CX = 0, 1, 2, 3
"""Kinds of steps, as in `trainscape.simulators.pauli.string_kernels`; the other one is CZ."""

u64 = nb.uint64

_WORDS = 8
"""Words of paths that go through the circuit together."""


@nb.njit(cache=True)
def pulled_hashes(steps: Any, bits: Words, x: Bool, z: Bool, count: int) -> Any:
    """Return hashes of the x parts that generators and observable have at the start.

    A linear hash of the string that ``C^dagger V C`` is, C being the gates before, is a linear hash
    of V. Gate by gate, from the first on, the words that this hash gives to X and Z of each qubit
    are changed like images of these under the gates.

    Parameters
    ----------
    steps
        The circuit, last gate first.
    bits
        Random words, one for the x bit of each qubit at the start, shape ``(n,)``.
    x, z
        The observable, shape ``(n,)``.
    count
        Number D of rotations.

    Returns
    -------
    tuple
        Hashes of the generators in the order in which walks meet them, shape ``(D,)``, and that of
        the observable.
    """
    hashes = np.empty(count, dtype=np.uint64)
    of_x, of_z = bits.copy(), np.zeros_like(bits)
    row = count
    for part in range(steps.repetitions.size - 1, -1, -1):
        for _ in range(steps.repetitions[part]):
            for k in range(steps.parts[part + 1] - 1, steps.parts[part] - 1, -1):
                start, stop = steps.starts[k], steps.starts[k + 1]
                kind = steps.kinds[k]
                if kind == ROTATION:
                    total = u64(0)
                    for e in range(start, stop):
                        if steps.has_x[e]:
                            total ^= of_x[steps.qubits[e]]
                        if steps.has_z[e]:
                            total ^= of_z[steps.qubits[e]]
                    row -= 1
                    hashes[row] = total
                    continue
                a, b = steps.qubits[start], steps.qubits[stop - 1]
                if kind == CX:
                    of_x[a] ^= of_x[b]
                    of_z[b] ^= of_z[a]
                elif kind == HADAMARD:
                    word = of_x[a]
                    of_x[a] = of_z[a]
                    of_z[a] = word
                elif kind == S_GATE:
                    of_x[a] ^= of_z[a]
                else:
                    of_x[a] ^= of_z[b]
                    of_x[b] ^= of_z[a]
    total = u64(0)
    for qubit in range(bits.size):
        if x[qubit]:
            total ^= of_x[qubit]
        if z[qubit]:
            total ^= of_z[qubit]
    return hashes, total


@nb.njit(cache=True)
def _conjugate(kind: int, a: int, b: int, x: Words, z: Words, words: int) -> None:
    """Replace all strings Q by G^dagger Q G, up to sign."""
    for w in range(words):
        if kind == CX:
            x[b, w] ^= x[a, w]
            z[a, w] ^= z[b, w]
        elif kind == HADAMARD:
            word = x[a, w]
            x[a, w] = z[a, w]
            z[a, w] = word
        elif kind == S_GATE:
            z[a, w] ^= x[a, w]
        else:
            z[a, w] ^= x[b, w]
            z[b, w] ^= x[a, w]


@nb.njit(cache=True)
def follow(
    steps: Any, start_x: Bool, start_z: Bool, flips: Int, must: int, counts: Int, found: Bool
) -> None:
    """Follow paths: do they exist, and how many rotations do they meet?

    Parameters
    ----------
    steps
        The circuit, last gate first.
    start_x, start_z
        The observable, shape ``(n,)``.
    flips
        Rotations at which each path flips, ascending in the order of the walk, shape ``(N, f)``.
    must
        A rotation that a path has to anticommute with though it does not flip there; -1 for none.
    counts
        Output: the rotations of each class that a path meets, without its flips and `must`, shape
        ``(N, C)``. Not filled in if it has no rows.
    found
        Output: whether a path anticommutes with the string wherever it has to, and ends diagonal,
        shape ``(N,)``.
    """
    n, total = start_x.size, len(flips)
    classes = counts.shape[1]
    counted = len(counts) > 0
    digits_of_count = 1
    while (steps.kinds.size * steps.repetitions.sum()) >> digits_of_count:
        digits_of_count += 1
    x, z = np.empty((n, _WORDS), dtype=np.uint64), np.empty((n, _WORDS), dtype=np.uint64)
    digits = np.zeros((classes, _WORDS, digits_of_count), dtype=np.uint64)
    anti, exists, here = (
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
        np.zeros(_WORDS, dtype=np.uint64),
    )
    for first in range(0, total, 64 * _WORDS):
        paths = flips[first : first + 64 * _WORDS]
        words = (len(paths) + 63) // 64
        events = np.argsort(paths.ravel(), kind="mergesort")
        places = paths.ravel()[events]
        following = 0
        digits[:] = u64(0)
        exists[:] = ~u64(0)
        for qubit in range(n):
            x[qubit, :] = ~u64(0) if start_x[qubit] else u64(0)
            z[qubit, :] = ~u64(0) if start_z[qubit] else u64(0)
        row = -1
        for part in range(steps.repetitions.size):
            for _ in range(steps.repetitions[part]):
                for k in range(steps.parts[part], steps.parts[part + 1]):
                    start, stop = steps.starts[k], steps.starts[k + 1]
                    kind = steps.kinds[k]
                    if kind != ROTATION:
                        a, b = steps.qubits[start], steps.qubits[stop - 1]
                        _conjugate(kind, a, b, x, z, words)
                        continue
                    row += 1
                    flipping = following < places.size and places[following] == row
                    if not (counted or flipping or row == must):
                        continue
                    for w in range(words):
                        anti[w] = u64(0)
                    for e in range(start, stop):
                        qubit = steps.qubits[e]
                        if steps.has_x[e]:
                            for w in range(words):
                                anti[w] ^= z[qubit, w]
                        if steps.has_z[e]:
                            for w in range(words):
                                anti[w] ^= x[qubit, w]
                    if flipping:
                        here[:] = u64(0)
                        while following < places.size and places[following] == row:
                            path = events[following] // paths.shape[1]
                            here[path // 64] |= u64(1) << u64(path % 64)
                            following += 1
                        for w in range(words):
                            exists[w] &= anti[w] | ~here[w]
                            anti[w] &= ~here[w]
                        for e in range(start, stop):
                            qubit = steps.qubits[e]
                            if steps.has_x[e]:
                                for w in range(words):
                                    x[qubit, w] ^= here[w]
                            if steps.has_z[e]:
                                for w in range(words):
                                    z[qubit, w] ^= here[w]
                    if row == must:
                        for w in range(words):
                            # A path that flips here is none of those that stay.
                            exists[w] &= anti[w]
                    elif counted:
                        for w in range(words):
                            met, digit = anti[w], 0
                            while met != u64(0):
                                carry = digits[steps.classes[k], w, digit] & met
                                digits[steps.classes[k], w, digit] ^= met
                                met = carry
                                digit += 1
        for qubit in range(n):
            for w in range(words):
                exists[w] &= ~x[qubit, w]
        for path in range(len(paths)):
            w, bit = path // 64, u64(path % 64)
            found[first + path] = ((exists[w] >> bit) & u64(1)) != u64(0)
            if counted:
                for c in range(classes):
                    number = 0
                    for digit in range(digits_of_count):
                        number += nb.int64((digits[c, w, digit] >> bit) & u64(1)) << digit
                    counts[first + path, c] = number
