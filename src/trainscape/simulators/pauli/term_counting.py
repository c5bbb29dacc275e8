"""Estimates how many terms a Pauli propagation takes, by a run that stops early, and its cost."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import single_inputs
from trainscape.circuits.periodic_angles import LARGEST_ANGLE
from trainscape.simulators.contract import Cost, Quantity
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.propagation_kernels import propagate
from trainscape.simulators.pauli.propagation_program import (
    FULL_TERMS,
    LARGEST_SIZE,
    OPERATIONS_DONE,
    REPORT_LENGTH,
    SLOT_BYTES,
    TAPE_BYTES,
    TOUCHED_TERMS,
    Limits,
    Program,
)
from trainscape.simulators.shifted_gradients import separate

__all__ = ["count_terms", "exact_cosines_and_sines", "propagation_cost"]

Real = NDArray[np.float64]

MAX_TERMS = 2**13
"""Number of terms at which the run stops."""

MAX_TAPE = 2**22
"""Number of touched terms on the tape at which a run with gradient stops."""

# Seconds for one term that one rotation touches, and for one that it only tests; measured at 1e3 to
# 1e5 terms on one 2.6 GHz core.
_SECONDS_PER_VALUE, _SECONDS_PER_GRADIENT = 2.0e-8, 7.0e-8
_SECONDS_PER_TERM = 1.0e-9

# A cosine or sine below this is the rounding error of a multiple of pi/2, and is taken as zero.
_TOLERANCE = 4e-16


def count_terms(program: Program, angles: Real, with_gradient: bool) -> tuple[float, float]:
    """Return the numbers of terms of a propagation at these angles, shape ``(K,)``.

    Returns
    -------
    terms : float
        Largest number of terms at one time.
    touched : float
        Number of touched terms, summed over all rotations.

    Notes
    -----
    If the run stops early, the number of terms is taken to grow on at its mean rate.
    """
    rotations = len(program.kinds)
    report = np.empty(REPORT_LENGTH)
    limits = Limits(0.0, -1, -1, 0.0, MAX_TERMS, MAX_TAPE if with_gradient else 2**62)
    cosines, sines = exact_cosines_and_sines(angles)
    slopes, doubts = np.empty(rotations), np.empty(rotations)
    status = propagate(program, limits, cosines, sines, with_gradient, slopes, doubts, report)
    terms, touched = max(report[LARGEST_SIZE], 1.0), report[TOUCHED_TERMS]
    done = int(report[OPERATIONS_DONE])
    if status == 0:
        return terms, touched
    if status == FULL_TERMS:
        terms = float(MAX_TERMS)
    # Logarithm of the growth for each further rotation, and the terms at all of them.
    growth = math.log(terms / len(program.weights)) / max(done, 1)
    logs = math.log(terms) + growth * np.arange(1, rotations - done + 1)
    later = np.exp(np.minimum(logs, min(math.log(4.0) * program.terms.shape[1] * 32, 600.0)))
    return max(terms, float(later.max(initial=0.0))), touched + 0.5 * float(later.sum())


def exact_cosines_and_sines(angles: Real) -> tuple[Real, Real]:
    """Return cosines and sines; those that are zero up to the rounding of the angle are 0.0.

    Beyond `LARGEST_ANGLE` the tolerance does not grow with the angle, because every large number
    lies within its own rounding of a multiple of pi/2.
    """
    cosines, sines = np.cos(angles), np.sin(angles)
    tolerance = _TOLERANCE * np.clip(np.abs(angles), 1.0, LARGEST_ANGLE)
    at_zero, at_quarter = np.abs(sines) < tolerance, np.abs(cosines) < tolerance
    sines = np.where(at_zero, 0.0, np.where(at_quarter, np.sign(sines), sines))
    cosines = np.where(at_quarter, 0.0, np.where(at_zero, np.sign(cosines), cosines))
    return cosines, sines


def propagation_cost(problem: Problem, quantity: Quantity, batch: int, theta: Real | None) -> Cost:
    """Return what `PauliPropagation.cost` does, at these angles or generic ones."""
    cone = light_cone(single_inputs(problem)[0])
    program = compile_program(cone.problem)
    rotations = len(program.kinds)
    if theta is None:
        angles = (0.3 + np.arange(rotations) % 7 * 0.4)[None]
    else:
        angles = (
            program.scales
            * cone.restrict(problem.circuit.check_parameters(theta)[:3])[:, program.parameters]
        )
    # Only at exact Clifford angles there are terms for the gradient alone.
    with_gradient = quantity != Quantity.VALUE and theta is not None
    if quantity in (Quantity.HESSIAN, Quantity.HESSIAN_VECTOR_PRODUCT):
        batch *= 2 * len(separate(problem).fold)
    counts = [count_terms(program, row, with_gradient) for row in angles]
    terms, touched = (
        max(count[0] for count in counts),
        float(np.mean([count[1] for count in counts])),
    )
    terms = min(terms, 4.0 ** min(cone.problem.circuit.num_qubits, 500))
    seconds = (
        batch
        * problem.num_inputs
        * (
            touched * (_SECONDS_PER_VALUE if quantity == Quantity.VALUE else _SECONDS_PER_GRADIENT)
            + rotations * (1e-7 + min(terms, touched) * _SECONDS_PER_TERM)
        )
        + 1e-6
    )
    slots = 2 * terms * (SLOT_BYTES + 8 * program.terms.shape[1])
    tape = TAPE_BYTES * touched if quantity != Quantity.VALUE else TAPE_BYTES * terms
    return Cost(min(seconds, 1e300), int(min(slots + tape + 2**16, 1e300)))
