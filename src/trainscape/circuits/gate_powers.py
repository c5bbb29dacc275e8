r"""Powers of gates in closed form.

With the eigenphases of a gate between -pi and pi, -pi excluded, its power is the principal one,

.. math:: U = \sum_j e^{i \varphi_j} |j\rangle\langle j|, \qquad
          U^k = \sum_j e^{i k \varphi_j} |j\rangle\langle j| .

A product of commuting rotations has such a form, also inside of Clifford gates that cancel, and so
has every gate on few qubits whose angles are numbers (`trainscape.circuits.matrix_powers`). Where
angles depend on parameters, the power is the one that is principal, and smooth, around 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation, Step, Template, as_rotations, quarter_turns
from trainscape.circuits.gates import FixedGate, Unitary
from trainscape.circuits.matrix_powers import (
    ANGLE_UNIT,
    CLOSE,
    PHASE_UNIT,
    applied,
    power_of_numbers,
    principal_phases,
    times,
)

if TYPE_CHECKING:
    import stim

__all__ = ["power"]

_PI = math.pi
_MAX_PHASE_QUBITS = 10
_MAX_GENERATORS = 6
_MAX_ROTATIONS = 200
# Steps up to which a power is written out, in place of the numbers of one rotation.
_SHORT = 16


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
    if not short:
        result = power_of_numbers(template, exponent)
        if result is not None:
            return result
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
        elif isinstance(step, Unitary) or step.name == "H":
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
        state = applied(replace(gate, qubits=tuple(places[qubit] for qubit in gate.qubits)), state)
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
        replace(step, angle=times(step.angle, exponent, ANGLE_UNIT)) for step in rotations
    )
    return replace(template, steps=steps, phase=times(phase, exponent, PHASE_UNIT))


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
    if not numbers and np.abs(linear).max() > _PI - CLOSE:
        raise ValueError(
            f"the power {exponent:g} of this gate is not smooth in its parameters, since it has an "
            "eigenvalue -1 where they are 0; write the gate that you mean"
        )
    found = principal_phases(linear)
    if np.abs(found - linear).max() < CLOSE:
        return _scaled(template, rotations, phase, exponent)
    steps = []
    mean = 0.0
    for members in (
        subset
        for size in range(len(basis.words) + 1)
        for subset in combinations(range(len(basis.words)), size)
    ):
        weights = [value(pattern, members, 1) for pattern in patterns]
        coefficient = float(np.dot(found, weights)) / len(patterns)
        if not members:
            mean = coefficient
        elif abs(coefficient) > 1e-15:
            steps.append(basis.rotation(members, -2 * exponent * coefficient))
    return replace(template, steps=tuple(steps), phase=Affine(mean * exponent))


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
