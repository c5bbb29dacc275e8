r"""Gates of other packages and languages, as products of Pauli rotations and fixed gates whose angles are affine functions of the gate's arguments.

A template is exact including its phase, so that it can be controlled. With the Pauli string P on the target and Z on the new control c,

.. math:: \mathrm{ctrl}\; e^{-i t P / 2} = R_P(t / 2)\, R_{Z_c P}(-t / 2), \qquad
          \mathrm{ctrl}\; e^{i \alpha} = e^{i \alpha / 2} R_{Z_c}(\alpha), \qquad \mathrm{ctrl}\; V U V^\dagger = V (\mathrm{ctrl}\; U) V^\dagger .

The first holds since both factors cancel where c is 0, and add up where it is 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.circuits.io.imported import ImportedCircuit

__all__ = ["Affine", "Recorder", "Rotation", "Template", "standard_gates"]


@dataclass(frozen=True)
class Affine:
    """The number ``constant + sum of factor * argument``.

    Parameters
    ----------
    constant
        Constant part.
    terms
        Pairs (argument, factor), each argument at most once and no factor zero.
    """

    constant: float = 0.0
    terms: tuple[tuple[str, float], ...] = ()

    @classmethod
    def argument(cls, name: str, factor: float = 1.0) -> Affine:
        """Return a multiple of one argument."""
        return cls(0.0, ((name, factor),))

    def __add__(self, other: Affine) -> Affine:
        factors = dict(self.terms)
        for name, factor in other.terms:
            factors[name] = factors.get(name, 0.0) + factor
        return Affine(
            self.constant + other.constant,
            tuple((name, factor) for name, factor in factors.items() if factor),
        )

    def __mul__(self, factor: float) -> Affine:
        return Affine(
            self.constant * factor,
            tuple((name, own * factor) for name, own in self.terms if own * factor),
        )

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace every argument by its value."""
        total = Affine(self.constant)
        for name, factor in self.terms:
            total += values[name] * factor
        return total


@dataclass(frozen=True)
class Rotation:
    """The step ``exp(-i angle P / 2)``, with one letter of `pauli` for each of `qubits`."""

    pauli: str
    qubits: tuple[int, ...]
    angle: Affine


Step = Rotation | FixedGate

