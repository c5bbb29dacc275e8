r"""The derivative near a Clifford point as a single Pauli path.

At angle zero, only one path contributes to the derivative of a Pauli string P by :math:`\theta_k`.
With :math:`t_j = s_j \theta_j`, its contribution at any angles is

.. math:: \hat g_k(\theta) = w\, s_k\, g \cos t_k \prod_{j \in A} \cos t_j, \qquad
   g \in \{-1, 0, 1\},

where A are the other rotations that anticommute with the string when it passes them. For
independent angles, symmetric about zero, all other paths are orthogonal to it and have mean zero,
so that

.. math:: E[g_k] = E[\hat g_k] = w s_k g \prod_{j \in A \cup k} E[\cos t_j], \qquad
   E[g_k^2] \ge E[\hat g_k^2] = w^2 s_k^2 g^2 \prod_{j \in A \cup k} (1 - E[\sin^2 t_j]) .

The ratio of the two second moments is the share R^2 of the derivative that this one path, a product
of cosines, explains. Derived here.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import stim
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.clifford import Skeleton, expectation
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.simulators.pauli.moments import Patch

__all__ = ["SinglePathGradient"]

Real = NDArray[np.float64]


class SinglePathGradient:
    """The only Pauli path of a derivative at angle zero.

    Parameters
    ----------
    problem
        Circuit of Clifford gates and Pauli rotations, each parameter used by at most one of them,
        and an observable of one Pauli string.
    parameter
        Index k of the derivative.

    Attributes
    ----------
    slope : float
        The derivative at angle zero: weight times scale times g. If it is zero, the path is zero
        everywhere.
    cosines : tuple of int
        The parameters of A, ascending.

    Raises
    ------
    ValueError
        If the observable has several strings, or if rotations share a parameter.
    """

    def __init__(self, problem: Problem, parameter: int) -> None:
        problem = near_clifford(problem)
        terms = pauli_terms(problem.observable).terms
        if len(terms) != 1:
            raise ValueError(
                f"a single path belongs to one Pauli string, but {problem.observable} has "
                f"{len(terms)}"
            )
        self.problem = problem
        skeleton = Skeleton(problem.circuit)
        users = Counter(rotation.parameter for rotation in skeleton.rotations)
        shared = [index for index, count in users.items() if count > 1]
        if shared:
            raise ValueError(
                f"parameter {shared[0]} is used by {users[shared[0]]} rotations; the path of a "
                "derivative needs independent angles"
            )
        position = skeleton.position(parameter)
        weight, string = terms[0]
        path = skeleton.path(stim.PauliString(string.label), {position})
        sign = 0 if path.end is None else expectation(path.end)
        self.slope = weight * skeleton.rotations[position].scale * sign
        self.cosines = tuple(sorted(skeleton.rotations[other].parameter for other in path.cosines))
        used = [skeleton.rotations[other] for other in sorted({*path.cosines, position})]
        self._parameters = np.array([rotation.parameter for rotation in used], dtype=np.int64)
        self._scales = np.array([rotation.scale for rotation in used])

    def gradient(self, theta: Real) -> Real:
        """Return the contribution of the path, shape ``(S,)``.

        `theta` has shape ``(S, P)``, in radians.
        """
        angles = self.problem.circuit.check_parameters(theta)[:, self._parameters] * self._scales
        return np.asarray(self.slope * np.cos(angles).prod(axis=1))

    def mean(self, patch: Patch) -> float:
        """Return E[g_k], exactly: other paths have mean zero."""
        return self.slope * math.prod(patch.mean_cosine(scale) for scale in self._scales.tolist())

    def second_moment(self, patch: Patch) -> float:
        """Return the second moment of this path, which bounds E[g_k^2] from below."""
        return self.slope**2 * math.prod(
            1.0 - patch.flip_probability(scale) for scale in self._scales.tolist()
        )

    def explained(self, patch: Patch, second_moment: float) -> float:
        """Return R^2, the share of E[g_k^2] that this path explains.

        `second_moment` is E[g_k^2], for example from `PauliWalk.gradient_moment`.
        """
        return self.second_moment(patch) / second_moment
