r"""Powers of gates in closed form.

With the eigenphases of a gate between -pi and pi, -pi excluded, its power is the principal one,

.. math:: U = \sum_j e^{i \varphi_j} |j\rangle\langle j|, \qquad
          U^k = \sum_j e^{i k \varphi_j} |j\rangle\langle j| .

A product of commuting rotations has such a form, also inside of Clifford gates that cancel, and so
has every gate on one qubit whose angles are numbers. Where angles depend on parameters, the power
is the one that is principal, and smooth, around 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation, Step, Template, as_rotations, quarter_turns
from trainscape.circuits.gates import GATE_MATRICES, FixedGate

if TYPE_CHECKING:
    import stim

__all__ = ["power"]

_PI = math.pi
_MAX_PHASE_QUBITS = 10
_MAX_GENERATORS = 6
_MAX_ROTATIONS = 200
# Steps up to which a power is written out, in place of the numbers of one rotation.
_SHORT = 16
_CLOSE = 1e-9
# Angles of gates are multiples of these, so that large powers of them can be exact.
_ANGLE_UNIT, _PHASE_UNIT, _PERIOD = _PI / 8, _PI / 16, 32


def power(template: Template, exponent: float, max_steps: int) -> Template:
    """Return a power of a gate.

    Parameters
    ----------
    template
        The gate; its angles may depend on parameters.
    exponent
        Any finite real number.
    max_steps
        Most steps that the power may have.

    Raises
    ------
    ValueError
        If the power has no closed form here, or too many steps.
    """
    whole = exponent == int(exponent)
    rotations = _commuting(template)
    if rotations is not None:
        if whole:
            return _scaled(template, *rotations, exponent)
        result = _principal(template, *rotations, exponent)
        if result is not None:
            return result
    short = whole and abs(exponent) * len(template.steps) <= _SHORT
    if template.num_qubits == 1 and _is_number(template) and not short:
        return _of_one_qubit(template, exponent)
    if whole:
        if abs(exponent) * len(template.steps) > max_steps:
            raise ValueError(
                f"the power {exponent:.0f} of this gate has no closed form, and written out it has "
                f"more than {max_steps} gates; write the gate that you mean"
            )
        base = template if exponent > 0 else template.inverse()
        return replace(base, steps=base.steps * abs(int(exponent)), phase=template.phase * exponent)
    raise ValueError(
        f"the power {exponent:g} of this gate has no closed form; use an integer, or write the "
        "gate that you mean"
    )


def _is_number(template: Template) -> bool:
    return not template.phase.terms and all(
        isinstance(step, FixedGate) or not step.angle.terms for step in template.steps
    )


# Commuting rotations


def _commuting(template: Template) -> tuple[list[Rotation], Affine] | None:
    """Return rotations that commute and a phase, whose product is the gate, or None."""
    for attempt in (_all_as_rotations, _without_cliffords, _without_turns):
        found = attempt(template)
        if (
            found is not None
            and len(found[0]) <= _MAX_ROTATIONS
            and all(_commute(a, b) for a, b in combinations(found[0], 2))
        ):
            return found
    return None


def _all_as_rotations(template: Template) -> tuple[list[Rotation], Affine] | None:
    rotations: list[Rotation] = []
    phase = template.phase
    for step in template.steps:
        if isinstance(step, Rotation):
            rotations.append(step)
        elif step.name == "H":
            return None
        else:
            parts, own = as_rotations(step)
            rotations += parts
            phase += Affine(own)
    return rotations, phase


def _without_turns(template: Template) -> tuple[list[Rotation], Affine] | None:
    """Return the rotations of a gate whose quarter turns cancel as Clifford gates."""
    steps: list[Step] = []
    phase = template.phase
    for step in template.steps:
        gates = quarter_turns(step)
        if gates is None:
            steps.append(step)
        else:
            steps += gates[0]
            phase += Affine(gates[1])
    return _without_cliffords(replace(template, steps=tuple(steps), phase=phase))


def _without_cliffords(template: Template) -> tuple[list[Rotation], Affine] | None:
    steps: list[Step] = []
    phase = template.phase
    for step in template.steps:
        if isinstance(step, FixedGate) and step.name in ("T", "TDG"):
            parts, own = as_rotations(step)
            steps += parts
            phase += Affine(own)
        else:
            steps.append(step)
    bare = replace(template, steps=tuple(steps)).without_cliffords(turns=False)
    own_phase = _phase([step for step in steps if isinstance(step, FixedGate)])
    if bare is None or own_phase is None:
        return None
    return [step for step in bare.steps if isinstance(step, Rotation)], phase + Affine(own_phase)


def _phase(gates: Sequence[FixedGate]) -> float | None:
    """Return the phase of Clifford gates whose product is a multiple of the identity."""
    places = {
        qubit: place for place, qubit in enumerate(sorted({q for g in gates for q in g.qubits}))
    }
    if len(places) > _MAX_PHASE_QUBITS:
        return None
    state = np.zeros((2,) * len(places), dtype=np.complex128)
    state[(0,) * len(places)] = 1.0
    for gate in gates:
        axes = [places[qubit] for qubit in gate.qubits]
        matrix = _matrix(gate).reshape((2,) * (2 * len(axes)))
        state = np.tensordot(matrix, state, (range(len(axes), 2 * len(axes)), axes))
        state = np.moveaxis(state, range(len(axes)), axes)
    return float(np.angle(state[(0,) * len(places)]))


def _commute(first: Rotation, second: Rotation) -> bool:
    letters = dict(zip(first.qubits, first.pauli, strict=True))
    return (
        not sum(
            letters.get(qubit, own) != own
            for qubit, own in zip(second.qubits, second.pauli, strict=True)
        )
        % 2
    )


def _scaled(
    template: Template, rotations: Iterable[Rotation], phase: Affine, exponent: float
) -> Template:
    """Return the product of rotations with all angles times the exponent."""
    steps = tuple(
        replace(step, angle=_times(step.angle, exponent, _ANGLE_UNIT)) for step in rotations
    )
    return replace(template, steps=steps, phase=_times(phase, exponent, _PHASE_UNIT))


def _times(angle: Affine, exponent: float, unit: float) -> Affine:
    """Return ``angle * exponent``, exactly for integer powers of angles that are parts of pi."""
    scaled = angle * exponent
    units = round(angle.constant / unit) if abs(angle.constant) < 1e6 else 0
    near = abs(angle.constant - units * unit) <= 4e-15 * max(1.0, abs(angle.constant))
    if exponent == int(exponent) and units and near and abs(scaled.constant) > 4 * _PI:
        return replace(scaled, constant=(units * int(exponent)) % _PERIOD * unit)
    return scaled


def _principal(
    template: Template, rotations: Sequence[Rotation], phase: Affine, exponent: float
) -> Template | None:
    """Return the principal power of commuting rotations, or None."""
    basis = _Basis(template.num_qubits)
    signs = []
    for rotation in rotations:
        sign = basis.add(rotation)
        if sign is None:
            return None
        signs.append(sign)
    patterns = list(product((1, -1), repeat=len(basis.words)))

    def value(pattern: Sequence[int], members: Sequence[int], sign: int) -> int:
        return sign * math.prod(pattern[member] for member in members)

    linear = np.array(
        [
            phase.constant
            - sum(
                rotation.angle.constant / 2 * value(pattern, *sign)
                for rotation, sign in zip(rotations, signs, strict=True)
            )
            for pattern in patterns
        ]
    )
    numbers = not phase.terms and not any(rotation.angle.terms for rotation in rotations)
    if not numbers and np.abs(linear).max() > _PI - _CLOSE:
        raise ValueError(
            f"the power {exponent:g} of this gate is not smooth in its parameters, since it has an "
            "eigenvalue -1 where they are 0; write the gate that you mean"
        )
    reduced = _reduced(linear)
    if np.abs(reduced - linear).max() < _CLOSE:
        return _scaled(template, rotations, phase, exponent)
    steps = []
    mean = 0.0
    for members in (
        subset
        for size in range(len(basis.words) + 1)
        for subset in combinations(range(len(basis.words)), size)
    ):
        weights = [value(pattern, members, 1) for pattern in patterns]
        coefficient = float(np.dot(reduced, weights)) / len(patterns)
        if not members:
            mean = coefficient
        elif abs(coefficient) > 1e-15:
            steps.append(basis.rotation(members, -2 * exponent * coefficient))
    return replace(template, steps=tuple(steps), phase=Affine(mean * exponent))


def _reduced(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return phases between -pi and pi; what is -pi up to rounding becomes pi."""
    phases = phases - 2 * _PI * np.round(phases / (2 * _PI))
    return np.where(phases < -_PI + _CLOSE, phases + 2 * _PI, phases)