_PI = math.pi
# Fixed gates as exp(i phase) times commuting rotations by constant angles, such that scaling all of these gives the principal powers.
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
    phase: Affine = Affine()

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
        """Return the gate as Pauli rotations, up to its phase, if its Clifford gates cancel and it has no others.

        A rotation that follows Cliffords with product C is ``R_P C = C R_Q`` with ``Q = C^dagger P C``.
        """
        import stim

        clifford = stim.Tableau(self.num_qubits)
        steps: list[Step] = []
        for step in _with_cliffords(self.steps):
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
        """Return the gate to an integer power; a single fixed gate other than H can also be raised to a fraction, giving the principal power.

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
        if isinstance(only, FixedGate) and only.name in _AS_ROTATIONS and self.phase == Affine():
            return replace(
                self,
                steps=tuple(_rotations(only, exponent)),
                phase=Affine(_AS_ROTATIONS[only.name][1] * exponent),
            )
        raise ValueError(
            f"the power {exponent:g} of this gate has no closed form; use an integer, or write the gate that you mean"
        )

    def controlled(self) -> Template:
        """Return the gate controlled by a new first qubit."""
        steps: list[Step] = []
        phase = self.phase
        for step in self.on(range(1, self.num_qubits + 1)):
            if isinstance(step, FixedGate) and step.name == "H":
                # H is Z in a frame turned about Y by a quarter of pi, and the turns need no control.
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
        if phase != Affine():
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


def _with_cliffords(steps: Iterable[Step]) -> Iterator[Step]:
    """Give the steps with rotations about one letter by constant multiples of pi/2 replaced by fixed gates, up to the phase."""
    for step in steps:
        if isinstance(step, Rotation) and len(step.pauli) == 1 and not step.angle.terms:
            angle = step.angle.constant
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


class Recorder:
    """Collects the gates and parameters of a circuit while it is read."""

    def __init__(self) -> None:
        self.gates: list[Gate] = []
        self.parameters: dict[str, int] = {}

    def parameter(self, name: str) -> Affine:
        """Return the parameter called `name`, which gets the next index when it is seen first."""
        self.parameters.setdefault(name, len(self.parameters))
        return Affine.argument(name)

    def add(self, steps: Iterable[Step]) -> None:
        """Append steps whose angles are functions of the parameters; an angle that is a sum of several gives one rotation for each."""
        for step in _with_cliffords(steps):
            if isinstance(step, FixedGate):
                self.gates.append(step)
                continue
            offset = step.angle.constant
            if offset and not step.angle.terms:
                self.gates.append(Evolution.of_pauli(step.pauli, step.qubits, None, offset=offset))
            for name, factor in step.angle.terms:
                if offset:
                    self.gates.append(
                        Evolution.of_pauli(
                            step.pauli, step.qubits, self.parameters[name], factor, offset
                        )
                    )
                    offset = 0.0
                else:
                    self.gates.append(
                        PauliRotation(step.pauli, step.qubits, self.parameters[name], factor)
                    )

    def imported(self, num_qubits: int, angles: Sequence[float] | None) -> ImportedCircuit:
        """Return all that was recorded."""
        circuit = Circuit(num_qubits, len(self.parameters), tuple(self.gates))
        return ImportedCircuit(
            circuit, tuple(self.parameters), None if angles is None else tuple(angles)
        )


@cache
def standard_gates() -> Mapping[str, Template]:
    """Return the gates of the OpenQASM libraries ``qelib1.inc`` and ``stdgates.inc``, by name.

    The gates U, u, p and their controlled forms have the phases that ``stdgates.inc`` and Qiskit give them: U, u and cu3 leave the amplitude of ``|0> -> |0>``
    real and positive, u2 and u3 have determinant 1.
    """
    theta, phi, lam, gamma = (Affine.argument(name) for name in ("theta", "phi", "lambda", "gamma"))

    def fixed(*names: str) -> Template:
        """Return the fixed gates in order; each name is followed by the qubits, as in ``"CX 0 1"``."""
        steps = tuple(
            FixedGate(name, tuple(map(int, qubits)))
            for name, *qubits in (text.split() for text in names)
        )
        return Template((), 1 + max(qubit for step in steps for qubit in step.qubits), steps)

    def about(pauli: str) -> Template:
        qubits = tuple(range(len(pauli)))
        return Template(("theta",), len(pauli), (Rotation(pauli, qubits, theta),))

    def euler(arguments: tuple[str, ...], polar: Affine, phase: Affine = Affine()) -> Template:
        steps = (Rotation("Z", (0,), lam), Rotation("Y", (0,), polar), Rotation("Z", (0,), phi))
        return Template(arguments, 1, steps, phase)

    one = {
        name.lower(): fixed(f"{name} 0")
        for name in ("H", "S", "SDG", "SX", "SXDG", "T", "TDG", "X", "Y", "Z")
    }
    two = {name.lower(): fixed(f"{name} 0 1") for name in ("CX", "CY", "CZ", "SWAP", "ISWAP")}
    rotations = {f"r{pauli.lower()}": about(pauli) for pauli in ("X", "Y", "Z", "XX", "YY", "ZZ")}
    phase = Template(("lambda",), 1, (Rotation("Z", (0,), lam),), lam * 0.5)
    general = euler(("theta", "phi", "lambda"), theta, (phi + lam) * 0.5)
    euler_four = Template((*general.arguments, "gamma"), 1, general.steps, general.phase + gamma)
    toffoli = two["cx"].controlled()
    gates = {
        **one,
        **two,
        **rotations,
        "CX": two["cx"],
        "id": Template((), 1, ()),
        "u0": Template(("gamma",), 1, ()),
        **dict.fromkeys(("p", "u1", "phase"), phase),
        **dict.fromkeys(("U", "u"), general),
        "u2": euler(("phi", "lambda"), Affine(_PI / 2)),
        "u3": euler(("theta", "phi", "lambda"), theta),
        "ch": one["h"].controlled(),
        "csx": one["sx"].controlled(),
        "ccx": toffoli,
        "ccz": two["cz"].controlled(),
        "c3x": toffoli.controlled(),
        "c4x": toffoli.controlled().controlled(),
        "c3sqrtx": one["sx"].controlled().controlled().controlled(),
        "cswap": two["swap"].controlled(),
        **{f"cr{letter}": rotations[f"r{letter}"].controlled() for letter in "xyz"},
        **dict.fromkeys(("cp", "cu1", "cphase"), phase.controlled()),
        "cu3": general.controlled(),
        "cu": euler_four.controlled(),
        "rccx": fixed("H 2", "T 2", "CX 1 2", "TDG 2", "CX 0 2", "T 2", "CX 1 2", "TDG 2", "H 2"),
    }
    half = ("H 3", "T 3", "CX 2 3", "TDG 3", "H 3")
    middle = ("CX 0 3", "T 3", "CX 1 3", "TDG 3", "CX 0 3", "T 3", "CX 1 3", "TDG 3")
    gates["rc3x"] = fixed(*half, *middle, *half)
    return gates
