r"""The loss of a network of sectors at every shift of every parameter, all at once.

Estimates by the parameter-shift rule need the losses :math:`f(\theta + s_\mu e_k)` for all
parameters :math:`k`. With the states :math:`\phi_k` before gate :math:`k` and the operator
:math:`B_k` of all that follows it, both in the eigenbasis of the gate, each is

.. math:: \sum_{\text{wrong outcomes}} |B_k\, e^{ia(\theta_k + s_\mu)} \phi_k|^2 ,

so that one sweep forwards and one backwards replace ``p`` simulations for each shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem

__all__ = ["ShiftedLosses"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

GATES = 256
"""Gates that are treated at once, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class _Block:
    """A block in the eigenbases of its Hamiltonian and its gate."""

    energies: Real
    vectors: Real
    angles: Real
    turn: Real
    inputs: Real
    wrong: NDArray[np.bool_]
    rows: NDArray[np.bool_]

    @classmethod
    def of(cls, block: SectorBlock) -> _Block:
        energies, vectors = np.linalg.eigh(block.hamiltonian)
        angles, gate_vectors = np.linalg.eigh(block.gate)
        wrong = ~block.accepted
        rows = np.asarray(wrong.any(axis=1))
        turn = vectors.T @ gate_vectors
        return cls(energies, vectors, angles, turn, vectors.T @ block.inputs, wrong[rows], rows)

    def sweeps(self, theta: Real, times: Real) -> tuple[Complex, Complex]:
        """Return ``B_k`` and ``phi_k`` of all gates, shapes ``(p, w, D)`` and ``(p, D, c)``."""
        first, last, *middle = times
        waits = np.exp(1j * np.outer(middle, self.energies))
        gates = np.exp(1j * np.outer(theta, self.angles))
        states = np.empty((len(theta), *self.inputs.shape), dtype=np.complex128)
        state = np.exp(-1j * self.energies * first)[:, None] * self.inputs
        for k in range(len(theta) - 1, -1, -1):
            states[k] = self.turn.T @ (waits[k][:, None] * state)
            state = waits[k].conj()[:, None] * (self.turn @ (gates[k][:, None] * states[k]))
        after = (self.vectors * np.exp(1j * self.energies * last))[self.rows]
        operators = np.empty((len(theta), *after.shape), dtype=np.complex128)
        for k in range(len(theta)):
            operators[k] = (after * waits[k].conj()) @ self.turn
            after = ((operators[k] * gates[k]) @ self.turn.T) * waits[k]
        return operators, states

    def losses(self, theta: Real, times: Real, shifts: Real) -> Real:
        """Return the summed losses of the inputs, shape ``(p, shifts)``."""
        operators, states = self.sweeps(theta, times)
        sums = np.empty((len(theta), len(shifts)))
        for start in range(0, len(theta), GATES):
            part = slice(start, start + GATES)
            for column, shift in enumerate(shifts):
                turned = np.exp(1j * np.outer(theta[part] + shift, self.angles))
                outcomes = (operators[part] * turned[:, None, :]) @ states[part]
                probabilities = outcomes.real**2 + outcomes.imag**2
                sums[part, column] = (probabilities * self.wrong).sum(axis=(1, 2))
        return sums


class ShiftedLosses:
    """A network whose losses at shifted parameters are wanted.

    Parameters
    ----------
    problem
        Blocks of real symmetric dense matrices, and times.
    """

    def __init__(self, problem: SectorProblem) -> None:
        self._blocks = [_Block.of(block) for block in problem.blocks]
        self._size = problem.size
        self._times = np.asarray(problem.times, dtype=np.float64)

    def __call__(self, theta: Real, shifts: Real) -> Real:
        """Return the mean loss over all inputs for each parameter and shift.

        Parameters
        ----------
        theta
            Parameters, shape ``(p,)``.
        shifts
            What is added to one parameter at a time, shape ``(s,)``; 0 gives the loss itself.

        Returns
        -------
        ndarray
            Probabilities, shape ``(p, s)``.
        """
        sums = np.zeros((len(theta), len(shifts)))
        for block in self._blocks:
            sums += block.losses(theta, self._times, shifts)
        return np.clip(sums / self._size, 0.0, 1.0)
