"""Compiles a circuit into the sweeps of the state-vector engine.

Every gate is written with RY rotations, diagonal gates, and Pauli strings: ``RX = S^dagger RY S``, ``H = RY(pi/2) Z``, ``X = RY(pi) Z``,
``Y = i RY(pi)`` and ``CX = RY(pi/2) CZ RY(-pi/2)`` on the target (all exact, with their phases). Gates are then sorted into layers, each as early as the
qubits it acts on allow; all diagonal gates of a layer become one table for each half of the index, and its rotations are grouped by threes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Gate, PauliRotation
from trainscape.physics.pauli import PauliString
from trainscape.simulators._statevector_tables import INNER_BITS, OUTER_BITS, Program

__all__ = ["compile_program", "first_layers"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

MIN_BITS = 5


class _Layer:
    """Gates of one layer: rotations, then what is diagonal, then Pauli strings."""

    def __init__(self) -> None:
        self.rotations: list[tuple[int, int, float, float]] = []  # bit, parameter or -1, factor, constant angle
        self.entries: list[tuple[int, int, float]] = []  # mask, parameter or -1, coefficient
        self.offset = 0.0
        self.pairs: set[tuple[int, int]] = set()
        self.z_strings: list[tuple[int, int, float]] = []  # mask, parameter, scale
        self.strings: list[tuple[int, int, int, float]] = []  # x and z masks, parameter, scale


class _Compiler:
    """Sorts gates into layers, each as early as possible, and writes the layers as tables."""

    def __init__(self, num_qubits: int) -> None:
        self.n = num_qubits
        self.low = max(4, min((num_qubits + 1) // 2, INNER_BITS))
        self.layers: list[_Layer] = []
        # For each bit the layer of its last gate, and the part of the layer (0 rotations, 1 diagonal, 2 strings) in which it is.
        self.last = [(-1, 2)] * num_qubits
        self.signs: dict[int, int] = {0: 0}
        self.flips: dict[frozenset[tuple[int, int]], int] = {frozenset(): 0}

    def bit(self, qubit: int) -> int:
        """Return the bit position of a qubit: qubit 0 is the most significant."""
        return self.n - 1 - qubit

    def layer(self, bits: Iterable[int], part: int) -> _Layer:
        """Return the first layer in which a gate of this part comes after all earlier gates on its bits."""
        index = 0
        for bit in bits:
            layer, used = self.last[bit]
            index = max(index, layer if part > used or part == used > 0 else layer + 1)
        for bit in bits:
            self.last[bit] = (index, part)
        if index == len(self.layers):
            self.layers.append(_Layer())
        return self.layers[index]

    def rotation(self, bit: int, parameter: int, factor: float, angle: float = 0.0) -> None:
        """Add RY(factor theta + angle)."""
        self.layer((bit,), 0).rotations.append((bit, parameter, factor, angle))

    def quarter(self, bit: int, quarters: int) -> None:
        """Add diag(1, i**quarters) = exp(i phi / 2) exp(-i phi Z / 2) with phi = pi quarters / 2."""
        layer = self.layer((bit,), 1)
        layer.offset += math.pi / 4 * quarters
        layer.entries.append((1 << bit, -1, -math.pi / 4 * quarters))

    def gate(self, gate: Gate) -> None:
        """Add a gate, written with RY, diagonal gates and Pauli strings."""
        bits = tuple(self.bit(qubit) for qubit in gate.qubits)
        if isinstance(gate, PauliRotation):
            self.pauli_rotation(gate, bits)
        elif gate.name == "CZ":
            self.layer(bits, 1).pairs ^= {(min(bits), max(bits))}
        elif gate.name == "CX":
            # X = RY(pi/2) Z RY(-pi/2).
            self.rotation(bits[1], -1, 0.0, -math.pi / 2)
            self.layer(bits, 1).pairs ^= {(min(bits), max(bits))}
            self.rotation(bits[1], -1, 0.0, math.pi / 2)
        elif gate.name in ("S", "Z"):
            self.quarter(bits[0], 2 if gate.name == "Z" else 1)
        elif gate.name == "H":
            # H = RY(pi/2) Z.
            self.quarter(bits[0], 2)
            self.rotation(bits[0], -1, 0.0, math.pi / 2)
        elif gate.name == "X":
            # X = RY(pi) Z.
            self.quarter(bits[0], 2)
            self.rotation(bits[0], -1, 0.0, math.pi)
        else:
            # Y = i RY(pi).
            self.rotation(bits[0], -1, 0.0, math.pi)
            self.layer(bits, 1).offset += math.pi / 2

    def pauli_rotation(self, gate: PauliRotation, bits: tuple[int, ...]) -> None:
        mask = sum(1 << bit for bit in bits)
        if set(gate.pauli) == {"Z"}:
            layer = self.layer(bits, 1)
            if mask >> self.low and mask & ((1 << self.low) - 1):
                layer.z_strings.append((mask, gate.parameter, gate.scale))
            else:
                layer.entries.append((mask, gate.parameter, -0.5 * gate.scale))
        elif gate.pauli == "Y":
            self.rotation(bits[0], gate.parameter, gate.scale)
        elif gate.pauli == "X":
            # Y = S X S^dagger, so that RX = S^dagger RY S.
            self.quarter(bits[0], 1)
            self.rotation(bits[0], gate.parameter, gate.scale)
            self.quarter(bits[0], -1)
        else:
            string = PauliString.on(self.n, dict(zip(gate.qubits, gate.pauli, strict=True)))
            self.layer(bits, 2).strings.append((string.x_mask, string.z_mask, gate.parameter, gate.scale))

    def sign_row(self, mask: int) -> int:
        return self.signs.setdefault(mask, len(self.signs))

    def sweeps(self, layer: _Layer, tables: _Tables) -> None:
        """Write the rotations of a layer as sweeps: the three lowest bits first, then up to three bits of one tier at a time."""
        rotations = sorted(layer.rotations)
        low = [rotation for rotation in rotations if rotation[0] < 3]
        if low or len(rotations) >= 9:
            tables.sweep(0, low, plain=False)
            low = [(0, 0, 0.0, 0.0)]
        edges = (3, INNER_BITS, OUTER_BITS, self.n)
        for tier in (1, 2, 3):
            members = [rotation for rotation in rotations if edges[tier - 1] <= rotation[0] < edges[tier]]
            pieces = -(-len(members) // 3)
            for piece in range(pieces):
                tables.sweep(tier, members[piece * len(members) // pieces : (piece + 1) * len(members) // pieces], plain=not low)

    def sign_table(self) -> Real:
        index = np.arange(2 ** max(self.low, self.n - self.low), dtype=np.uint64)
        rows = [1.0 - 2.0 * (np.bitwise_count(index & np.uint64(mask)) % 2) for mask in self.signs]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(index))

    def flip_tables(self) -> tuple[Real, Real, Int]:
        """Return the signs of the CZ gates within the low and within the high half, and the sign rows of those between."""
        low, high = np.ones((len(self.flips), 2**self.low)), np.ones((len(self.flips), 2 ** (self.n - self.low)))
        between = np.zeros(high.shape, dtype=np.int64)
        for row, pairs in enumerate(self.flips):
            for a, b in pairs:
                if b < self.low or a >= self.low:
                    table, shift = (low, 0) if b < self.low else (high, self.low)
                    index = np.arange(table.shape[1])
                    table[row] *= 1.0 - 2.0 * ((index >> (a - shift)) & (index >> (b - shift)) & 1)
                else:
                    between[row] ^= ((np.arange(high.shape[1]) >> (b - self.low)) & 1) << a
        masks, inverse = np.unique(between, return_inverse=True)
        rows = np.array([self.sign_row(int(mask)) for mask in masks], dtype=np.int64)
        return low, high, rows[inverse].reshape(between.shape)


class _Tables:
    """The lists that become the arrays of a program."""

    def __init__(self) -> None:
        self.layers: list[tuple[int, ...]] = []
        self.sweeps: list[tuple[int, int, int, int]] = []
        self.gates: list[tuple[int, int]] = []
        self.angles: list[tuple[float, float]] = []
        self.diagonals: list[tuple[int, int, int]] = []
        self.offsets: list[float] = []
        self.entries: list[tuple[int, int, int, int]] = []
        self.coefficients: list[float] = []
        self.strings: list[tuple[int, int, int]] = []
        self.scales: list[float] = []

    def sweep(self, tier: int, rotations: list[tuple[int, int, float, float]], *, plain: bool) -> None:
        self.sweeps.append((tier, len(self.gates), len(rotations), int(plain)))
        for bit, parameter, factor, angle in rotations:
            self.gates.append((bit, parameter))
            self.angles.append((factor, angle))

    def diagonal(self, layer: _Layer, compiler: _Compiler) -> int:
        """Write the fused diagonal of a layer and return its number, -1 if there is none."""
        if not (layer.entries or layer.pairs or layer.offset):
            return -1
        first = len(self.entries)
        for mask, parameter, coefficient in layer.entries:
            side = 1 if mask >> compiler.low else 0
            part = mask >> (compiler.low * side)
            self.entries.append((side, compiler.sign_row(part), parameter, part.bit_length() - 1 if part.bit_count() == 1 else -1))
            self.coefficients.append(coefficient)
        flip = compiler.flips.setdefault(frozenset(layer.pairs), len(compiler.flips))
        self.diagonals.append((first, len(self.entries), flip))
        self.offsets.append(layer.offset)
        return len(self.diagonals) - 1

    def layer(self, layer: _Layer, compiler: _Compiler) -> None:
        first = len(self.sweeps)
        compiler.sweeps(layer, self)
        row = [first, len(self.sweeps), self.diagonal(layer, compiler)]
        row.append(len(self.strings))
        for mask, parameter, scale in layer.z_strings:
            self.strings.append((compiler.sign_row(mask >> compiler.low), compiler.sign_row(mask & ((1 << compiler.low) - 1)), parameter))
            self.scales.append(scale)
        row += [len(self.strings)] * 2
        for x, z, parameter, scale in layer.strings:
            self.strings.append((x, z, parameter))
            self.scales.append(scale)
        row.append(len(self.strings))
        self.layers.append(tuple(row))


def compile_program(problem: Problem, *, extra_bits: int = 0) -> Program:
    """Compile a problem into the arrays that the kernels run.

    Parameters
    ----------
    problem
        Circuit and observable.
    extra_bits
        Idle bits to append below the qubits: columns that the gates act on alike. At least as many as make three bits in all are appended in any case.

    Returns
    -------
    Program
        Of ``num_qubits`` plus the appended bits.
    """
    n = problem.circuit.num_qubits
    idle = max(extra_bits, MIN_BITS - n)
    compiler, tables = _Compiler(n + idle), _Tables()
    for gate in problem.circuit.gates:
        compiler.gate(gate)
    for layer in compiler.layers:
        tables.layer(layer, compiler)
    flip_low, flip_high, flip_rows = compiler.flip_tables()
    index = np.arange(2**compiler.n, dtype=np.uint64)
    diagonal = np.zeros(len(index))
    terms, weights = [], []
    for weight, string in problem.observable.terms:
        x, z = string.x_mask << idle, string.z_mask << idle
        if x:
            terms.append((x, z))
            weights.append(weight)
        else:
            diagonal += weight * (1.0 - 2.0 * (np.bitwise_count(index & np.uint64(z)) % 2))
    return Program(
        compiler.n,
        compiler.low,
        np.array(tables.layers, dtype=np.int64).reshape(-1, 7),
        np.array(tables.sweeps, dtype=np.int64).reshape(-1, 4),
        np.array(tables.gates, dtype=np.int64).reshape(-1, 2),
        np.array(tables.angles, dtype=np.float64).reshape(-1, 2),
        np.array(tables.diagonals, dtype=np.int64).reshape(-1, 3),
        np.array(tables.offsets, dtype=np.float64),
        np.array(tables.entries, dtype=np.int64).reshape(-1, 4),
        np.array(tables.coefficients, dtype=np.float64),
        np.array(tables.strings, dtype=np.int64).reshape(-1, 3),
        np.array(tables.scales, dtype=np.float64),
        compiler.sign_table(),
        flip_low,
        flip_high,
        flip_rows,
        diagonal,
        np.array(terms, dtype=np.int64).reshape(-1, 2),
        np.array(weights, dtype=np.float64),
    )


def first_layers(program: Program, num_parameters: int) -> Int:
    """Return the first layer that uses each parameter, shape ``(P,)``; -1 for those that no gate uses."""
    first = np.full(num_parameters, -1, dtype=np.int64)
    for index in range(len(program.layers) - 1, -1, -1):
        begin, end, which, strings, _, _, last = program.layers[index]
        used = [program.gates[sweep[1] : sweep[1] + sweep[2], 1] for sweep in program.sweeps[begin:end]]
        used.append(program.strings[strings:last, 2])
        if which >= 0:
            used.append(program.entries[program.diagonals[which, 0] : program.diagonals[which, 1], 2])
        parameters = np.concatenate(used)
        first[parameters[parameters >= 0]] = index
    return first
