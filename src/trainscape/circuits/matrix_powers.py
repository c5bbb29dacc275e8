"""Powers of gates on few qubits whose angles are numbers, by the eigenvectors of their matrices.

On one qubit the power is a rotation about the axis of the gate, on two to four a unitary by its
matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation, Step, Template
from trainscape.circuits.gates import GATE_MATRICES, MAX_UNITARY_QUBITS, FixedGate, Unitary

__all__ = [
    "ANGLE_UNIT",
    "CLOSE",
    "PHASE_UNIT",
    "applied",
    "power_of_numbers",
    "principal_phases",
    "times",
]

Complex = NDArray[np.complex128]

CLOSE = 1e-9
"""Eigenphases as close as this to -pi are pi."""

ANGLE_UNIT = math.pi / 8
"""Angles of the common gates are multiples of it, so that large powers of them can be exact."""

PHASE_UNIT = math.pi / 16
"""Their phases are multiples of it."""

_PERIOD = 32
# Powers up to this keep nine digits of eigenphases that have sixteen.
_MAX_EXPONENT = 1e6


def power_of_numbers(template: Template, exponent: float) -> Template | None:
    """Return the principal power of a gate.

    It is None if angles depend on parameters, if the gate has no qubit or more than four, or if the
    power is so large that rounding errors would show.
    """
    size = template.num_qubits
    if not 1 <= size <= MAX_UNITARY_QUBITS or template.phase.terms:
        return None
    if any(isinstance(step, Rotation) and step.angle.terms for step in template.steps):
        return None
    matrix: Complex = np.eye(2**size, dtype=np.complex128)
    for step in template.steps:
        matrix = applied(step, matrix.reshape((2,) * size + (-1,))).reshape(2**size, -1)
    matrix = matrix * np.exp(1j * template.phase.constant)
    if size == 1:
        return _of_one_qubit(matrix, template, exponent)
    if abs(exponent) > _MAX_EXPONENT:
        return None
    import scipy.linalg

    # The Schur form of a normal matrix is diagonal, and its vectors are orthogonal also where
    # eigenvalues are equal.
    triangle, vectors = scipy.linalg.schur(matrix, output="complex")
    phases = principal_phases(np.angle(np.diag(triangle)))
    powered = (vectors * np.exp(1j * exponent * phases)) @ vectors.conj().T
    step = Unitary.of(powered, tuple(range(size)))
    return replace(template, steps=(step,), phase=Affine())


def applied(step: Step, state: Complex) -> Complex:
    """Return a step without parameters applied to the first axes of an array, each of length 2."""
    if isinstance(step, Rotation):
        turned = state
        for letter, qubit in zip(step.pauli, step.qubits, strict=True):
            turned = applied(FixedGate(letter, (qubit,)), turned)
        half = step.angle.constant / 2
        return math.cos(half) * state - 1j * math.sin(half) * turned
    count = len(step.qubits)
    matrix = GATE_MATRICES[step.name] if isinstance(step, FixedGate) else step.array()
    tensor = matrix.reshape((2,) * (2 * count))
    moved = np.tensordot(tensor, state, (range(count, 2 * count), step.qubits))
    return np.moveaxis(moved, range(count), step.qubits)


def times(angle: Affine, exponent: float, unit: float) -> Affine:
    """Return ``angle * exponent``, exactly for integer powers of angles that are parts of pi."""
    scaled = angle * exponent
    if exponent == int(exponent) and abs(scaled.constant) > 4 * math.pi and _whole(angle, unit):
        units = round(angle.constant / unit)
        return replace(scaled, constant=(units * int(exponent)) % _PERIOD * unit)
    return scaled


def _whole(angle: Affine, unit: float) -> bool:
    """Return whether the constant of an angle is a multiple of a unit, up to rounding."""
    units = angle.constant / unit
    return abs(units) < 1e6 and abs(units - round(units)) <= 1e-14 * max(1.0, abs(units))


def principal_phases(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return phases between -pi and pi; what is -pi up to rounding becomes pi."""
    phases = phases - 2 * math.pi * np.round(phases / (2 * math.pi))
    return np.where(phases < -math.pi + CLOSE, phases + 2 * math.pi, phases)


def _of_one_qubit(matrix: Complex, template: Template, exponent: float) -> Template | None:
    """Return the power of a matrix of order 2, as a rotation about its axis."""
    phase = float(np.angle(np.linalg.det(matrix))) / 2
    special = matrix * np.exp(-1j * phase)
    axis = np.array([-np.trace(special @ GATE_MATRICES[letter]).imag / 2 for letter in "XYZ"])
    length = float(np.linalg.norm(axis))
    angle = 2 * math.atan2(length, float(np.trace(special).real) / 2)
    upper, lower = principal_phases(np.array([phase + angle / 2, phase - angle / 2]))
    mean, turn = Affine(float(upper + lower) / 2), Affine(float(upper - lower))
    exact = _whole(mean, PHASE_UNIT) and _whole(turn, ANGLE_UNIT)
    if abs(exponent) > _MAX_EXPONENT and not exact:
        return None
    total = times(mean, exponent, PHASE_UNIT)
    turned = times(turn, exponent, ANGLE_UNIT).constant
    if length < 1e-15 or not turned:
        return replace(template, steps=(), phase=total)
    polar = math.atan2(math.hypot(axis[0], axis[1]), axis[2])
    around = math.atan2(axis[1], axis[0])
    return replace(template, steps=tuple(_about(polar, around, turned)), phase=total)


def _about(polar: float, around: float, turn: float) -> Iterator[Rotation]:
    """Yield the rotation about an axis, given by its angles on the sphere."""
    yield Rotation("Z", (0,), Affine(-around))
    yield Rotation("Y", (0,), Affine(-polar))
    yield Rotation("Z", (0,), Affine(turn))
    yield Rotation("Y", (0,), Affine(polar))
    yield Rotation("Z", (0,), Affine(around))
