r"""Values and derivatives of circuits at a Clifford point, and a change of the Clifford point.

Where all angles are multiples of pi/2, a circuit of Clifford gates and Pauli rotations is a
Clifford circuit. An observable string pulled back through it stays one string. At angle zero, the
derivative by the angle of a rotation about V replaces the string Q that arrives there by

.. math:: \partial_\theta\, e^{i\theta V/2} Q e^{-i\theta V/2} \big|_0 = i V Q
          \quad \text{if V and Q anticommute, else } 0,

so that values and derivatives of a string are 0, 1 or -1 times the scale of the rotation.
Everything here takes a number of steps linear in the number of gates; strings are pulled back by
Stim [1]_.

References
----------
.. [1] C. Gidney, Quantum 5, 497 (2021).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import stim
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.circuits.lowering import PRIMITIVE_GATES, primitive_gates
from trainscape.circuits.periodic_angles import reduced_angle

__all__ = ["GradientPath", "Skeleton", "clifford_circuit", "expectation", "inverse", "shifted"]


@dataclass(frozen=True)
class GradientPath:
    """The way of one string back through a circuit, with flips at some rotations.

    Parameters
    ----------
    cosines
        Positions, among the rotations of the circuit, of the other rotations that anticommute with
        the string as it passes, ascending.
    end
        The string after all gates, with its sign; None where it commutes with a rotation that
        should flip it, which ends the way.
    """

    cosines: tuple[int, ...]
    end: stim.PauliString | None


class Skeleton:
    """The fixed gates of a circuit, between its rotations.

    Parameters
    ----------
    circuit
        A circuit of primitive gates, see `trainscape.circuits.lowering`.

    Attributes
    ----------
    rotations : tuple of PauliRotation
        The rotations in time order.
    segments : tuple of stim.Circuit
        Entry i holds the fixed gates right before rotation i; the last entry those after all
        rotations.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        rotations: list[PauliRotation] = []
        fixed: list[list[FixedGate]] = [[]]
        for gate in primitive_gates(circuit):
            if isinstance(gate, PauliRotation):
                rotations.append(gate)
                fixed.append([])
            else:
                fixed[-1].append(gate)
        empty = stim.Circuit()
        self.rotations = tuple(rotations)
        self.segments = tuple(clifford_circuit(gates) if gates else empty for gates in fixed)

    def position(self, parameter: int) -> int:
        """Return the position, among the rotations, of the only one that uses `parameter`.

        Raises
        ------
        ValueError
            If there is no such parameter, if not exactly one rotation uses it, or if its scale is
            0.
        """
        if not 0 <= parameter < self.circuit.num_parameters:
            raise ValueError(
                f"there is no parameter {parameter}; the circuit has {self.circuit.num_parameters} "
                "(indices from 0)"
            )
        users = [
            position
            for position, rotation in enumerate(self.rotations)
            if rotation.parameter == parameter
        ]
        if len(users) != 1:
            raise ValueError(
                f"parameter {parameter} is used by {len(users)} rotations; choose one that exactly "
                "one rotation uses"
            )
        if self.rotations[users[0]].scale == 0:
            raise ValueError(
                f"the rotation of parameter {parameter} has the scale 0, so that nothing depends "
                "on it; choose another parameter"
            )
        return users[0]

    def generator(self, position: int) -> stim.PauliString:
        """Return the generator of a rotation as a string on the whole register."""
        string = stim.PauliString(self.circuit.num_qubits)
        for qubit, letter in zip(
            self.rotations[position].qubits, self.rotations[position].pauli, strict=True
        ):
            string[qubit] = letter
        return string

    def anticommutes(self, position: int, string: stim.PauliString) -> bool:
        """Whether `string` anticommutes with the generator of a rotation."""
        rotation = self.rotations[position]
        if len(rotation.qubits) == 1:
            return string[rotation.qubits[0]] not in (0, _NUMBERS[rotation.pauli])
        letters = zip(rotation.qubits, rotation.pauli, strict=True)
        return sum(string[qubit] not in (0, _NUMBERS[letter]) for qubit, letter in letters) % 2 == 1

    def flipped(self, position: int, string: stim.PauliString) -> stim.PauliString:
        """Return ``i V Q`` for the generator V of a rotation and an anticommuting string Q."""
        return 1j * self.generator(position) * string

    def fixed_gates(self, first: int, last: int) -> stim.Circuit:
        """Return the fixed gates of the segments from `first` up to, not including, `last`."""
        total = stim.Circuit()
        for segment in self.segments[first:last]:
            if len(segment):
                total += segment
        return total

    def path(self, string: stim.PauliString, flips: Collection[int]) -> GradientPath:
        """Follow a string back through the circuit at angle zero.

        Parameters
        ----------
        string
            The string after the circuit.
        flips
            Positions of the rotations at which the string Q becomes ``i V Q``.
        """
        cosines: list[int] = []
        current = string
        for step in range(len(self.rotations), -1, -1):
            if len(self.segments[step]):
                current = current.before(self.segments[step])
            if step == 0:
                break
            if self.anticommutes(step - 1, current):
                if step - 1 in flips:
                    current = self.flipped(step - 1, current)
                else:
                    cosines.append(step - 1)
            elif step - 1 in flips:
                return GradientPath(tuple(reversed(cosines)), None)
        return GradientPath(tuple(reversed(cosines)), current)

    def value(
        self, terms: Iterable[tuple[float, stim.PauliString]], front: stim.Circuit | None = None
    ) -> float:
        """Return the expectation value of an observable at angle zero.

        Parameters
        ----------
        terms
            Pairs (weight, string) of the observable.
        front
            Gates in front of the circuit.
        """
        fixed = (front or stim.Circuit()) + self.fixed_gates(0, len(self.segments))
        return math.fsum(weight * expectation(string.before(fixed)) for weight, string in terms)

    def derivative(
        self,
        terms: Iterable[tuple[float, stim.PauliString]],
        position: int,
        front: stim.Circuit | None = None,
    ) -> float:
        """Return the derivative of an observable at angle zero.

        Parameters
        ----------
        terms, front
            As for `value`.
        position
            Position of the rotation whose parameter is varied; its scale is included.
        """
        before = (front or stim.Circuit()) + self.fixed_gates(0, position + 1)
        after = self.fixed_gates(position + 1, len(self.segments))
        total = []
        for weight, string in terms:
            arrived = string.before(after)
            if self.anticommutes(position, arrived):
                total.append(weight * expectation(self.flipped(position, arrived).before(before)))
        return self.rotations[position].scale * math.fsum(total)


