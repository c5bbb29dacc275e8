"""Monomials of a polynomial as rows of their variables."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["factorials", "merge_monomials"]

Real = NDArray[np.float64]


def merge_monomials(factors: NDArray[np.int32], values: Real) -> tuple[NDArray[np.int32], Real]:
    """Sort the variables of each monomial, add equal monomials, and drop zeros.

    Parameters
    ----------
    factors
        Variables of each monomial, each as often as its power, padded with -1, shape ``(T,
        degree)``.
    values
        Coefficients, shape ``(T,)``.

    Returns
    -------
    factors, values
        The merged monomials, in ascending order.
    """
    # The padding comes last: -1 is the largest unsigned number.
    ordered = np.sort(factors.astype(np.int32).view(np.uint32), axis=1)
    if not ordered.shape[1]:
        total = math.fsum(values)
        kept = [total] if total else []
        return np.zeros((len(kept), 0), dtype=np.int32), np.array(kept)
    unique, inverse = np.unique(ordered, axis=0, return_inverse=True)
    sums = np.bincount(inverse.ravel(), weights=values, minlength=len(unique))
    nonzero = sums != 0
    return np.ascontiguousarray(unique[nonzero]).view(np.int32), sums[nonzero]


def factorials(factors: NDArray[np.int32]) -> Real:
    """Return the product of the factorials of the powers of each monomial, shape ``(T,)``.

    `factors` are sorted as by `merge_monomials`.
    """
    product, run = np.ones(len(factors)), np.ones(len(factors))
    for column in range(1, factors.shape[1]):
        same = (factors[:, column] == factors[:, column - 1]) & (factors[:, column] >= 0)
        run = np.where(same, run + 1, 1.0)
        product *= np.where(same, run, 1.0)
    return product
