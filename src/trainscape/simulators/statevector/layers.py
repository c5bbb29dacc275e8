"""Sorts the gates of a circuit into layers, each gate as early as the qubits it acts on allow.

Every gate is written with RY rotations, diagonal gates, and Pauli strings: ``RX = S^dagger RY S``,
``H = RY(pi/2) Z``, ``X = RY(pi) Z``, and ``Y = i RY(pi)``. All are exact, with their phases.
Evolutions stay as they are. CX gates move amplitudes and change none: those that follow each other
become one permutation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from trainscape.circuits.channels import Channel
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.physics.pauli import PauliString

__all__ = ["Layer", "LayerSorter"]

# Parts of a layer, in the order in which they act.
_ROTATIONS, _DIAGONAL, _STRINGS, _EVOLUTIONS, _PERMUTATION = range(5)


class Layer:
    """Gates of one layer: rotations, diagonal gates, Pauli strings, evolutions, a permutation.

    They act in this order.

    Attributes
    ----------
    rotations : list of tuple
        Bit, parameter or -1, factor of the parameter, constant angle.
    entries : list of tuple
        Mask of a Z string within one half of the index, parameter or -1, coefficient.
    offset : float
        Phase of the layer in radians.
    pairs : set of tuple
        Pairs of bits with a CZ gate.
    z_strings : list of tuple
        Mask of a Z string across both halves of the index, parameter, scale.
    strings : list of tuple
        x and z masks of a Pauli string, parameter, scale.
    evolutions : list of Evolution
        The evolutions.
    moves : list of tuple
        Control and target of CX gates, in the order in which they act.
    """

    def __init__(self) -> None:
        self.rotations: list[tuple[int, int, float, float]] = []
        self.entries: list[tuple[int, int, float]] = []
        self.offset = 0.0
        self.pairs: set[tuple[int, int]] = set()
        self.z_strings: list[tuple[int, int, float]] = []
        self.strings: list[tuple[int, int, int, float]] = []
        self.evolutions: list[Evolution] = []
        self.moves: list[tuple[int, int]] = []


class LayerSorter:
    """Takes the gates of a circuit in time order and sorts them into layers.

    Parameters
    ----------
    num_bits
        Number of bits of the index of a basis state. Qubit 0 is the most significant bit.
    low_bits
        Number of bits of the low half of the index.

    Attributes
    ----------
    layers : list of Layer
        The layers so far.
    """

    def __init__(self, num_bits: int, low_bits: int) -> None:
        self._num_bits, self._low_bits = num_bits, low_bits
        self.layers: list[Layer] = []
        # For each bit, the layer of its last gate, and the part of that layer.
        self._last = [(-1, _STRINGS)] * num_bits

    def add(self, gate: Gate) -> None:
        """Add a gate, written with RY, diagonal gates, Pauli strings and CX.

        Raises
        ------
        ValueError
            For a gate that lowering should have replaced.
        """
        bits = tuple(self._num_bits - 1 - qubit for qubit in gate.qubits)
        match gate:
            case PauliRotation():
                self._pauli_rotation(gate, bits)
            case Evolution():
                self._layer(bits, _EVOLUTIONS).evolutions.append(gate)
            case FixedGate():
                self._fixed(gate, bits)
            case Unitary():
                raise ValueError(
                    f"the unitary on qubits {gate.qubits} was not written with other gates before "
                    "compilation"
                )
            case Channel():
                raise ValueError(f"{gate} is noise, which state vectors cannot have")

    def _layer(self, bits: Iterable[int], part: int) -> Layer:
        """Return the first layer whose `part` comes after all earlier gates on `bits`."""
        index = 0
        for bit in bits:
            layer, used = self._last[bit]
            # Gates of one part share a layer: they commute or keep their order. Two rotations of
            # one qubit need two layers.
            index = max(index, layer if part > used or part == used > _ROTATIONS else layer + 1)
        for bit in bits:
            self._last[bit] = (index, part)
        if index == len(self.layers):
            self.layers.append(Layer())
        return self.layers[index]

    def _rotation(self, bit: int, parameter: int, factor: float, angle: float = 0.0) -> None:
        """Add RY(factor theta + angle)."""
        self._layer((bit,), _ROTATIONS).rotations.append((bit, parameter, factor, angle))

    def _quarter_turns(self, bit: int, count: int) -> None:
        """Add diag(1, i**count) = exp(i phi / 2) exp(-i phi Z / 2) with phi = pi count / 2."""
        layer = self._layer((bit,), _DIAGONAL)
        layer.offset += math.pi / 4 * count
        layer.entries.append((1 << bit, -1, -math.pi / 4 * count))

    def _fixed(self, gate: FixedGate, bits: tuple[int, ...]) -> None:
        if gate.name == "CZ":
            self._layer(bits, _DIAGONAL).pairs ^= {(min(bits), max(bits))}
        elif gate.name == "CX":
            self._layer(bits, _PERMUTATION).moves.append((bits[0], bits[1]))
        elif gate.name in ("S", "Z"):
            self._quarter_turns(bits[0], 2 if gate.name == "Z" else 1)
        elif gate.name == "H":
            # H = RY(pi/2) Z.
            self._quarter_turns(bits[0], 2)
            self._rotation(bits[0], -1, 0.0, math.pi / 2)
        elif gate.name == "X":
            # X = RY(pi) Z.
            self._quarter_turns(bits[0], 2)
            self._rotation(bits[0], -1, 0.0, math.pi)
        elif gate.name == "Y":
            # Y = i RY(pi).
            self._rotation(bits[0], -1, 0.0, math.pi)
            self._layer(bits, _DIAGONAL).offset += math.pi / 2
        else:
            raise ValueError(
                f"the gate {gate.name} on qubits {gate.qubits} was not written with other gates "
                "before compilation"
            )

    def _pauli_rotation(self, gate: PauliRotation, bits: tuple[int, ...]) -> None:
        mask = sum(1 << bit for bit in bits)
        if set(gate.pauli) == {"Z"}:
            layer = self._layer(bits, _DIAGONAL)
            if mask >> self._low_bits and mask & ((1 << self._low_bits) - 1):
                layer.z_strings.append((mask, gate.parameter, gate.scale))
            else:
                layer.entries.append((mask, gate.parameter, -0.5 * gate.scale))
        elif gate.pauli == "Y":
            self._rotation(bits[0], gate.parameter, gate.scale)
        elif gate.pauli == "X":
            # Y = S X S^dagger, so that RX = S^dagger RY S.
            self._quarter_turns(bits[0], 1)
            self._rotation(bits[0], gate.parameter, gate.scale)
            self._quarter_turns(bits[0], -1)
        else:
            letters = dict(zip(gate.qubits, gate.pauli, strict=True))
            string = PauliString.on(self._num_bits, letters)
            self._layer(bits, _STRINGS).strings.append(
                (string.x_mask, string.z_mask, gate.parameter, gate.scale)
            )
