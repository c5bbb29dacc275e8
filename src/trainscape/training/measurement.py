r"""Loss and gradient from measurement outcomes, by the parameter-shift rule.

Terms of the observable that commute qubit by qubit are measured together: all qubits in one basis,
and each outcome gives a value of all terms of the group. With M outcomes for each group and each
setting of the angles, loss and gradient are

.. math::

    \hat C(\theta) &= \sum_g \frac1M \sum_{s=1}^M f_g(b_s), \\ \hat g_k &= \tfrac12\left[\hat
    C(\theta + \tfrac\pi2 e_k) - \hat C(\theta - \tfrac\pi2 e_k)\right],

with new outcomes for each value of :math:`\hat C`. One gradient of D angles takes 2 D M outcomes
for each group, and both estimates are unbiased.

The states at shifted angles are :math:`(\psi \pm 2 \partial_k\psi)/\sqrt2`, since a rotation obeys
:math:`R(t + s) = \cos(s/2) R(t) + 2 \sin(s/2) R'(t)`: one state Jacobian replaces 2 D simulations.
Outcomes with equal :math:`f_g` are drawn together, which is the same distribution.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector

__all__ = [
    "Evaluation",
    "MeasuredLoss",
    "OutcomeGroup",
    "measurement_groups",
    "outcome_group",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

_HALF = 1 / np.sqrt(2)
_TO_Z: dict[str, Complex] = {
    "X": np.array([[_HALF, _HALF], [_HALF, -_HALF]], dtype=np.complex128),
    "Y": np.array([[_HALF, -1j * _HALF], [_HALF, 1j * _HALF]], dtype=np.complex128),
}


def measurement_groups(pauli_sum: PauliSum) -> list[tuple[str, list[tuple[float, PauliString]]]]:
    """Return groups of terms that can be measured together, each with its measurement basis.

    A basis has one letter for each qubit, I where the qubit is not measured. A term joins the first
    group with which it agrees on every qubit that both act on.
    """
    groups: list[tuple[str, list[tuple[float, PauliString]]]] = []
    for weight, string in pauli_sum.terms:
        for place, (basis, terms) in enumerate(groups):
            if all(a == b or "I" in (a, b) for a, b in zip(basis, string.label, strict=True)):
                joined = "".join(
                    b if a == "I" else a for a, b in zip(basis, string.label, strict=True)
                )
                groups[place] = (joined, [*terms, (weight, string)])
                break
        else:
            groups.append((string.label, [(weight, string)]))
    return groups


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Measured and exact loss and gradient at one point; gradients have the shape ``(P,)``.

    Without shots the measured values are the exact ones.
    """

    loss: float
    gradient: Real
    exact_loss: float
    exact_gradient: Real


@dataclass(frozen=True, eq=False)
class OutcomeGroup:
    """The outcomes of a measurement, by the value f of the terms that it measures.

    Parameters
    ----------
    basis
        One letter for each qubit.
    levels
        Values that f takes, shape ``(V,)``.
    members
        1 where a bit string has that value, shape ``(2**n, V)``.
    """

    basis: str
    levels: Real
    members: Real


class MeasuredLoss:
    """Draws measurement outcomes, and estimates loss and gradient from them.

    Parameters
    ----------
    problem
        Circuit of fixed gates and Pauli rotations, each with a parameter of its own and the scale 1
        or -1; a Pauli sum.
    shots
        Outcomes M for each group and each setting of the angles.

    Raises
    ------
    ValueError
        If the parameter-shift rule does not hold for the circuit, or without shots.
    """

    def __init__(self, problem: Problem, shots: int) -> None:
        rotations = [gate for gate in problem.circuit.gates if isinstance(gate, PauliRotation)]
        users = Counter(gate.parameter for gate in rotations)
        if any(abs(gate.scale) != 1 for gate in rotations) or any(
            count > 1 for count in users.values()
        ):
            raise ValueError(
                "the parameter-shift rule needs rotations that each have a parameter of their own, "
                "with the scale 1 or -1"
            )
        if shots < 1:
            raise ValueError(f"a measurement takes at least one shot, not {shots}")
        assert isinstance(problem.observable, PauliSum)
        self.shots = shots
        self.engine = Statevector(problem, reduce=False)
        self.groups = [
            outcome_group(basis, terms) for basis, terms in measurement_groups(problem.observable)
        ]

    def __call__(self, theta: Real, rng: np.random.Generator) -> Evaluation:
        """Measure at the angles `theta`, shape ``(P,)``, in radians."""
        state = self.engine.state(theta[None])[0]
        tangents = 2 * self.engine.jacobian(theta[None])[0]
        states = np.concatenate(
            [state[None], (state + tangents) * _HALF, (state - tangents) * _HALF]
        )
        measured, exact = np.zeros(len(states)), np.zeros(len(states))
        for group in self.groups:
            probabilities = np.abs(_rotated(states, group.basis)) ** 2 @ group.members
            probabilities /= probabilities.sum(axis=1, keepdims=True)
            measured += rng.multinomial(self.shots, probabilities) @ group.levels / self.shots
            exact += probabilities @ group.levels
        halves = [
            (values[1 : len(theta) + 1] - values[len(theta) + 1 :]) / 2
            for values in (measured, exact)
        ]
        return Evaluation(float(measured[0]), halves[0], float(exact[0]), halves[1])


def outcome_group(basis: str, terms: list[tuple[float, PauliString]]) -> OutcomeGroup:
    """Return the outcomes of terms that are measured in one basis."""
    n = len(basis)
    indices = np.arange(2**n)
    values = np.zeros(2**n)
    for weight, string in terms:
        parity = sum(indices >> (n - 1 - qubit) & 1 for qubit in string.support) % 2
        values += weight * (1 - 2 * parity)
    levels, place = np.unique(values.round(12), return_inverse=True)
    return OutcomeGroup(basis, levels, np.eye(len(levels))[place])


def _rotated(states: Complex, basis: str) -> Complex:
    """Return states with each qubit turned so that its letter becomes Z."""
    n = len(basis)
    for qubit, letter in enumerate(basis):
        if letter in _TO_Z:
            states = np.matmul(_TO_Z[letter], states.reshape(-1, 2, 2 ** (n - 1 - qubit))).reshape(
                len(states), -1
            )
    return states
