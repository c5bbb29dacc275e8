"""Numba kernels of circuits of free fermions: turns of antisymmetric matrices.

The pairs of a block are disjoint, so that its rotations may be done one after the other.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["energy_gradient", "evolve"]

Real = NDArray[np.float64]
Places = NDArray[np.int64]


@nb.njit(cache=True, nogil=True)
def _turn(matrix: Real, a: int, b: int, cosine: float, sine: float) -> None:
    """Turn rows and columns a and b of an antisymmetric matrix, in place."""
    order = matrix.shape[0]
    kept = matrix[a, b]  # a turn of the plane leaves it as it is
    first, second = matrix[a], matrix[b]
    for j in range(order):
        x, y = first[j], second[j]
        first[j] = cosine * x + sine * y
        second[j] = cosine * y - sine * x
    first[a], first[b] = 0.0, kept
    second[a], second[b] = -kept, 0.0
    for j in range(order):
        matrix[j, a] = -first[j]
        matrix[j, b] = -second[j]
    first[a] = second[b] = 0.0  # not -0.0


@nb.njit(cache=True, nogil=True)
def evolve(
    state: Real, first: Places, second: Places, weights: Real, parameters: Places, angles: Real
) -> None:
    """Turn a covariance matrix by all layers, in place.

    Parameters
    ----------
    state
        The matrix, shape ``(2n, 2n)``.
    first, second, weights, parameters
        The rotations of a layer in order, see `trainscape.physics.free_fermions.PlaneRotations`.
    angles
        Parameters of each layer in radians, shape ``(L, P)``.
    """
    for layer in range(angles.shape[0]):
        for k in range(first.shape[0]):
            angle = weights[k] * angles[layer, parameters[k]]
            _turn(state, first[k], second[k], math.cos(angle), math.sin(angle))


@nb.njit(cache=True, nogil=True)
def energy_gradient(
    state: Real,
    image: Real,
    first: Places,
    second: Places,
    weights: Real,
    parameters: Places,
    angles: Real,
    gradient: Real,
) -> None:
    """Pass back through the circuit with state and Hamiltonian, both in place.

    Parameters
    ----------
    state, image
        Covariance matrix of the final state, and couplings of the Hamiltonian.
    first, second, weights, parameters, angles
        As in `evolve`.
    gradient
        Zeros, shape ``(L, P)``; the derivatives of the energy are added to them.
    """
    for layer in range(angles.shape[0] - 1, -1, -1):
        for k in range(first.shape[0] - 1, -1, -1):
            a, b, number = first[k], second[k], parameters[k]
            slope = np.dot(image[a], state[b]) - np.dot(image[b], state[a])
            gradient[layer, number] += weights[k] * slope
            angle = weights[k] * angles[layer, number]
            cosine, sine = math.cos(angle), -math.sin(angle)
            _turn(state, a, b, cosine, sine)
            _turn(image, a, b, cosine, sine)
