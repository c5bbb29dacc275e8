r"""Whether a measurement can exclude, for each of three pure states, one outcome of its own.

With the overlaps :math:`x_{ij} = |\langle i | j \rangle|^2`, three pure states are
antidistinguishable if and only if

.. math:: x_{12} + x_{13} + x_{23} \le 1 \quad\text{and}\quad
   (1 - x_{12} - x_{13} - x_{23})^2 \ge 4 x_{12} x_{13} x_{23}

(C. M. Caves, C. A. Fuchs, R. Schack, Phys. Rev. A 66, 062111 (2002); they ask for a sum below 1,
and a sum of 1 meets the second condition only if two of the states are orthogonal, when the
measurement that tells these apart will do). Any measurement counts, not only one by Pauli strings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["are_antidistinguishable", "overlaps"]

ROUNDING = 1e-12


def overlaps(states: ArrayLike) -> NDArray[np.float64]:
    """Return the squared overlaps of normalised states.

    Parameters
    ----------
    states
        Amplitudes, shape (states, dimension).

    Returns
    -------
    ndarray
        Shape (states, states).
    """
    amplitudes = np.asarray(states)
    squares: NDArray[np.float64] = np.abs(amplitudes.conj() @ amplitudes.T) ** 2
    return squares


def are_antidistinguishable(x12: ArrayLike, x13: ArrayLike, x23: ArrayLike) -> NDArray[np.bool_]:
    """Return whether three pure states with the given squared overlaps are antidistinguishable.

    Parameters
    ----------
    x12, x13, x23
        Squared overlaps in [0, 1], of shapes that can be broadcast; met with equality to 1e-12.
    """
    one, two, three = np.asarray(x12), np.asarray(x13), np.asarray(x23)
    left = 1 - one - two - three
    holds = (left >= -ROUNDING) & (left**2 >= 4 * one * two * three - ROUNDING)
    return np.asarray(holds)
