r"""Circuits of free fermions on hundreds of qubits, with exact gradients of the energy.

A circuit of rotations :math:`e^{-i t\, i c_a c_b / 2}`, from the state plus on all qubits, is known
by its covariance matrix :math:`\Gamma_{ab} = \langle i c_a c_b \rangle`, whose rows and columns a
and b a rotation turns by the angle t. So a layer costs :math:`O(n^2)`. The gradient is that of the
energy :math:`E = \frac12 \sum_{ab} A_{ab} \Gamma_{ab}`, by passing back through the circuit with
state and Hamiltonian together. `trainscape.physics.free_fermions` says which strings are products
of two Majorana operators :math:`c_a`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.free_fermions import PlaneRotations
from trainscape.simulators.fermions.kernels import energy_gradient, evolve

__all__ = ["FermionCircuit"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class FermionCircuit:
    """Layers of rotations from the state plus on all qubits, and a Hamiltonian.

    Parameters
    ----------
    layer
        Blocks of one layer, see `trainscape.physics.free_fermions.rotations_of`.
    layers
        Number of layers.
    couplings
        The matrix A of the Hamiltonian, shape ``(2n, 2n)``.
    """

    layer: tuple[PlaneRotations, ...]
    layers: int
    couplings: Real

    @property
    def layer_parameters(self) -> int:
        """Number of parameters of a layer."""
        return 1 + max(int(block.parameters.max()) for block in self.layer)

    @cached_property
    def _rotations(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Real, NDArray[np.int64]]:
        blocks = self.layer
        return (
            np.concatenate([block.first for block in blocks]),
            np.concatenate([block.second for block in blocks]),
            np.concatenate([block.weights for block in blocks]).astype(np.float64),
            np.concatenate([block.parameters for block in blocks]),
        )

    def _angles(self, theta: ArrayLike) -> Real:
        return np.ascontiguousarray(theta, dtype=np.float64).reshape(self.layers, -1)

    def covariance(self, theta: ArrayLike) -> Real:
        """Return the covariance matrix of the final state, shape ``(2n, 2n)``.

        Parameters
        ----------
        theta
            Angles in radians, layer by layer, shape ``(P,)``.
        """
        order = len(self.couplings)
        state = np.zeros((order, order))
        even = np.arange(0, order, 2)
        state[even, even + 1], state[even + 1, even] = 1.0, -1.0
        evolve(state, *self._rotations, self._angles(theta))
        return state

    def energy_and_gradient(self, theta: ArrayLike) -> tuple[float, Real]:
        """Return the energy and its gradient, shape ``(P,)``.

        Parameters
        ----------
        theta
            Angles in radians, layer by layer, shape ``(P,)``.
        """
        angles = self._angles(theta)
        state, image = self.covariance(angles), self.couplings.copy()
        energy = 0.5 * float(np.vdot(state, image))
        gradient = np.zeros_like(angles)
        energy_gradient(state, image, *self._rotations, angles, gradient)
        return energy, gradient.ravel()
