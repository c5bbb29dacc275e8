r"""Hessians from gradients at shifted angles.

They are for engines with exact gradients that have no second derivatives. In the angle t of a
single gate ``exp(-i t P / 2)`` the loss, and so its gradient, is ``a + b cos t + c sin t``. Hence,
exactly,

.. math:: \partial_t f(t) = \tfrac12 \left[ f(t + \pi/2) - f(t - \pi/2) \right] .

Gates that share a parameter get their own angles first. With ``t_g = s_g theta_{p(g)}`` the Hessian
is ``H_jk = sum s_g s_h H_gh`` over the gates g of parameter j and h of parameter k. It takes two
gradients for each gate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import lower, primitive_gates
from trainscape.circuits.periodic_angles import reduced_angles
from trainscape.simulators.contract import Engine

__all__ = ["Separated", "hessian_by_shifts", "separate"]

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Separated:
    """A problem in which every rotation has its own parameter.

    Parameters
    ----------
    problem
        The lowered problem. If the original one has constant angles, the last parameter stands for
        them and must be 1.
    fold
        Derivatives of the angles by the old parameters, shape ``(G, P)``. Each row has one nonzero
        entry, the scale.
    constant
        Whether there is a constant parameter.
    """

    problem: Problem
    fold: Real
    constant: bool

    def angles(self, theta: Real) -> Real:
        """Return the parameters of the new problem at ``theta`` of shape ``(S, P)``.

        The shape is ``(S, G)``, or ``(S, G + 1)`` with a constant.
        """
        # Reduced, so that shifts by pi/2 are not lost in the rounding of a large angle.
        angles = reduced_angles(theta @ self.fold.T)
        return (
            np.concatenate([angles, np.ones((len(theta), 1))], axis=1) if self.constant else angles
        )


def separate(problem: Problem) -> Separated:
    """Give every rotation of a problem its own parameter.

    The problem may have Pauli rotations and fixed gates, after lowering.
    """
    lowered = lower(problem).problem
    count = problem.circuit.num_parameters
    gates = primitive_gates(lowered.circuit)
    varied = [gate for gate in gates if isinstance(gate, PauliRotation) and gate.parameter < count]
    fold = np.zeros((len(varied), count))
    fold[np.arange(len(varied)), [gate.parameter for gate in varied]] = [
        gate.scale for gate in varied
    ]
    new_parameters = iter(range(len(varied)))
    separated: list[PauliRotation | FixedGate] = []
    for gate in gates:
        if isinstance(gate, FixedGate):
            separated.append(gate)
        elif gate.parameter < count:
            separated.append(replace(gate, parameter=next(new_parameters), scale=1.0))
        else:
            separated.append(replace(gate, parameter=len(varied)))
    constant = lowered.circuit.num_parameters > count
    circuit = Circuit(lowered.circuit.num_qubits, len(varied) + constant, tuple(separated))
    return Separated(replace(lowered, circuit=circuit), fold, constant)


def hessian_by_shifts(separated: Separated, engine: Engine, theta: Real) -> Real:
    """Return the Hessian, shape ``(S, P, P)``.

    Parameters
    ----------
    separated
        What `separate` returned for the problem.
    engine
        An engine for ``separated.problem``.
    theta
        Parameters of the original problem, shape ``(S, P)``.
    """
    gates, parameters = separated.fold.shape
    hessians = np.empty((len(theta), parameters, parameters))
    shift = np.zeros((gates, gates + separated.constant))
    shift[np.arange(gates), np.arange(gates)] = np.pi / 2
    for sample, angles in enumerate(separated.angles(theta)):
        gradients = engine.gradient(np.concatenate([angles + shift, angles - shift]))[:, :gates]
        second = (gradients[:gates] - gradients[gates:]) / 2
        hessians[sample] = separated.fold.T @ ((second + second.T) / 2) @ separated.fold
    return hessians
