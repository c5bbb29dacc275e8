r"""Loss and gradient of a noisy circuit from a finite number of measurement outcomes.

As in `trainscape.training.measurement`, terms of the observable that commute qubit by qubit are
measured together, and each derivative comes from outcomes at two shifted angles. Here the circuit
may have noise and parameters may be shared: every rotation has two settings of its own, and its
derivative counts with the factor of its parameter,

.. math:: \hat g_j = \sum_{r \in j} \frac{s_r}{2} \left[ \hat C_r(\pi/2) - \hat C_r(-\pi/2) \right].

One gradient takes 2 M outcomes for each rotation and each group of terms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.density.engine import Density
from trainscape.simulators.density.operations import Rotation
from trainscape.simulators.density.pauli_vectors import observable_vector
from trainscape.simulators.density.shifted_values import shifted_values
from trainscape.training.measurement import OutcomeGroup, measurement_groups, outcome_group

__all__ = ["NoisyMeasuredLoss"]

Real = NDArray[np.float64]


class NoisyMeasuredLoss:
    """Draws measurement outcomes of a noisy circuit, and estimates loss and gradient from them.

    Parameters
    ----------
    problem
        Circuit of at most eight qubits, all in the light cone of the observable, a Pauli sum.
        Every gate with a parameter is a Pauli rotation after lowering.
    shots
        Outcomes M for each group of terms and each setting of the angles.

    Raises
    ------
    ValueError
        If a gate has a parameter and is no rotation, or without shots.
    """

    def __init__(self, problem: Problem, shots: int) -> None:
        if shots < 1:
            raise ValueError(f"a measurement takes at least one shot, not {shots}")
        assert isinstance(problem.observable, PauliSum)
        self.shots = shots
        self.engine = Density(problem)
        varied = [one for one in self.engine.maps if one.parameter is not None]
        if not all(isinstance(one, Rotation) for one in varied):
            raise ValueError(
                "the parameter-shift rule needs rotations about Pauli products; the circuit has an "
                "evolution under terms that do not commute: write it as Trotter steps"
            )
        if self.engine.cone.problem.circuit.num_qubits != problem.circuit.num_qubits:
            raise ValueError("the observable does not depend on all qubits; leave the others out")
        # The constant parameter of a lowered circuit, if there is one, is the last.
        count = problem.circuit.num_parameters
        self._fold = np.zeros((len(varied), count))
        for place, one in enumerate(varied):
            parameter = self.engine.cone.parameters[one.parameter or 0]
            if parameter < count:
                self._fold[place, parameter] = one.scale
        self.groups = [
            outcome_group(basis, terms) for basis, terms in measurement_groups(problem.observable)
        ]
        self._projectors = np.concatenate([_projectors(group) for group in self.groups])

    def __call__(self, theta: Real, generators: Sequence[np.random.Generator]) -> tuple[Real, Real]:
        """Measure once at each parameter vector.

        Parameters
        ----------
        theta
            Parameters in radians, shape ``(S, P)``.
        generators
            One random stream for each parameter vector.

        Returns
        -------
        loss, gradient
            Estimates without bias, shapes ``(S,)`` and ``(S, P)``.
        """
        exact = shifted_values(self.engine, theta, self._projectors)
        # Settings: the angles themselves, then all shifts.
        probabilities = np.concatenate([exact.values[:, :, None], exact.plus, exact.minus], axis=2)
        measured = np.zeros(probabilities.shape[1:])
        first = 0
        for group in self.groups:
            own = probabilities[first : first + len(group.levels)].transpose(1, 2, 0).clip(min=0)
            own /= own.sum(axis=2, keepdims=True)
            first += len(group.levels)
            for sample, rng in enumerate(generators):
                drawn = rng.multinomial(self.shots, own[sample])
                measured[sample] += drawn @ group.levels / self.shots
        rotations = len(self._fold)
        slopes = (measured[:, 1 : 1 + rotations] - measured[:, 1 + rotations :]) / 2
        return measured[:, 0], slopes @ self._fold


def _projectors(group: OutcomeGroup) -> Real:
    """Return the Pauli components of the projectors on the outcomes, shape ``(V, 4**n)``."""
    rows = []
    for members in group.members.T:
        terms = []
        for weight, string in PauliSum.of_diagonal(members).terms:
            letters = (
                b if a == "Z" else "I" for a, b in zip(string.label, group.basis, strict=True)
            )
            terms.append((weight, "".join(letters)))
        rows.append(observable_vector(PauliSum.of(terms)))
    return np.array(rows)
