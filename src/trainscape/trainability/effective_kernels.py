"""A numba function for energies and gradients of an ansatz inside the space that it reaches.

Each gate is diagonal in the eigenbasis of its generator, so that a circuit is a product of phases
and of fixed changes of basis between them. Samples are followed one by one, and sums run in a fixed
order: no bit of a sample depends on the others.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["energies_and_gradients"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]


@nb.njit(cache=True)
def _turned(columns: Real, state: Real, out: Real) -> None:
    """Set out to a matrix times a state; both have real parts in [0] and imaginary ones in [1].

    Matrices are given by columns, so that the inner loop runs along memory.
    """
    real, imaginary = out[0], out[1]
    real[:] = 0.0
    imaginary[:] = 0.0
    for column in range(state.shape[1]):
        a, b = state[0, column], state[1, column]
        first, second = columns[0, column], columns[1, column]
        for row in range(state.shape[1]):
            real[row] += first[row] * a - second[row] * b
            imaginary[row] += second[row] * a + first[row] * b


@nb.njit(cache=True)
def _phased(state: Real, cosines: Real, sines: Real, level: Int, sign: float) -> None:
    """Multiply each component by the phase of its level, turned by the sign."""
    for row in range(state.shape[1]):
        c, s = cosines[level[row]], sign * sines[level[row]]
        a, b = state[0, row], state[1, row]
        state[0, row], state[1, row] = c * a + s * b, c * b - s * a


@nb.njit(cache=True)
def energies_and_gradients(
    theta: Real,
    gates: Int,
    values: Real,
    level: Int,
    turns: Real,
    start: Real,
    hamiltonian: Real,
) -> tuple[Real, Real]:
    """Return energies, shape ``(S,)``, and gradients, shape ``(S, P)``.

    Complex arrays have real parts in the first entry of a leading axis, imaginary ones in the
    second, behind the axes that choose a matrix; matrices are given by columns.

    Parameters
    ----------
    theta
        Angles in radians, shape ``(S, P)``.
    gates
        Generator of each gate, shape ``(P,)``.
    values
        Different eigenvalues of each generator, filled up with zeros, shape ``(m, v)``.
    level
        Which of them each eigenvector has, shape ``(m, d)``.
    turns
        From the eigenbasis of one generator to that of another, shape ``(m, m, 2, d, d)``: first
        the one before.
    start
        Start state in the eigenbasis of the first gate, shape ``(2, d)``.
    hamiltonian
        In the eigenbasis of the last gate, shape ``(2, d, d)``.
    """
    samples, parameters = theta.shape
    d = start.shape[1]
    energies, gradients = np.empty(samples), np.empty((samples, parameters))
    state, image, other = np.empty((2, d)), np.empty((2, d)), np.empty((2, d))
    cosines = np.empty((parameters, values.shape[1]))
    sines = np.empty((parameters, values.shape[1]))
    for sample in range(samples):
        state[:] = start
        for place in range(parameters):
            gate = gates[place]
            if place:
                _turned(turns[gates[place - 1], gate], state, other)
                state, other = other, state
            for number in range(values.shape[1]):
                angle = theta[sample, place] * values[gate, number]
                cosines[place, number], sines[place, number] = np.cos(angle), np.sin(angle)
            _phased(state, cosines[place], sines[place], level[gate], 1.0)
        _turned(hamiltonian, state, image)
        energies[sample] = (state * image).sum()
        for place in range(parameters - 1, -1, -1):
            gate = gates[place]
            slope = 0.0
            for row in range(d):
                overlap = image[0, row] * state[1, row] - image[1, row] * state[0, row]
                slope += values[gate, level[gate, row]] * overlap
            gradients[sample, place] = 2 * slope
            if place:
                _phased(state, cosines[place], sines[place], level[gate], -1.0)
                _phased(image, cosines[place], sines[place], level[gate], -1.0)
                back = turns[gate, gates[place - 1]]
                _turned(back, state, other)
                state, other = other, state
                _turned(back, image, other)
                image, other = other, image
    return energies, gradients
