r"""Takes quarter turns out of the rotations of a compiled problem, as numba kernels.

A rotation by ``m pi/2 + d`` is a fixed gate, the rotation by ``m pi/2``, and a rotation by d about
the same string. Fixed gates are commuted to the end of the circuit, where they change the
generators of later rotations and the observable, as in `trainscape.simulators.pauli.program`. What
is left has ``cos d >= sqrt(1/2)``: the sine branch is the small one, so that a truncated sum keeps
its strings and rarely creates new ones, and exact multiples of pi/2 are no rotations at all.

The images of X_q and Z_q under ``C^dagger . C``, with C the fixed gates so far, are kept as rows of
words with a power r of i, for ``i^r X^x Z^z``. A product is one xor of words, and adds
``r + r' + 2 |z & x'|``.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.string_kernels import popcount

__all__ = ["take_quarter_turns", "trailing_zeros"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

u64 = nb.uint64


@nb.njit(cache=True)
def trailing_zeros(word: Any) -> Any:
    """Return the position of the lowest set bit of a word that is not zero."""
    return nb.int64(popcount((word & (u64(0) - word)) - u64(1)))


@nb.njit(cache=True)
def _is_turned(cosines: Real, sines: Real) -> bool:
    """Return whether a rotation has a quarter turn to be taken out."""
    return bool((cosines < np.abs(sines)).any())


@nb.njit(cache=True)
def _multiply(rows: Words, powers: Int, row: int, total: Words, power: Any) -> Any:
    """Multiply the product so far with a row from the right, and return the new power of i."""
    half = total.size // 2
    crossings = u64(0)
    for w in range(half):
        crossings += popcount(total[half + w] & rows[row, w])
    for w in range(2 * half):
        total[w] ^= rows[row, w]
    return power + powers[row] + 2 * nb.int64(crossings)


@nb.njit(cache=True)
def _image(strings: Words, k: int, rows: Words, powers: Int, total: Words) -> int:
    """Write the image of a Hermitian string, and return its power of i."""
    half = strings.shape[1] // 2
    power = 0
    for w in range(half):
        power += nb.int64(popcount(strings[k, w] & strings[k, half + w]))
    total[:] = u64(0)
    for w in range(2 * half):
        word = strings[k, w]
        while word != u64(0):
            power = _multiply(rows, powers, 64 * w + trailing_zeros(word), total, power)
            word &= word - u64(1)
    return power


@nb.njit(cache=True)
def _sign(total: Words, power: int) -> float:
    """Return the sign of ``i^power X^x Z^z`` as a Hermitian string."""
    half = total.size // 2
    own = u64(0)
    for w in range(half):
        own += popcount(total[w] & total[half + w])
    return 1.0 if ((power - nb.int64(own)) & 3) == 0 else -1.0


@nb.njit(cache=True)
def _turn(
    strings: Words, k: int, turns: int, rows: Words, powers: Int, total: Words, power: int
) -> None:
    """Append a rotation by quarter turns to the fixed gates.

    An image that anticommutes is multiplied with ``i P`` from the left for a turn by pi/2, with
    ``-i P`` for one by -pi/2, and changes its sign for one by pi.
    """
    half = total.size // 2
    for w in range(2 * half):
        # X_q anticommutes with strings that have Z_q, and Z_q with those that have X_q.
        word = strings[k, w]
        first = 64 * (w + half if w < half else w - half)
        while word != u64(0):
            row = first + trailing_zeros(word)
            word &= word - u64(1)
            if turns == 2:
                powers[row] += 2
                continue
            crossings = u64(0)
            for v in range(half):
                crossings += popcount(total[half + v] & rows[row, v])
            for v in range(2 * half):
                rows[row, v] ^= total[v]
            powers[row] += power + 2 * nb.int64(crossings) + (1 if turns == 1 else 3)


@nb.njit(cache=True)
def take_quarter_turns(
    strings: Words, cosines: Real, sines: Real, terms: Words, weights: Real
) -> tuple[Words, Real, Real, Words, Real, Words]:
    """Return the rotations by what is left of their angles, and the observable that goes with them.

    Parameters
    ----------
    strings
        Generators, last gate first, shape ``(K, 2 W)``.
    cosines, sines
        Of the angles, shape ``(K,)``.
    terms, weights
        Strings of the observable, shape ``(M, 2 W)``, and their weights, shape ``(M,)``.

    Returns
    -------
    strings, cosines, sines, terms, weights
        In the new frame. Cosines are the larger of the absolute cosine and sine, so that no
        coefficient changes a bit but for its sign.
    later
        The x bits that a later rotation can still change, shape ``(K, W)``.
    """
    count, width = strings.shape
    half = width // 2
    new, cs, sn = strings.copy(), cosines.copy(), sines.copy()
    new_terms, new_weights = terms.copy(), weights.copy()
    if _is_turned(cosines, sines):
        rows = np.zeros((64 * width, width), dtype=np.uint64)
        powers = np.zeros(64 * width, dtype=np.int64)
        for bit in range(64 * width):
            rows[bit, bit >> 6] = u64(1) << u64(bit & 63)
        total = np.zeros(width, dtype=np.uint64)
        for k in range(count - 1, -1, -1):
            power = _image(strings, k, rows, powers, total)
            cosine, sine, turns = cosines[k], sines[k], 0
            if abs(sine) > abs(cosine):
                turns = 1 if sine > 0.0 else 3
                cosine, sine = abs(sine), (-cosine if sine > 0.0 else cosine)
            elif cosine < 0.0:
                turns, cosine, sine = 2, -cosine, -sine
            if turns != 0:
                _turn(strings, k, turns, rows, powers, total, power)
            for w in range(width):
                new[k, w] = total[w]
            cs[k], sn[k] = cosine, sine * _sign(total, power)
        for m in range(terms.shape[0]):
            power = _image(terms, m, rows, powers, total)
            for w in range(width):
                new_terms[m, w] = total[w]
            new_weights[m] = weights[m] * _sign(total, power)
    later = np.zeros((count, half), dtype=np.uint64)
    for k in range(count - 2, -1, -1):
        for w in range(half):
            later[k, w] = later[k + 1, w] | (new[k + 1, w] if sn[k + 1] != 0.0 else u64(0))
    return new, cs, sn, new_terms, new_weights, later
