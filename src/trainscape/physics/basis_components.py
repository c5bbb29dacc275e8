"""Check a list of Hermitian generators, and find the connected components of the basis states.

Two basis states are connected if a generator has a matrix element between them. `bond_algebra` and
its search work inside the components, one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

__all__ = ["Operator", "checked_generators", "components_of", "dense", "diagonal_block"]

Operator = Any
"""A Hermitian matrix, dense or scipy.sparse."""


def dense(matrix: Operator) -> NDArray[Any]:
    """Return `matrix` as an array."""
    return np.asarray(matrix.toarray() if sp.issparse(matrix) else matrix)


def _norm_bound(matrix: Operator) -> float:
    """Return the largest row sum of moduli, a bound of the norm of a Hermitian matrix."""
    return float(abs(matrix).sum(axis=1).max())


def checked_generators(generators: Sequence[Operator]) -> tuple[list[Operator], list[float]]:
    """Return the generators in one data type, and an upper bound of the norm of each.

    Sparse generators, and dense ones with mostly zeros, are returned as CSR, others as arrays.

    Raises
    ------
    ValueError
        If there are no generators, or one is not finite, not Hermitian, or of another shape.
    """
    if not len(generators):
        raise ValueError(
            "no generators were given: the bond algebra is empty; pass the local terms of the "
            "Hamiltonian"
        )
    shapes = [np.shape(h) for h in generators]
    for j, shape in enumerate(shapes):
        if len(shape) != 2 or shape[0] != shape[1] or shape != shapes[0] or not shape[0]:
            raise ValueError(
                f"generator {j} has shape {shape}, expected a square "
                f"matrix{f' of shape {shapes[0]} like generator 0' if j else ''}; "
                "every generator acts on the whole space: multiply local terms with the identity "
                "on the other sites"
            )
    order = shapes[0][0]
    # Zero imaginary parts, as Pauli matrices leave them, would double the memory and take four
    # times the time.
    kind = (
        np.complex128
        if any(np.iscomplexobj(h) and abs(h.imag).max() > 0 for h in generators)
        else np.float64
    )
    bonds: list[Operator] = []
    sizes = []
    for j, h in enumerate(generators):
        real = h if kind is np.complex128 or not np.iscomplexobj(h) else h.real
        matrix = real if sp.issparse(real) else np.asarray(real, dtype=kind)
        if sp.issparse(real) or np.count_nonzero(matrix) < order**2 / 8:
            matrix = sp.csr_array(matrix, dtype=kind)
        size = _norm_bound(matrix)
        if not np.isfinite(size):
            raise ValueError(f"generator {j} has entries that are not finite")
        skew = float(abs(matrix - matrix.conj().T).max())
        if skew > 1e-12 * max(size, 1e-300):
            raise ValueError(
                f"generator {j} is not Hermitian (h - h^dagger has an entry of {skew:.2e}): split "
                "it as h + h^dagger and i(h - h^dagger) and pass both. This is another algebra if "
                "h is not normal: a Temperley-Lieb generator with |d| < 2 on qubits is of this "
                "kind, and at roots of unity its own algebra has no sectors of the form meant here"
            )
        bonds.append(matrix)
        sizes.append(size)
    return bonds, sizes


def components_of(
    bonds: Sequence[Operator], sizes: Sequence[float]
) -> tuple[NDArray[np.intp], ...]:
    """Return the basis states of each connected component, ordered by smallest member.

    Matrix elements below 1e-14 of a generator's norm bound count as zero.

    Parameters
    ----------
    bonds, sizes
        Generators and norm bounds, as `checked_generators` returns them.
    """
    order = bonds[0].shape[0]
    pattern = sp.csr_array((order, order), dtype=np.int8)
    for h, size in zip(bonds, sizes, strict=True):
        entries = sp.coo_array(h)
        kept = np.abs(entries.data) > 1e-14 * size
        rows, columns = entries.coords
        link = sp.csr_array(
            (np.ones(int(kept.sum()), dtype=np.int8), (rows[kept], columns[kept])),
            shape=(order, order),
        )
        pattern = (pattern + link).astype(np.bool_).astype(np.int8)
    count, labels = connected_components(pattern, directed=False)
    by_label = np.argsort(labels, kind="stable")
    pieces = np.split(by_label, np.cumsum(np.bincount(labels, minlength=count))[:-1])
    return tuple(sorted(pieces, key=lambda rows: int(rows[0])))


def diagonal_block(matrix: Operator, part: slice) -> Operator:
    """Return the diagonal block of a matrix.

    A large block of a sparse matrix is CSR, any other an array. Written out, because scipy's
    slicing takes a tenth of a millisecond, and there can be thousands of components of one state.
    """
    if not sp.issparse(matrix):
        return matrix[part, part]
    size = part.stop - part.start
    inside = slice(matrix.indptr[part.start], matrix.indptr[part.stop])
    rows = np.repeat(np.arange(size), np.diff(matrix.indptr[part.start : part.stop + 1]))
    columns, data = matrix.indices[inside] - part.start, matrix.data[inside]
    # What couples components is rounding error.
    kept = (columns >= 0) & (columns < size)
    if size > 64:
        return sp.csr_array((data[kept], (rows[kept], columns[kept])), shape=(size, size))
    block = np.zeros((size, size), dtype=matrix.dtype)
    block[rows[kept], columns[kept]] = data[kept]
    return block
