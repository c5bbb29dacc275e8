"""A numba kernel that replaces Pauli strings by representatives under permutations of qubits."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.frame_kernels import trailing_zeros

__all__ = ["represent"]

Words = NDArray[np.uint64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def represent(rows: Words, bits: Int) -> None:
    """Replace each string by the smallest of its images.

    Parameters
    ----------
    rows
        Terms, shape ``(M, 2 W + 1)``, changed in place.
    bits
        Where each permutation takes each bit of a string, shape ``(G, 64 * 2 W)``.
    """
    width = rows.shape[1] - 1
    own, best, image = (
        np.zeros(width, dtype=np.uint64),
        np.zeros(width, dtype=np.uint64),
        np.zeros(width, dtype=np.uint64),
    )
    for i in range(rows.shape[0]):
        for w in range(width):
            own[w] = best[w] = rows[i, w]
        for g in range(bits.shape[0]):
            image[:] = u64(0)
            for w in range(width):
                word = own[w]
                while word != u64(0):
                    bit = bits[g, 64 * w + trailing_zeros(word)]
                    image[bit >> 6] |= u64(1) << u64(bit & 63)
                    word &= word - u64(1)
            for w in range(width):
                if image[w] != best[w]:
                    if image[w] < best[w]:
                        best[:] = image
                    break
        for w in range(width):
            rows[i, w] = best[w]
