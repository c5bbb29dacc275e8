"""What a truncated Pauli propagation dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Truncation"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Truncation:
    """What the last call of an engine dropped, with one entry for each sample.

    A dropped string has an expectation value between -1 and 1, so that the error of the value is at
    most the sum of the three dropped weights.

    Parameters
    ----------
    coefficient, weight, sines
        Sums of the absolute coefficients dropped by the rule on coefficients, Pauli weight, and
        sine factors, each of shape ``(S,)``.
    dropped
        Number of dropped branches by the same three rules, shape ``(S, 3)``.
    terms
        Largest number of terms held at one time, shape ``(S,)``.
    gradient_error
        Estimated Euclidean norm of the error of the gradient, shape ``(S,)``; None where the call
        gave no gradient.

    Notes
    -----
    `gradient_error` takes what was dropped to have derivatives of random signs, in the mean square
    as large as those of what was kept at the same rotation. It is one draw of them. On eight qubits
    with thresholds of 1e-2 to 1e-4 it was 0.4 to 2.2 times the error, where something was dropped
    that mattered. A limit on the weight drops strings that matter less than the others: there it is
    too large, up to a hundred times.
    """

    coefficient: Real
    weight: Real
    sines: Real
    dropped: NDArray[np.int64]
    terms: NDArray[np.int64]
    gradient_error: Real | None = None

    @property
    def error_bound(self) -> Real:
        """Upper bound of the truncation error, shape ``(S,)``; usually far too large."""
        return self.coefficient + self.weight + self.sines

    @property
    def is_exact(self) -> bool:
        """Whether nothing was dropped."""
        return not bool(self.error_bound.any())