class _Basis:
    """Independent Pauli words among commuting ones."""

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = num_qubits
        self.words: list[stim.PauliString] = []

    def add(self, rotation: Rotation) -> tuple[tuple[int, ...], int] | None:
        """Return a word as a product of members of the basis, and its sign."""
        import stim

        letters = dict(zip(rotation.qubits, rotation.pauli, strict=True))
        word = stim.PauliString(
            "".join(letters.get(qubit, "_") for qubit in range(self.num_qubits))
        )
        for size in range(len(self.words) + 1):
            for members in combinations(range(len(self.words)), size):
                made = self._product(members)
                if made in (word, -word):
                    return members, 1 if made == word else -1
        if len(self.words) == _MAX_GENERATORS:
            return None
        self.words.append(word)
        return (len(self.words) - 1,), 1

    def _product(self, members: Iterable[int]) -> stim.PauliString:
        import stim

        made = stim.PauliString(self.num_qubits)
        for member in members:
            made *= self.words[member]
        return made

    def rotation(self, members: Iterable[int], angle: float) -> Rotation:
        made = self._product(members)
        support = tuple(made.pauli_indices())
        return Rotation(
            "".join("_XYZ"[made[qubit]] for qubit in support),
            support,
            Affine(angle * made.sign.real),
        )


