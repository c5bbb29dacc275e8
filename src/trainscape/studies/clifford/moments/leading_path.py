r"""The leading Pauli path of the encoded derivative, and what the tables of moments share.

For one string of weight one it is a lower bound,

.. math:: E[g_k^2] \ge (1 - p)^{A + 1}, \qquad E[g_k] = \pm E[\cos\theta]^{A + 1},

with A rotations that anticommute with the path and :math:`p = E[\sin^2\theta]`, see
`trainscape.simulators.pauli.single_path`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.trainability.patch_laws import LAWS

__all__ = ["LARGEST_ERROR", "SERIES", "SYSTEM", "WINDOW", "leading_path"]

Real = NDArray[np.float64]

SYSTEM = ("ansatz", "depth", "observable", "qubits")

SERIES = ("ansatz", "depth", "observable", "encoder", "law")
"""What makes a series against the number of qubits."""

WINDOW = 16
"""Number of qubits up to which the published gradients go."""

LARGEST_ERROR = 0.25
"""Relative standard error above which a moment counts as unknown."""


def leading_path(law: str, cosines: Real, parameters: int) -> tuple[Real, Real]:
    """Return second moment and mean of the leading path of each instance."""
    patch = LAWS[law].patch(parameters)
    powers = cosines + 1.0
    return (1.0 - patch.flip_probability()) ** powers, patch.mean_cosine() ** powers
