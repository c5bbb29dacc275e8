"""What the linear Clifford encoder promises at angle zero, checked by state vectors."""

from __future__ import annotations

import math

import numpy as np

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.simulators.statevector.engine import Statevector

__all__ = ["encoder_deviation"]

ANGLE = 0.7
"""t of the check of ``C(t e_k)``: no special angle."""


def encoder_deviation(problem: Problem) -> float:
    """Return the largest deviation from what the encoder promises, over all parameters k.

    Promised are ``|g_k(0)| = 1``, ``C(0) = 0`` and ``C(t e_k) = g_k(0) sin t``, for an observable
    of one Pauli string of weight one (arXiv 2507.06344).
    """
    worst, d = 0.0, problem.circuit.num_parameters
    for k in range(d):
        encoded = Problem(linear_clifford_encoder(problem, k).circuit, problem.observable)
        theta = np.zeros((2, d))
        theta[1, k] = ANGLE
        value, gradient = Statevector(encoded).value_and_gradient(theta)
        slope = gradient[0, k]
        sine = abs(value[1] - slope * math.sin(ANGLE))
        worst = max(worst, abs(abs(slope) - 1), abs(value[0]), sine)
    return float(worst)
