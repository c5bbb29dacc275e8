r"""Exact slices and planes of a loss that is trigonometric of degree one in each angle.

Three values along one angle give the loss everywhere on that line, and nine values on a plane:

.. math:: C(\theta_k, \theta_l) = \sum_{ab} c_{ab} f_a(\theta_k) f_b(\theta_l), \qquad
    f = (1, \cos, \sin).

It holds for circuits of rotations ``exp(-i theta P / 2)`` with a parameter each.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["line_coefficients", "mean_plane_coefficients", "trigonometric_basis"]

Real = NDArray[np.float64]

NODES = np.array([0.0, math.pi / 2, -math.pi / 2])
"""Angles at which a line is evaluated."""


def trigonometric_basis(angles: Real) -> Real:
    """Return 1, cos and sin of angles, shape ``(..., 3)``."""
    return np.stack([np.ones_like(angles), np.cos(angles), np.sin(angles)], axis=-1)


FROM_NODES = np.linalg.inv(trigonometric_basis(NODES))


def line_coefficients(loss: Callable[[Real], Real], point: Real, parameter: int) -> Real:
    """Return the coefficients of 1, cos, sin of the loss along one parameter, shape ``(3,)``.

    Parameters
    ----------
    loss
        Loss of angles of shape ``(batch, D)``, shape ``(batch,)``.
    point
        The other angles, shape ``(D,)``.
    parameter
        Index of the parameter.
    """
    angles = np.tile(point, (3, 1))
    angles[:, parameter] = NODES
    return np.asarray(FROM_NODES @ loss(angles))


def mean_plane_coefficients(
    loss: Callable[[Real], Real], num_parameters: int, parameter: int
) -> Real:
    r"""Return the coefficients of the mean plane through zero, shape ``(3, 3)``.

    It is the mean of :math:`C(\theta_k e_k + \theta_l e_l)` over all :math:`l \ne k`, with k the
    `parameter`, and takes 9 (D - 1) losses for a grid of any size.
    """
    total = np.zeros((3, 3))
    for other in (index for index in range(num_parameters) if index != parameter):
        angles = np.zeros((3, 3, num_parameters))
        angles[:, :, parameter] = NODES[:, None]
        angles[:, :, other] = NODES[None, :]
        total += loss(angles.reshape(9, num_parameters)).reshape(3, 3)
    return np.asarray(FROM_NODES @ (total / (num_parameters - 1)) @ FROM_NODES.T)