# One qubit


def _matrix(step: Step) -> NDArray[np.complex128]:
    """Return the matrix of a fixed gate, or of a rotation of one letter by a number."""
    if isinstance(step, FixedGate):
        return GATE_MATRICES[step.name]
    half = step.angle.constant / 2
    return math.cos(half) * np.eye(2) - 1j * math.sin(half) * GATE_MATRICES[step.pauli]


def _of_one_qubit(template: Template, exponent: float) -> Template:
    """Return the principal power of a gate on one qubit, as a rotation about its axis."""
    matrix = np.eye(2, dtype=np.complex128)
    for step in template.steps:
        matrix = _matrix(step) @ matrix
    half = float(np.angle(np.linalg.det(matrix))) / 2
    special = matrix * np.exp(-1j * half)
    axis = np.array([-np.trace(special @ GATE_MATRICES[letter]).imag / 2 for letter in "XYZ"])
    length = float(np.linalg.norm(axis))
    angle = 2 * math.atan2(length, float(np.trace(special).real) / 2)
    phase = half + template.phase.constant
    upper, lower = _reduced(np.array([phase + angle / 2, phase - angle / 2]))
    total = _times(Affine(float(upper + lower) / 2), exponent, _PHASE_UNIT)
    if length < 1e-15:
        return replace(template, steps=(), phase=total)
    turn = _times(Affine(float(upper - lower)), exponent, _ANGLE_UNIT).constant
    if not turn:
        return replace(template, steps=(), phase=total)
    polar = math.atan2(math.hypot(axis[0], axis[1]), axis[2])
    around = math.atan2(axis[1], axis[0])
    return replace(template, steps=tuple(_about(polar, around, turn)), phase=total)


def _about(polar: float, around: float, turn: float) -> Iterator[Rotation]:
    """Yield the rotation about an axis, given by its angles on the sphere."""
    yield Rotation("Z", (0,), Affine(-around))
    yield Rotation("Y", (0,), Affine(-polar))
    yield Rotation("Z", (0,), Affine(turn))
    yield Rotation("Y", (0,), Affine(polar))
    yield Rotation("Z", (0,), Affine(around))
