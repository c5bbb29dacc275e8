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
from itertools import combinations

from trainscape.circuits.affine import ZERO, Affine
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.periodic_angles import reduced_angle

__all__ = ["Rotation", "Step", "Template", "with_cliffords"]


@dataclass(frozen=True)
class Rotation:
    """The step ``exp(-i angle P / 2)``, with one letter of `pauli` for each of `qubits`."""

    pauli: str
    qubits: tuple[int, ...]
    angle: Affine


Step = Rotation | FixedGate

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
            elif step.name == "ISWAP":
                steps += _rotations(step, -1.0)
            else:
                steps.append(replace(step, name=_INVERSES.get(step.name, step.name)))
        return replace(self, steps=tuple(steps), phase=self.phase * -1)

    def without_cliffords(self) -> Template | None:
        """Return the gate as Pauli rotations only, up to its phase, or None.

        It is None if the Clifford gates do not cancel, or there are T gates. A rotation that
        follows Cliffords with product C is ``R_P C = C R_Q`` with ``Q = C^dagger P C``.
        """
        import stim

        clifford = stim.Tableau(self.num_qubits)
        steps: list[Step] = []
        for step in with_cliffords(self.steps):
            if isinstance(step, FixedGate):
                if step.name in ("T", "TDG"):
                    return None
                clifford.append(
                    stim.Tableau.from_named_gate(_STIM_NAMES.get(step.name, step.name)), step.qubits
                )
                continue
            letters = dict(zip(step.qubits, step.pauli, strict=True))
            moved = clifford.inverse()(
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
            replace(self, steps=tuple(steps)) if clifford == stim.Tableau(self.num_qubits) else None
        )

    def power(self, exponent: float) -> Template:
        """Return a power of the gate.

        The exponent is an integer. A single fixed gate other than H can also be raised to a
        fraction, which gives the principal power.

        Raises
        ------
        ValueError
            If there is no closed form.
        """
        scaled = self.phase * exponent
        if exponent == int(exponent):
            rotations = [step for step in self.steps if isinstance(step, Rotation)]
            if len(rotations) == len(self.steps) and all(
                _commute(a, b) for a, b in combinations(rotations, 2)
            ):
                return replace(
                    self,
                    steps=tuple(replace(step, angle=step.angle * exponent) for step in rotations),
                    phase=scaled,
                )
            base = self if exponent > 0 else self.inverse()
            return replace(base, steps=base.steps * abs(int(exponent)), phase=scaled)
        only = self.steps[0] if len(self.steps) == 1 else None
        if isinstance(only, FixedGate) and only.name in _AS_ROTATIONS and self.phase == ZERO:
            return replace(
                self,
                steps=tuple(_rotations(only, exponent)),
                phase=Affine(_AS_ROTATIONS[only.name][1] * exponent),
            )
        raise ValueError(
            f"the power {exponent:g} of this gate has no closed form; use an integer, or write the "
            "gate that you mean"
        )

    def controlled(self) -> Template:
        """Return the gate controlled by a new first qubit."""
        steps: list[Step] = []
        phase = self.phase
        for step in self.on(range(1, self.num_qubits + 1)):
            if isinstance(step, FixedGate) and step.name == "H":
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


def _commute(first: Rotation, second: Rotation) -> bool:
    letters = dict(zip(first.qubits, first.pauli, strict=True))
    return (
        not sum(
            letters.get(qubit, own) != own
            for qubit, own in zip(second.qubits, second.pauli, strict=True)
        )
        % 2
    )


def with_cliffords(steps: Iterable[Step]) -> Iterator[Step]:
    """Write one-letter rotations by constant multiples of pi/2 as fixed gates, up to the phase."""
    for step in steps:
        if isinstance(step, Rotation) and len(step.pauli) == 1 and not step.angle.terms:
            angle = reduced_angle(step.angle.constant)
            turns = round(angle / (_PI / 2))
            if abs(angle - turns * _PI / 2) <= 1e-15 * max(1.0, abs(angle)):
                yield from (FixedGate(name, step.qubits) for name in _TURNS[step.pauli][turns % 4])
                continue
        yield step


def _rotations(gate: FixedGate, exponent: float = 1.0) -> list[Rotation]:
    """Return a power of a fixed gate as rotations, without its phase."""
    steps, _ = _AS_ROTATIONS[gate.name]
    return [
        Rotation(pauli, tuple(gate.qubits[k] for k in places), Affine(angle * exponent))
        for pauli, places, angle in steps
    ]
