"""Many weights in one real number: what an encoder that is not smooth can do.

The bound on latent dimensions is one of smooth networks. Interleaving the bits of D weights is a
function with a jump at every level; it puts them into one number, as long as the number has so many
bits: 53 in double precision. A bound in bits, D log2 N for weights on N levels (less D, as two
weights of an edge may share a state), holds for every encoder.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["interleaved", "separated"]

Int = NDArray[np.int64]


def interleaved(levels: Int, bits: int) -> NDArray[np.float64]:
    """Return one number in [0, 1) for each row of levels, the most significant bits first.

    Parameters
    ----------
    levels
        Numbers from 0 to ``2**bits - 1``, shape ``(B, D)``.
    bits
        Bits of each.

    Returns
    -------
    ndarray
        Shape ``(B,)``. Bits beyond the 53 of double precision are lost.
    """
    number = np.zeros(len(levels))
    scale = 0.5
    for place in reversed(range(bits)):
        for column in range(levels.shape[1]):
            number = number + scale * ((levels[:, column] >> place) & 1)
            scale /= 2
    return number


def separated(number: NDArray[np.float64], bits: int, count: int) -> Int:
    """Return the levels that were packed, as far as the number still has them.

    Parameters
    ----------
    number
        What `interleaved` returned, shape ``(B,)``.
    bits, count
        Bits of each level, and number D of levels.

    Returns
    -------
    ndarray
        Shape ``(B, D)``.
    """
    rest = np.array(number, dtype=np.float64)
    levels = np.zeros((len(rest), count), dtype=np.int64)
    for _ in range(bits):
        for column in range(count):
            rest *= 2
            bit = rest >= 1
            rest -= bit
            levels[:, column] = 2 * levels[:, column] + bit
    return levels
