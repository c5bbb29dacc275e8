r"""Gates as products of Pauli rotations and fixed gates, with angles that depend on arguments.

The angles of a `Template` are affine functions of the arguments of the gate. A template is exact
including its phase, so that it can be controlled. With the Pauli string P on the target and Z on
the new control c,

.. math:: \mathrm{ctrl}\; e^{-i t P / 2} &= R_P(t / 2)\, R_{Z_c P}(-t / 2), \\
          \mathrm{ctrl}\; e^{i \alpha} &= e^{i \alpha / 2} R_{Z_c}(\alpha), \\
          \mathrm{ctrl}\; V U V^\dagger &= V (\mathrm{ctrl}\; U) V^\dagger .

The first line holds since both factors cancel where c is 0, and add up where it is 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainscape.circuits.affine import ZERO, Affine
from trainscape.circuits.gates import MAX_UNITARY_QUBITS, FixedGate, Unitary

__all__ = [
    "Rotation",
    "Step",
    "Template",
    "as_rotations",
    "quarter_turns",
    "with_cliffords",
]


@dataclass(frozen=True)
class Rotation:
    """The step ``exp(-i angle P / 2)``, with one letter of `pauli` for each of `qubits`."""

    pauli: str
    qubits: tuple[int, ...]
    angle: Affine


Step = Rotation | FixedGate | Unitary

_PI = math.pi
# Fixed gates as exp(i phase) times commuting rotations by constant angles, such that scaling all of
# these gives the principal powers.
_AS_ROTATIONS: Mapping[str, tuple[tuple[tuple[str, tuple[int, ...], float], ...], float]] = {
    **{letter: (((letter, (0,), _PI),), _PI / 2) for letter in "XYZ"},
    "S": ((("Z", (0,), _PI / 2),), _PI / 4),
    "SDG": ((("Z", (0,), -_PI / 2),), -_PI / 4),
    "T": ((("Z", (0,), _PI / 4),), _PI / 8),
    "TDG": ((("Z", (0,), -_PI / 4),), -_PI / 8),
    "SX": ((("X", (0,), _PI / 2),), _PI / 4),
    "SXDG": ((("X", (0,), -_PI / 2),), -_PI / 4),
    **{
        f"C{x}": (((x, (1,), _PI / 2), (f"Z{x}", (0, 1), -_PI / 2), ("Z", (0,), _PI / 2)), _PI / 4)
        for x in "XYZ"
    },
    "SWAP": ((("XX", (0, 1), _PI / 2), ("YY", (0, 1), _PI / 2), ("ZZ", (0, 1), _PI / 2)), _PI / 4),
    "ISWAP": ((("XX", (0, 1), -_PI / 2), ("YY", (0, 1), -_PI / 2)), 0.0),
}
_INVERSES = {"S": "SDG", "SDG": "S", "T": "TDG", "TDG": "T", "SX": "SXDG", "SXDG": "SX"}
# Turns by 0, 1, 2 and 3 times pi/2 as fixed gates, up to the phase.
_TURNS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "X": ((), ("SX",), ("X",), ("SXDG",)),
    "Y": ((), ("Z", "H"), ("Y",), ("H", "Z")),
    "Z": ((), ("S",), ("Z",), ("SDG",)),
}
# Qubits times qubits or steps of a gate up to which its Clifford gates are looked at.
_MAX_TABLEAU = 10_000_000
# Angles with a rounding error above this are left as they are.
_ROUNDING = 1e-12
_STIM_NAMES = {"SDG": "S_DAG", "SX": "SQRT_X", "SXDG": "SQRT_X_DAG"}


@dataclass(frozen=True)
class Template:
    """A gate with arguments, ``exp(i phase)`` times its steps.

    Parameters
    ----------
    arguments
        Names of the arguments.
    num_qubits
        Number of qubits; the steps number them from 0.
    steps
        Rotations and fixed gates in the order in which they act.
    phase
        Global phase in radians; it matters only once the gate is controlled.
    """

    arguments: tuple[str, ...]
    num_qubits: int
    steps: tuple[Step, ...]
    phase: Affine = ZERO

    def bind(self, values: Sequence[Affine]) -> Template:
        """Return the gate at the given values of its arguments."""
        table = dict(zip(self.arguments, values, strict=True))
        steps = tuple(
            replace(step, angle=step.angle.substitute(table))
            if isinstance(step, Rotation)
            else step
            for step in self.steps
        )
        return Template((), self.num_qubits, steps, self.phase.substitute(table))

    def on(self, qubits: Sequence[int]) -> tuple[Step, ...]:
        """Return the steps on the given qubits."""
        return tuple(
            replace(step, qubits=tuple(qubits[k] for k in step.qubits)) for step in self.steps
        )

    def inverse(self) -> Template:
        """Return the inverse gate."""
        steps: list[Step] = []
        for step in reversed(self.steps):
            if isinstance(step, Rotation):
                steps.append(replace(step, angle=step.angle * -1))
            elif isinstance(step, Unitary):
                steps.append(Unitary.of(step.array().conj().T, step.qubits))
            elif step.name == "ISWAP":
                steps += _rotations(step, -1.0)
            else:
                steps.append(replace(step, name=_INVERSES.get(step.name, step.name)))
        return replace(self, steps=tuple(steps), phase=self.phase * -1)

    def without_cliffords(self, turns: bool = True) -> Template | None:
        """Return the gate as Pauli rotations only, up to its phase, or None.

        It is None if the Clifford gates do not cancel, there are T gates, or the gate is too large
        for this to be worth its time. A rotation that follows Cliffords with product C is ``R_P C =
        C R_Q`` with ``Q = C^dagger P C``.

        Parameters
        ----------
        turns
            Whether rotations by constant multiples of pi/2 are Clifford gates.
        """
        import stim

        if self.num_qubits * max(self.num_qubits, len(self.steps)) > _MAX_TABLEAU:
            return None
        inverse = stim.Tableau(self.num_qubits)
        steps: list[Step] = []
        for step in with_cliffords(self.steps) if turns else self.steps:
            if isinstance(step, Unitary):
                return None
            if isinstance(step, FixedGate):
                if step.name in ("T", "TDG"):
                    return None
                gate = stim.Tableau.from_named_gate(_STIM_NAMES.get(step.name, step.name))
                inverse.prepend(gate.inverse(), step.qubits)
                continue
            letters = dict(zip(step.qubits, step.pauli, strict=True))
            moved = inverse(
                stim.PauliString(
                    "".join(letters.get(qubit, "_") for qubit in range(self.num_qubits))
                )
            )
            support = tuple(moved.pauli_indices())
            steps.append(
                Rotation(
                    "".join("_XYZ"[moved[qubit]] for qubit in support),
                    support,
                    step.angle * moved.sign.real,
                )
            )
        return (
            replace(self, steps=tuple(steps)) if inverse == stim.Tableau(self.num_qubits) else None
        )

    def controlled(self) -> Template:
        """Return the gate controlled by a new first qubit.

        Raises
        ------
        ValueError
            If a step given by its matrix would act on more than 4 qubits.
        """
        steps: list[Step] = []
        phase = self.phase
        for step in self.on(range(1, self.num_qubits + 1)):
            if isinstance(step, Unitary):
                steps.append(_controlled(step))
            elif isinstance(step, FixedGate) and step.name == "H":
                # H is Z in a frame turned about Y by a quarter of pi, and the turns need no
                # control.
                (qubit,) = step.qubits
                turn = Affine(_PI / 4)
                steps += [
                    Rotation("Y", (qubit,), turn * -1),
                    FixedGate("CZ", (0, qubit)),
                    Rotation("Y", (qubit,), turn),
                ]
            elif isinstance(step, FixedGate) and step.name in ("X", "Y", "Z"):
                steps.append(FixedGate(f"C{step.name}", (0, *step.qubits)))
            else:
                if isinstance(step, FixedGate):
                    phase += Affine(_AS_ROTATIONS[step.name][1])
                for rotation in [step] if isinstance(step, Rotation) else _rotations(step):
                    half = rotation.angle * 0.5
                    steps += [
                        replace(rotation, angle=half),
                        Rotation("Z" + rotation.pauli, (0, *rotation.qubits), half * -1),
                    ]
        if phase != ZERO:
            steps.append(Rotation("Z", (0,), phase))
        return Template(self.arguments, self.num_qubits + 1, tuple(steps), phase * 0.5)


def _controlled(gate: Unitary) -> Unitary:
    """Return a gate with its control, qubit 0."""
    if len(gate.qubits) == MAX_UNITARY_QUBITS:
        raise ValueError(
            f"a gate by its matrix, as powers of some gates are, can have {MAX_UNITARY_QUBITS} "
            "qubits at most, controls included; write the gate that you mean"
        )
    size = 2 ** len(gate.qubits)
    matrix = np.eye(2 * size, dtype=np.complex128)
    matrix[size:, size:] = gate.array()
    return Unitary.of(matrix, (0, *gate.qubits))


def quarter_turns(step: Step) -> tuple[tuple[FixedGate, ...], float] | None:
    """Return a rotation by a constant multiple of pi/2 as fixed gates and a phase, or None.

    The multiple is exact up to the rounding of the angle, which is large for large angles; those
    stay as they are.
    """
    if not isinstance(step, Rotation) or len(step.pauli) != 1 or step.angle.terms:
        return None
    angle = step.angle.constant
    rounding = 1e-15 * max(1.0, abs(angle))
    if rounding > _ROUNDING:
        return None
    turns = round(angle / (_PI / 2))
    if abs(angle - turns * _PI / 2) > rounding:
        return None
    gates = tuple(FixedGate(name, step.qubits) for name in _TURNS[step.pauli][turns % 4])
    # Four turns are -1; of the fixed gates, those of Y for one and three turns have determinant 1.
    own = (0.0, 0.0, -_PI / 2, _PI)[turns % 4] if step.pauli == "Y" else -(turns % 4) * _PI / 4
    return gates, own + (_PI if turns // 4 % 2 else 0.0)


def with_cliffords(steps: Iterable[Step]) -> Iterator[Step]:
    """Write one-letter rotations by constant multiples of pi/2 as fixed gates, up to the phase."""
    for step in steps:
        turned = quarter_turns(step)
        if turned is None:
            yield step
        else:
            yield from turned[0]


def as_rotations(gate: FixedGate) -> tuple[list[Rotation], float]:
    """Return a fixed gate other than H as commuting rotations, and its phase."""
    return _rotations(gate), _AS_ROTATIONS[gate.name][1]


def _rotations(gate: FixedGate, exponent: float = 1.0) -> list[Rotation]:
    """Return a power of a fixed gate as rotations, without its phase."""
    steps, _ = _AS_ROTATIONS[gate.name]
    return [
        Rotation(pauli, tuple(gate.qubits[k] for k in places), Affine(angle * exponent))
        for pauli, places, angle in steps
    ]
