"""Compiles a problem for the Pauli walk: its gates as steps, and its pairs of strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.circuits.layered import LayeredCircuit, LayeredProblem
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford, pauli_terms, primitive_gates
from trainscape.simulators.pauli.program import observable_images
from trainscape.simulators.pauli.string_kernels import CX, CZ, HADAMARD, ROTATION, S_GATE
from trainscape.simulators.pauli.walk_tables import Steps

__all__ = ["WalkProgram", "compile_layers", "compile_walk"]

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
        The step of the rotation with each parameter of the problem, counted over all repetitions.
    x, z
        The strings of the observable, shape ``(M, n)``.
    first, second
        The two strings of each pair that counts, shape ``(N,)``.
    weights
        What each pair contributes if all mean cosines are 1, shape ``(N,)``.
    """

    steps: Steps
    scales: Real
    step_of: Mapping[int, int]
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
    gates = _walked(primitive_gates(cone.problem.circuit))
    rotations = [(step, gate) for step, gate in enumerate(gates) if isinstance(gate, PauliRotation)]
    # Without any rotation there is one class, which is not used.
    scales = np.unique([abs(gate.scale) for _, gate in rotations] or [0.0])
    strings = [_bits(string.label) for _, string in pauli_terms(cone.problem.observable).terms]
    first, second, weights = _pairs(cone.problem)
    return WalkProgram(
        _steps([gates], [1], scales),
        scales,
        {cone.parameters[gate.parameter]: step for step, gate in rotations},
        np.array([x for x, _ in strings]),
        np.array([z for _, z in strings]),
        np.array(first, dtype=np.int64),
        np.array(second, dtype=np.int64),
        weights,
    )


def compile_layers(problem: LayeredProblem) -> WalkProgram:
    """Compile a layered problem, each of its layers once; it is not reduced to its light cone.

    Raises
    ------
    ValueError
        If a fixed gate is no Clifford gate that is known here.
    """
    circuit = problem.circuit
    for part in circuit.parts:
        for gate in part.fixed:
            if gate.name not in (*_KINDS, "X", "Y", "Z"):
                raise ValueError(
                    f"the gate {gate.name} on qubits {gate.qubits} of a layer is none of "
                    f"{', '.join(_KINDS)}, X, Y, Z; write it with these"
                )
    walked = [
        (_walked(part.gates), part.repetitions)
        for part in reversed(circuit.parts)
        if _walked(part.gates)
    ]
    scales = np.unique(
        [abs(gate.scale) for part in circuit.parts for gate in part.rotations] or [0.0]
    )
    x, z = _bits(problem.string.label)
    only = np.zeros(1, dtype=np.int64)
    return WalkProgram(
        _steps([gates for gates, _ in walked], [count for _, count in walked], scales),
        scales,
        _LayeredSteps(circuit),
        x[None],
        z[None],
        only,
        only,
        np.ones(1),
    )


def _walked(gates: Sequence[Gate]) -> list[PauliRotation | FixedGate]:
    """Return the gates that a walk meets, last gate first: X, Y and Z change no string."""
    return [
        gate
        for gate in reversed(gates)
        if isinstance(gate, PauliRotation) or (isinstance(gate, FixedGate) and gate.name in _KINDS)
    ]


class _LayeredSteps(Mapping[int, int]):
    """The steps of the rotations of a layered circuit, computed instead of held."""

    def __init__(self, circuit: LayeredCircuit) -> None:
        self._circuit = circuit
        self._lengths = [len(_walked(part.gates)) for part in circuit.parts]

    def __getitem__(self, parameter: int) -> int:
        if not 0 <= parameter < len(self):
            raise KeyError(parameter)
        index, repetition, place = self._circuit.located(parameter)
        parts = self._circuit.parts
        later = sum(
            length * part.repetitions
            for length, part in zip(self._lengths[index + 1 :], parts[index + 1 :], strict=True)
        )
        rounds = parts[index].repetitions - repetition - 1
        return later + rounds * self._lengths[index] + len(_walked(parts[index].gates[place + 1 :]))

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return self._circuit.num_parameters


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


def _steps(
    parts: Sequence[Sequence[PauliRotation | FixedGate]], repetitions: Sequence[int], scales: Real
) -> Steps:
    """Write the gates of parts as steps, with the class of each rotation among `scales`."""
    kinds, scale_of, letters = [], [], []
    gates = [gate for part in parts for gate in part]
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
        np.cumsum([0, *map(len, parts)], dtype=np.int64),
        np.array(repetitions, dtype=np.int64),
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
