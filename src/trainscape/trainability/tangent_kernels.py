r"""Tangent kernels of an ansatz in the space that it reaches, and what predicts their mean.

With the energy error :math:`\varepsilon(\theta) = E(\theta) - E_0`, gradient descent on
:math:`\varepsilon^2 / 2` follows the quantum neural tangent kernel

.. math:: Q(\theta) = \sum_k (\partial_k \varepsilon)^2 ,

which a symmetric ansatz has inside its effective space alone (the effective kernel EQNTK of Wang et
al., arXiv:2208.14057): the same number, at the cost of d instead of :math:`2^n` amplitudes.

Gates are :math:`e^{-i \theta G}`; for rotations :math:`e^{-i \theta P / 2}` take G = P/2.
The predictors are for angles so many that the gates before and after one are independent Haar
elements of the group:

`controllable_moment` (P1)
    if the algebra contains all of su(d) on the space. Exact for the Ising chain in a tilted field,
    and 2 to 3 times too small for free fermions.
`algebra_moment` (P2)
    for any algebra that contains the Hamiltonian, from its simple ideals.
`state_moment` (P3)
    at a given state, if only the gates after it are random: proportional to the energy variance.
    Its mean over Haar states is P1, and its spread does not shrink with depth.

These are derived here; of the paper, the kernel and its reduction to the effective space are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.algebra_structure import LieStructure
from trainscape.trainability.effective_kernels import energies_and_gradients

__all__ = [
    "EffectiveAnsatz",
    "algebra_moment",
    "controllable_moment",
    "fisher_rank_ceiling",
    "largest_stable_rate",
    "state_moment",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


@dataclass(frozen=True)
class EffectiveAnsatz:
    """An ansatz inside the space that it reaches.

    Parameters
    ----------
    generators
        Hermitian generators G, shape ``(m, d, d)``, of gates ``exp(-i theta G)``.
    gates
        For each parameter, in the order in which gates act, the index of its generator.
    hamiltonian
        The Hamiltonian in the space, shape ``(d, d)``.
    state
        The start state, normalised, shape ``(d,)``.
    """

    generators: Complex
    gates: tuple[int, ...]
    hamiltonian: Complex
    state: Complex

    def energy_and_gradient(self, theta: ArrayLike) -> tuple[Real, Real]:
        """Return energies, shape ``(S,)``, and their gradients, shape ``(S, P)``.

        Parameters
        ----------
        theta
            Angles in radians, shape ``(S, P)``.
        """
        angles = np.ascontiguousarray(theta, dtype=np.float64)
        if not self.gates:
            energy = float(np.vdot(self.state, self.hamiltonian @ self.state).real)
            return np.full(len(angles), energy), np.zeros((len(angles), 0))
        energies, gradients = energies_and_gradients(angles, *self._compiled)
        return np.asarray(energies), np.asarray(gradients)

    @cached_property
    def _compiled(self) -> tuple[NDArray[np.int64], Real, NDArray[np.int64], Real, Real, Real]:
        """What the compiled function takes beside angles: all in eigenbases of the generators."""
        every, vectors = np.linalg.eigh(self.generators)
        # Equal eigenvalues, of which there are many, need one phase.
        levels = [np.unique(row.round(9), return_inverse=True) for row in every]
        values = np.zeros((len(levels), max(len(different) for different, _ in levels)))
        for row, (different, _) in zip(values, levels, strict=True):
            row[: len(different)] = different
        level = np.array([places for _, places in levels], dtype=np.int64)
        turns = np.einsum("bki,akj->abij", vectors.conj(), vectors, optimize=True)
        first, last = vectors[self.gates[0]], vectors[self.gates[-1]]
        start = _parts(first.conj().T @ self.state)
        inside = _parts((last.conj().T @ self.hamiltonian @ last).T)
        gates = np.array(self.gates, dtype=np.int64)
        return gates, values, level, _parts(np.swapaxes(turns, 2, 3), 2), start, inside

    def kernel(self, theta: ArrayLike) -> Real:
        """Return the tangent kernel Q, shape ``(S,)``, at angles of shape ``(S, P)``."""
        gradient = self.energy_and_gradient(theta)[1]
        return np.asarray((gradient**2).sum(axis=1))


def _parts(array: Complex, axis: int = 0) -> Real:
    """Return real and imaginary parts along a new axis."""
    return np.ascontiguousarray(np.stack([array.real, array.imag], axis=axis))


def _traceless_norm(matrix: Complex) -> float:
    """Return ``tr A_0^2`` of the traceless part of a Hermitian matrix."""
    order = len(matrix)
    return float(np.vdot(matrix, matrix).real - np.trace(matrix).real ** 2 / order)


def controllable_moment(hamiltonian: Complex, generator: Complex) -> float:
    r"""Return :math:`E[(\partial E)^2]` of a gate if the group is SU(d) on the space (P1).

    It is :math:`2\,\mathrm{tr} H_0^2\,\mathrm{tr} G_0^2 / ((d^2 - 1)(d + 1))` with the traceless
    parts of H and G.

    Parameters
    ----------
    hamiltonian, generator
        In the space, shape ``(d, d)``.
    """
    d = len(hamiltonian)
    if d == 1:
        return 0.0
    return 2 * _traceless_norm(hamiltonian) * _traceless_norm(generator) / ((d**2 - 1) * (d + 1))


def state_moment(hamiltonian: Complex, generator: Complex, state: Complex) -> float:
    r"""Return :math:`E[(\partial E)^2]` at a given final state, the gate being far before it (P3).

    It is :math:`2\,\mathrm{tr} G_0^2\,\mathrm{Var}_\psi(H) / (d^2 - 1)`.

    Parameters
    ----------
    hamiltonian, generator
        In the space, shape ``(d, d)``.
    state
        The final state, normalised, shape ``(d,)``.
    """
    d = len(hamiltonian)
    image = hamiltonian @ state
    variance = float(np.vdot(image, image).real - np.vdot(state, image).real ** 2)
    return 2 * _traceless_norm(generator) * variance / (d**2 - 1) if d > 1 else 0.0


def algebra_moment(
    structure: LieStructure, hamiltonian: Complex, generator: Complex, state: Complex
) -> float:
    r"""Return :math:`E[(\partial E)^2]` of a gate from the simple ideals of the algebra (P2).

    .. math::

        \sum_a \frac{\|H_a\|^2\, \|\rho_a\|^2\, \|\mathrm{ad}_{G_a}\|_F^2}{(\dim g_a)^2}

    with the projections of H, G and the start state onto the ideals. It holds if the Hamiltonian
    lies in the algebra (times i); `trainscape.trainability.commutator_graph` does without this, for
    Pauli strings.

    Parameters
    ----------
    structure
        The algebra, of matrices of order d.
    hamiltonian, generator
        Shape ``(d, d)``.
    state
        The start state, normalised, shape ``(d,)``.

    Raises
    ------
    ValueError
        If the Hamiltonian, without its trace, is not in the algebra.
    """
    density = np.outer(state, state.conj())
    inside = _squared_projection(structure.centre, hamiltonian)
    total = 0.0
    for ideal in structure.ideals:
        weight = ideal.squared_norm(hamiltonian)
        inside += weight
        total += (
            weight
            * ideal.squared_norm(density)
            * _adjoint_norm(ideal.basis, generator)
            / ideal.algebra.dimension**2
        )
    whole = float(np.vdot(hamiltonian, hamiltonian).real)
    if inside < _traceless_norm(hamiltonian) - 1e-8 * whole:
        raise ValueError(
            "the Hamiltonian does not lie in the Lie algebra of the generators, so that its ideals "
            "do not determine the gradient; take trainscape.trainability.commutator_graph"
        )
    return total


def _squared_projection(basis: Complex, matrix: Complex) -> float:
    overlaps = (basis.reshape(len(basis), matrix.size).conj() @ matrix.ravel()).real
    return float(overlaps @ overlaps)


def _adjoint_norm(basis: Complex, generator: Complex) -> float:
    """Return the squared Frobenius norm of the bracket with G on an ideal, in its basis."""
    brackets = generator @ basis - basis @ generator
    return float(np.vdot(brackets, brackets).real)


def fisher_rank_ceiling(
    parameters: int, algebra_dimension: int, effective_dimension: int, *, real: bool = False
) -> int:
    r"""Return the largest rank that the quantum Fisher information can have.

    :math:`\min(P, \dim g, 2 (d - 1))`; for a group of real orthogonal matrices and a real start
    state :math:`\min(P, \dim g, d - 1)`.

    Parameters
    ----------
    parameters
        Number of parameters P.
    algebra_dimension
        Dimension of the Lie algebra g.
    effective_dimension
        Effective dimension d.
    real
        Whether group and start state are real in some basis.
    """
    directions = (effective_dimension - 1) * (1 if real else 2)
    return min(parameters, algebra_dimension, directions)


def largest_stable_rate(kernels: Sequence[float] | Real) -> float:
    """Return the learning rate below which the error falls in every first step, ``1 / max Q``.

    Up to twice this rate gradient descent on half the squared error is stable.
    """
    return 1.0 / float(np.max(kernels))
