r"""Derivatives by measurements: the parameter-shift rule for gates with equally spaced eigenvalues.

If the eigenvalues of ``A`` lie on a grid of spacing :math:`\Omega` and span :math:`R\,\Omega`, an
expectation value is a trigonometric polynomial of the parameter of :math:`e^{iA\theta}` with
frequencies :math:`\Omega, 2\Omega, \dots, R\Omega`, and its derivative is a combination of its
values at :math:`2R` shifted parameters [1]_:

.. math::

    f'(\theta) = \sum_{\mu=1}^{2R} c_\mu f(\theta + s_\mu), \qquad
    s_\mu = \frac{x_\mu}{\Omega}, \quad
    c_\mu = \frac{(-1)^{\mu-1}\,\Omega}{4R \sin^2(x_\mu/2)}, \quad
    x_\mu = \frac{(2\mu - 1)\pi}{2R} .

The coefficients obey :math:`\sum_\mu |c_\mu| = R\,\Omega`. With ``n`` shots shared out in
proportion to :math:`|c_\mu|` the estimate is unbiased and has the variance
:math:`\frac{R\Omega}{n} \sum_\mu |c_\mu| v_\mu`, where :math:`v_\mu` is the variance of one shot at
the shifted parameter. No finite difference can do that: its bias and its variance grow in opposite
directions. An ancilla (a Hadamard test) would need a controlled gate, which the shift rule does
not.

References
----------
.. [1] D. Wierichs, J. Izaac, C. Wang, C. Y.-Y. Lin, General parameter-shift rules for quantum
   gradients, arXiv:2107.12390.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ShiftRule", "equidistant_rule"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class ShiftRule:
    """Shifts and coefficients, both of shape ``(2 R,)``.

    Parameters
    ----------
    shifts
        What is added to the parameter, in its units.
    coefficients
        Weights of the values at the shifted parameters.
    """

    shifts: Real
    coefficients: Real

    @property
    def norm(self) -> float:
        """Sum of the absolute coefficients.

        It is the standard error of the derivative over that of a value, at equal numbers of shots.
        """
        return float(np.abs(self.coefficients).sum())

    def allocation(self, shots: int) -> NDArray[np.int64]:
        """Return the number of shots for each shift, shape ``(2 R,)``.

        The numbers are in proportion to the absolute coefficients, and at least one.
        """
        return np.maximum(1, np.rint(shots * np.abs(self.coefficients) / self.norm)).astype(
            np.int64
        )


def equidistant_rule(spacing: float, frequencies: int) -> ShiftRule:
    """Return the rule for a gate whose eigenvalues lie on a grid.

    Parameters
    ----------
    spacing
        Spacing of the grid, Omega.
    frequencies
        R: the eigenvalues span ``R * Omega``.

    Raises
    ------
    ValueError
        If there is no frequency: the gate is a global phase, and the derivative vanishes.
    """
    if frequencies < 1 or spacing <= 0:
        raise ValueError(
            f"spacing={spacing}, frequencies={frequencies}: a gate with at least two eigenvalues "
            "is needed"
        )
    angles = (2 * np.arange(1, 2 * frequencies + 1) - 1) * np.pi / (2 * frequencies)
    signs = (-1.0) ** np.arange(2 * frequencies)
    return ShiftRule(
        angles / spacing, signs * spacing / (4 * frequencies * np.sin(angles / 2) ** 2)
    )
