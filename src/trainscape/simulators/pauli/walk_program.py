"""Compiles a problem for the Pauli walk: its gates as steps, and its pairs of strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford, pauli_terms, primitive_gates
from trainscape.simulators.pauli.program import observable_images
from trainscape.simulators.pauli.string_kernels import CX, CZ, HADAMARD, ROTATION, S_GATE
from trainscape.simulators.pauli.walk_tables import Steps

__all__ = ["WalkProgram", "compile_walk"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

_KINDS = {"H": HADAMARD, "S": S_GATE, "CX": CX, "CZ": CZ}


@dataclass(frozen=True, eq=False)
class WalkProgram:
    """A compiled problem.

    Parameters
    ----------
    steps
        The gates on the light cone, last gate first.
    scales
        Absolute scales of the rotations without repetition, shape ``(C,)``. Rotations of equal
        scale form a class.
    step_of
        The step of the rotation with each parameter of the problem.
    x, z
        The strings of the observable, shape ``(M, n)``.
    first, second
        The two strings of each pair that counts, shape ``(N,)``.
    weights
        What each pair contributes if all mean cosines are 1, shape ``(N,)``.
    """

    steps: Steps
    scales: Real
    step_of: dict[int, int]
    x: Bool
    z: Bool
    first: Int
    second: Int
    weights: Real


def compile_walk(problem: Problem) -> WalkProgram:
    """Compile a problem.

    Parameters
    ----------
    problem
        As for `PauliWalk`.

    Raises
    ------
    ValueError
        If a parameter is used twice, or a constant angle is no multiple of pi/2.
    """
    _check_independence(problem)
    cone = light_cone(near_clifford(problem))
    gates = [
        gate
        for gate in reversed(primitive_gates(cone.problem.circuit))
        if isinstance(gate, PauliRotation) or gate.name in _KINDS
    ]
    rotations = [(step, gate) for step, gate in enumerate(gates) if isinstance(gate, PauliRotation)]
    # Without any rotation there is one class, which is not used.
    scales = np.unique([abs(gate.scale) for _, gate in rotations] or [0.0])
    strings = [_bits(string.label) for _, string in pauli_terms(cone.problem.observable).terms]
    first, second, weights = _pairs(cone.problem)
    return WalkProgram(
        _steps(gates, scales),
        scales,
        {cone.parameters[gate.parameter]: step for step, gate in rotations},
        np.array([x for x, _ in strings]),
        np.array([z for _, z in strings]),
        np.array(first, dtype=np.int64),
        np.array(second, dtype=np.int64),
        weights,
    )


def _check_independence(problem: Problem) -> None:
    positions: dict[int, int] = {}
    for position, gate in enumerate(problem.circuit.gates):
        if isinstance(gate, PauliRotation | Evolution) and gate.parameter is not None:
            if gate.parameter in positions:
                raise ValueError(
                    f"gates {positions[gate.parameter]} and {position} share parameter "
                    f"{gate.parameter}; the Pauli walk needs independent angles: give each "
                    "rotation a parameter of its own"
                )
            positions[gate.parameter] = position


def _steps(gates: Sequence[PauliRotation | FixedGate], scales: Real) -> Steps:
    """Write gates as steps, with the class of each rotation among `scales`."""
    kinds, scale_of, letters = [], [], []
    for gate in gates:
        if isinstance(gate, PauliRotation):
            kinds.append(ROTATION)
            scale_of.append(abs(gate.scale))
            letters.append(gate.pauli)
        else:
            kinds.append(_KINDS[gate.name])
            scale_of.append(0.0)
            letters.append("I" * len(gate.qubits))
    return Steps(
        np.array(kinds, dtype=np.uint8),
        np.searchsorted(scales, np.array(scale_of)).astype(np.int32),
        np.cumsum([0, *(len(gate.qubits) for gate in gates)], dtype=np.int32),
        np.array([qubit for gate in gates for qubit in gate.qubits], dtype=np.int32),
        *_bits("".join(letters)),
    )


def _bits(letters: str) -> tuple[Bool, Bool]:
    """Return which letters have an x part (X, Y), and which have a z part (Z, Y)."""
    codes = np.frombuffer(letters.encode(), dtype=np.uint8)
    y = codes == ord("Y")
    return (codes == ord("X")) | y, (codes == ord("Z")) | y


def _pairs(problem: Problem) -> tuple[list[int], list[int], Real]:
    """Return the pairs of strings that can count, and their weights at mean cosines of 1.

    First come the strings with themselves, then the pairs of different strings. The product of the
    two strings must end as a string of I and Z, so that their images under the fixed gates have
    equal x parts, and the strings must commute.
    """
    coefficients = [weight for weight, _ in pauli_terms(problem.observable).terms]
    first = list(range(len(coefficients)))
    second = list(first)
    weights = [coefficient**2 for coefficient in coefficients]
    if len(coefficients) > 1:
        images = observable_images(problem)
        groups: dict[bytes, list[int]] = {}
        for index, image in enumerate(images):
            groups.setdefault(image.to_numpy(bit_packed=True)[0].tobytes(), []).append(index)
        for group in groups.values():
            for position, one in enumerate(group):
                for other in group[:position]:
                    sign = (images[one] * images[other]).sign
                    if sign.imag == 0:
                        first.append(one)
                        second.append(other)
                        weights.append(2.0 * coefficients[one] * coefficients[other] * sign.real)
    return first, second, np.array(weights)
