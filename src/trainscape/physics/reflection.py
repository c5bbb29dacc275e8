r"""The two sectors of the reflection of a chain inside one irrep of its bond algebra.

The reflection maps :math:`e_j \to e_{L-j}`. In an irrep it is a real symmetric matrix ``W``, fixed
up to its sign, which is not diagonal in the path basis. It is found without solving for it:

1. The eigenvectors of a generic even element ``X`` of the algebra have a parity.
2. An odd element ``Y`` connects states of opposite parity only, so that the matrix of absolute
   values of ``Y`` in this basis is the weighted adjacency matrix of a bipartite graph.
3. The signs of the eigenvector to the lowest eigenvalue of that matrix are the parities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["reflection_sectors"]

Real = NDArray[np.float64]

TOLERANCE = 1e-6
"""Largest element between the sectors, relative to the norm.

A mixing of this size shifts energies by its square.
"""


def reflection_sectors(
    generators: Sequence[sp.csr_array], rng: np.random.Generator
) -> tuple[Real, ...]:
    """Return orthonormal bases of the even and of the odd states.

    Parameters
    ----------
    generators
        ``e_1 .. e_{L-1}`` in one irrep, real symmetric, order ``N``.
    rng
        Random stream of the two elements ``X`` and ``Y``.

    Returns
    -------
    tuple of numpy.ndarray
        For each sector a matrix whose columns are its basis, the larger sector first. One matrix if
        a sector is empty.

    Raises
    ------
    ValueError
        If the two sectors do not come apart.
    """
    size = int(generators[0].shape[0])
    pairs = list(zip(generators, generators[::-1], strict=True))
    even, odd = np.zeros((size, size)), np.zeros((size, size))
    for first, last in pairs:
        even += rng.uniform(0.5, 1.5) * (first + last).toarray()
    for first, last in pairs[: len(pairs) // 2]:
        odd += rng.uniform(0.5, 1.5) * (first - last).toarray()
    basis = np.linalg.eigh(even)[1]
    if not np.any(odd):
        return (basis,)
    connected = np.abs(basis.T @ odd @ basis)
    lowest = np.linalg.eigh(connected)[1][:, 0]
    sectors = [basis[:, lowest > 0], basis[:, lowest <= 0]]
    inside = max(float(np.abs(sector.T @ odd @ sector).max(initial=0.0)) for sector in sectors)
    between = float(np.abs(sectors[0].T @ even @ sectors[1]).max(initial=0.0))
    if max(inside / np.abs(odd).max(), between / np.abs(even).max()) > TOLERANCE:
        raise ValueError(
            f"the reflection sectors of an irrep of order {size} mix by {inside:.1g} and "
            f"{between:.1g}: two levels of opposite parity almost coincide; draw again with "
            "another rng"
        )
    return tuple(sorted(sectors, key=lambda sector: -sector.shape[1]))
