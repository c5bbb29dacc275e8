"""The lowest eigenvalue of a sum of Pauli strings."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import eigsh

from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.pauli import PauliSum

__all__ = ["ground_energy"]

_DENSE = 64
"""Largest dimension that is diagonalised densely."""


def ground_energy(pauli_sum: PauliSum, rng: np.random.Generator) -> float:
    """Return the lowest eigenvalue.

    For one string it is minus the absolute weight. Other sums are diagonalised, by Lanczos above 6
    qubits.

    Parameters
    ----------
    pauli_sum
        The observable.
    rng
        Draws the first vector of the Lanczos iteration: a fixed one may be orthogonal to the ground
        state.
    """
    if len(pauli_sum.terms) == 1:
        return -abs(pauli_sum.terms[0][0])
    matrix = pauli_matrix(pauli_sum).astype(np.complex128)
    dimension = matrix.shape[0]
    if dimension <= _DENSE:
        return float(np.linalg.eigvalsh(matrix.toarray())[0])
    start = rng.standard_normal(dimension)
    lowest = eigsh(matrix, k=1, which="SA", v0=start, tol=1e-12, return_eigenvectors=False)
    return float(lowest[0])
