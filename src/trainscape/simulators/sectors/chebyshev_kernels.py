"""Numba kernels of the Chebyshev expansion: a sparse Hermitian matrix times complex columns.

Complex vectors are stored as ``x[row, j]``: first the real parts of all ``C`` columns, then the
imaginary parts. The columns are innermost, so that a matrix element is loaded once for all of them.
No number of a column depends on other columns.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["apply_function", "apply_matrix", "imaginary_overlap"]

Real = NDArray[np.float64]
Index = NDArray[np.int32]


@nb.njit(cache=True, nogil=True, inline="always")
def _row_product(
    first: int, last: int, indices: Index, re: Real, im: Real, x: Real, out: Real
) -> None:
    """Set ``out`` to one row of the matrix times ``x``. `im` is empty for a real matrix."""
    width = x.shape[1]
    columns = width // 2
    out[:] = 0.0
    for p in range(first, last):
        row = x[indices[p]]
        factor = re[p]
        for j in range(width):
            out[j] += factor * row[j]
        if len(im):
            factor = im[p]
            for j in range(columns):
                out[j] -= factor * row[columns + j]
                out[columns + j] += factor * row[j]


@nb.njit(cache=True, nogil=True)
def apply_matrix(
    indptr: Index,
    indices: Index,
    re: Real,
    im: Real,
    scale: float,
    shift: float,
    x: Real,
    out: Real,
) -> None:
    """Set ``out = (shift + scale M) x``."""
    product = np.empty(x.shape[1])
    for i in range(x.shape[0]):
        _row_product(indptr[i], indptr[i + 1], indices, re, im, x, product)
        for j in range(x.shape[1]):
            out[i, j] = shift * x[i, j] + scale * product[j]


@nb.njit(cache=True, nogil=True)
def apply_function(
    indptr: Index,
    indices: Index,
    re: Real,
    im: Real,
    coefficients: Real,
    x: Real,
    one: Real,
    two: Real,
) -> None:
    """Replace ``x`` by ``sum_k c_k T_k(M) x``, with ``T_(k+1) = 2 M T_k - T_(k-1)``.

    ``coefficients[k]`` is ``(Re c_k, Im c_k)`` for each column, shape (K, 2, C). ``one`` and
    ``two`` are work space of the shape of ``x``.
    """
    rows, width = x.shape
    columns = width // 2
    terms = coefficients.shape[0]
    product = np.empty(width)
    previous, current = one, two
    for k in range(terms):
        cr, ci = coefficients[k, 0], coefficients[k, 1]
        for i in range(rows):
            target, new = x[i], previous[i]
            if k == 0:
                for j in range(width):
                    new[j] = target[j]
                    target[j] = 0.0
            else:
                # T_k overwrites T_(k-2) row by row; T_(-1) is taken as zero, and T_1 is M T_0.
                _row_product(indptr[i], indptr[i + 1], indices, re, im, current, product)
                if k == 1:
                    for j in range(width):
                        new[j] = product[j]
                else:
                    for j in range(width):
                        new[j] = 2.0 * product[j] - new[j]
            for j in range(columns):
                target[j] += cr[j] * new[j] - ci[j] * new[columns + j]
                target[columns + j] += ci[j] * new[j] + cr[j] * new[columns + j]
        previous, current = current, previous


@nb.njit(cache=True, nogil=True)
def imaginary_overlap(a: Real, b: Real, out: Real) -> None:
    """Set ``out = Im <a|b>`` for each column."""
    columns = a.shape[1] // 2
    out[:] = 0.0
    for i in range(a.shape[0]):
        for j in range(columns):
            out[j] += a[i, j] * b[i, columns + j] - a[i, columns + j] * b[i, j]
