"""Operators on two subsystems: the part that couples them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["coupling_share"]


def coupling_share(matrix: NDArray[Any], second: int) -> float:
    r"""Return the norm of the part of an operator that couples two subsystems, over its whole norm.

    The operators :math:`X \otimes 1 + 1 \otimes Y` form a subspace, and the coupling is the part
    orthogonal to it: the two subsystems evolve independently iff it vanishes.

    Parameters
    ----------
    matrix
        Operator on the tensor product, shape (n m, n m), the first subsystem more significant.
    second
        Dimension ``m`` of the second subsystem.
    """
    first = len(matrix) // second
    tensor = matrix.reshape(first, second, first, second)
    on_first = np.einsum("iaja->ij", tensor) / second
    on_second = np.einsum("iaib->ab", tensor) / first
    mean = np.trace(matrix) / len(matrix)
    local = (
        np.kron(on_first, np.eye(second))
        + np.kron(np.eye(first), on_second)
        - mean * np.eye(len(matrix))
    )
    return float(np.linalg.norm(matrix - local) / max(float(np.linalg.norm(matrix)), 1e-300))