_NUMBERS = {"I": 0, "X": 1, "Y": 2, "Z": 3}


def expectation(string: stim.PauliString) -> int:
    """Return ``<0...0| string |0...0>``: the sign of a string of I and Z, and 0 for any other."""
    return 0 if string.pauli_indices("XY") else int(string.sign.real)


def clifford_circuit(gates: Iterable[FixedGate]) -> stim.Circuit:
    """Return fixed gates as a Stim circuit."""
    lines: list[str] = []
    for gate in gates:
        if gate.name not in PRIMITIVE_GATES:
            raise ValueError(
                f"the gate {gate.name} on qubits {gate.qubits} is not a Clifford gate that is "
                f"known here ({', '.join(PRIMITIVE_GATES)}); write it with these, or as a rotation "
                "with a parameter"
            )
        lines.append(f"{gate.name} {' '.join(map(str, gate.qubits))}")
    return stim.Circuit("\n".join(lines))  # parsed much faster than gates are appended


def inverse(gates: Sequence[FixedGate]) -> tuple[FixedGate, ...]:
    """Return fixed gates that undo `gates`; the inverse of S is written as Z, S."""
    undone: list[FixedGate] = []
    for gate in reversed(gates):
        if gate.name == "S":
            undone.append(FixedGate("Z", gate.qubits))
        undone.append(gate)
    return tuple(undone)


def shifted(circuit: Circuit, angles: ArrayLike) -> Circuit:
    """Move the origin of the parameters to a Clifford point.

    The new circuit at theta is `circuit` at ``theta + angles``, up to a global phase.
    Each rotation is preceded by Clifford gates that make its rotation at `angles`. So whatever is
    made for angles around zero (Taylor expansions, walks over patches) serves patches around any
    Clifford point.

    Parameters
    ----------
    circuit
        The circuit.
    angles
        The Clifford point, shape ``(P,)``, in radians; with the scale of each rotation a multiple
        of pi/2.
    """
    point: NDArray[np.float64] = circuit.check_parameters(
        np.asarray(angles, dtype=np.float64)[None, :]
    )[0]
    gates: list[Gate] = []
    for position, gate in enumerate(circuit.gates):
        if isinstance(gate, PauliRotation):
            angle = reduced_angle(gate.scale * float(point[gate.parameter]))
            quarters = round(2 * angle / math.pi)
            if abs(angle - quarters * math.pi / 2) > 1e-12 * max(1.0, abs(angle)):
                raise ValueError(
                    f"gate {position} ({gate}) turns by {angle} at the given point, which is not a "
                    "multiple of pi/2; only Clifford points can be absorbed in Clifford gates"
                )
            gates.extend(_quarter_turns(gate, quarters % 4))
        gates.append(gate)
    return Circuit(circuit.num_qubits, circuit.num_parameters, tuple(gates))


def _quarter_turns(rotation: PauliRotation, quarters: int) -> tuple[FixedGate, ...]:
    """Return ``exp(-i quarters pi V / 4)`` as fixed gates, up to a global phase.

    The string V is mapped to Z on one qubit, which a power of S rotates.
    """
    if quarters == 0:
        return ()
    if quarters == 2:
        return tuple(
            FixedGate(letter, (qubit,))
            for qubit, letter in zip(rotation.qubits, rotation.pauli, strict=True)
        )
    to_z: list[FixedGate] = []
    for qubit, letter in zip(rotation.qubits, rotation.pauli, strict=True):
        # G V G^dagger = Z for G = H on X, and for S^dagger = Z S, then H, on Y.
        to_z.extend(
            FixedGate(name, (qubit,))
            for name in {"X": ("H",), "Y": ("Z", "S", "H"), "Z": ()}[letter]
        )
    last = rotation.qubits[-1]
    to_z.extend(FixedGate("CX", (qubit, last)) for qubit in rotation.qubits[:-1])
    turn = [FixedGate(name, (last,)) for name in (("S",) if quarters == 1 else ("Z", "S"))]
    return (*to_z, *turn, *inverse(to_z))
