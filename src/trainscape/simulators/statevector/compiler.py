"""Compiles a circuit into the sweeps of the state-vector engine.

Every gate is written with RY rotations, diagonal gates, and Pauli strings: ``RX = S^dagger RY S``, ``H = RY(pi/2) Z``, ``X = RY(pi) Z``,
``Y = i RY(pi)`` and ``CX = RY(pi/2) CZ RY(-pi/2)`` on the target (all exact, with their phases). Gates are then sorted into layers, each as early as the
qubits it acts on allow; all diagonal gates of a layer become one table for each half of the index, and its rotations are grouped by threes. Evolutions stay
as they are: their terms are grouped by the bits they flip.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.circuits.observables import Observable, Projector
from trainscape.circuits.states import BasisState, state_vector
from trainscape.physics.pauli import PauliString
from trainscape.simulators.statevector.tables import INNER_BITS, OUTER_BITS, Program

__all__ = ["compile_program", "first_layers"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

MIN_BITS = 5


class _Layer:
    """Gates of one layer: rotations, then what is diagonal, then Pauli strings, then evolutions."""

    def __init__(self) -> None:
        self.rotations: list[
            tuple[int, int, float, float]
        ] = []  # bit, parameter or -1, factor, constant angle
        self.entries: list[tuple[int, int, float]] = []  # mask, parameter or -1, coefficient
        self.offset = 0.0
        self.pairs: set[tuple[int, int]] = set()
        self.z_strings: list[tuple[int, int, float]] = []  # mask, parameter, scale
        self.strings: list[tuple[int, int, int, float]] = []  # x and z masks, parameter, scale
        self.evolutions: list[Evolution] = []


class _Compiler:
    """Sorts gates into layers, each as early as possible, and writes the layers as tables."""

    def __init__(self, num_qubits: int) -> None:
        self.n = num_qubits
        self.low = max(4, min((num_qubits + 1) // 2, INNER_BITS))
        self.layers: list[_Layer] = []
        # For each bit the layer of its last gate, and the part of the layer (0 rotations, 1 diagonal, 2 strings, 3 evolutions) in which it is.
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
        match gate:
            case PauliRotation():
                self.pauli_rotation(gate, bits)
            case Evolution():
                self.layer(bits, 3).evolutions.append(gate)
            case FixedGate():
                self.fixed(gate, bits)
            case Unitary():
                raise ValueError(
                    f"the unitary on qubits {gate.qubits} was not written with other gates before compilation"
                )

    def fixed(self, gate: FixedGate, bits: tuple[int, ...]) -> None:
        if gate.name == "CZ":
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
        elif gate.name == "Y":
            # Y = i RY(pi).
            self.rotation(bits[0], -1, 0.0, math.pi)
            self.layer(bits, 1).offset += math.pi / 2
        else:
            raise ValueError(
                f"the gate {gate.name} on qubits {gate.qubits} was not written with other gates before compilation"
            )

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
            self.layer(bits, 2).strings.append(
                (string.x_mask, string.z_mask, gate.parameter, gate.scale)
            )

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
            members = [
                rotation for rotation in rotations if edges[tier - 1] <= rotation[0] < edges[tier]
            ]
            pieces = -(-len(members) // 3)
            for piece in range(pieces):
                tables.sweep(
                    tier,
                    members[piece * len(members) // pieces : (piece + 1) * len(members) // pieces],
                    plain=not low,
                )

    def sign_table(self) -> Real:
        index = np.arange(2 ** max(self.low, self.n - self.low), dtype=np.uint64)
        rows = [1.0 - 2.0 * (np.bitwise_count(index & np.uint64(mask)) % 2) for mask in self.signs]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(index))

    def flip_tables(self) -> tuple[Real, Real, Int]:
        """Return the signs of the CZ gates within the low and within the high half, and the sign rows of those between."""
        low, high = (
            np.ones((len(self.flips), 2**self.low)),
            np.ones((len(self.flips), 2 ** (self.n - self.low))),
        )
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
        self.evolutions: list[tuple[int, int, int]] = []
        self.times: list[tuple[float, float]] = []
        self.groups: list[tuple[int, int, int, int]] = []
        self.group_strings: list[tuple[int, int, int]] = []
        self.group_weights: list[tuple[float, float]] = []

    def sweep(
        self, tier: int, rotations: list[tuple[int, int, float, float]], *, plain: bool
    ) -> None:
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
            self.entries.append(
                (
                    side,
                    compiler.sign_row(part),
                    parameter,
                    part.bit_length() - 1 if part.bit_count() == 1 else -1,
                )
            )
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
            self.strings.append(
                (
                    compiler.sign_row(mask >> compiler.low),
                    compiler.sign_row(mask & ((1 << compiler.low) - 1)),
                    parameter,
                )
            )
            self.scales.append(scale)
        row += [len(self.strings)] * 2
        for x, z, parameter, scale in layer.strings:
            self.strings.append((x, z, parameter))
            self.scales.append(scale)
        row += [len(self.strings), len(self.evolutions)]
        for evolution in layer.evolutions:
            self.evolution(evolution, compiler)
        row.append(len(self.evolutions))
        self.layers.append(tuple(row))

    def evolution(self, gate: Evolution, compiler: _Compiler) -> None:
        """Write the terms of a generator, grouped by the bits they flip and by whether they are real or imaginary."""
        if gate.parameter is None or gate.offset:
            raise ValueError(
                f"the evolution on qubits {gate.qubits} was not written without constant time before compilation"
            )
        grouped: dict[tuple[int, int], list[tuple[float, int, int]]] = {}
        for weight, string in gate.hamiltonian.terms:
            spread = PauliString.on(compiler.n, dict(zip(gate.qubits, string.label, strict=True)))
            x, z = spread.x_mask, spread.z_mask
            grouped.setdefault((x, (x & z).bit_count() % 2), []).append(
                (weight, z, (x & z).bit_count())
            )
        first = len(self.groups)
        for (x, odd), terms in grouped.items():
            self.groups.append(
                (x, odd, len(self.group_strings), len(self.group_strings) + len(terms))
            )
            for weight, z, count in terms:
                high, low = (
                    compiler.sign_row(z >> compiler.low),
                    compiler.sign_row(z & ((1 << compiler.low) - 1)),
                )
                self.group_strings.append((high, low, z))
                # Seen from the amplitude that it goes to, P has the factor (-i)**count times the sign there.
                self.group_weights.append((weight, weight if count % 4 in (0, 3) else -weight))
        self.evolutions.append((first, len(self.groups), gate.parameter))
        # The zero generator, which any bound holds for, must not have the bound 0.
        self.times.append(
            (gate.scale, sum(abs(weight) for weight, _ in gate.hamiltonian.terms) or 1.0)
        )


class _Observed:
    """The tables of an observable on `num_bits` bits, of which `idle` below the qubits are idle."""

    def __init__(self, observable: Observable | None, num_bits: int, idle: int) -> None:
        self.diagonal = np.zeros(0)
        self.terms: list[tuple[int, int]] = []
        self.weights: list[float] = []
        self.projector = np.zeros(0, dtype=np.complex128)
        self.mask, self.weight = 0, 0.0
        if observable is None:
            return
        if isinstance(observable, Projector):
            self.mask, self.weight = (
                sum(1 << (num_bits - 1 - qubit) for qubit in observable.qubits),
                observable.weight,
            )
            if observable.state != BasisState("0" * len(observable.qubits)):
                # The qubits in ascending order are the bits in descending order, as in the index of a vector.
                tensor = state_vector(observable.state).reshape((2,) * len(observable.qubits))
                self.projector = np.array(
                    tensor.transpose(np.argsort(observable.qubits)), order="C"
                ).reshape(-1)
                return
        index = np.arange(2**num_bits, dtype=np.uint64)
        if isinstance(observable, Projector):
            self.diagonal = np.where(index & np.uint64(self.mask), 0.0, observable.weight)
            return
        self.diagonal = np.zeros(len(index))
        for weight, string in observable.terms:
            x, z = string.x_mask << idle, string.z_mask << idle
            if x:
                self.terms.append((x, z))
                self.weights.append(weight)
            else:
                self.diagonal += weight * (1.0 - 2.0 * (np.bitwise_count(index & np.uint64(z)) % 2))


def compile_program(problem: Problem, *, extra_bits: int = 0, observed: bool = True) -> Program:
    """Compile a lowered problem into the arrays that the kernels run.

    Parameters
    ----------
    problem
        Circuit and observable, in the gates of `trainscape.circuits.lowering`. Its inputs are not looked at.
    extra_bits
        Idle bits to append below the qubits: columns that the gates act on alike. At least as many as make five bits in all are appended in any case.
    observed
        Whether to write the tables of the observable, half the size of a state.

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
    measured = _Observed(problem.observable if observed else None, compiler.n, idle)
    return Program(
        num_qubits=compiler.n,
        low_bits=compiler.low,
        layers=_integers(tables.layers, 9),
        sweeps=_integers(tables.sweeps, 4),
        gates=_integers(tables.gates, 2),
        gate_angles=_numbers(tables.angles, 2),
        diagonals=_integers(tables.diagonals, 3),
        offsets=np.array(tables.offsets, dtype=np.float64),
        entries=_integers(tables.entries, 4),
        coefficients=np.array(tables.coefficients, dtype=np.float64),
        strings=_integers(tables.strings, 3),
        scales=np.array(tables.scales, dtype=np.float64),
        evolutions=_integers(tables.evolutions, 3),
        times=_numbers(tables.times, 2),
        groups=_integers(tables.groups, 4),
        group_strings=_integers(tables.group_strings, 3),
        group_weights=_numbers(tables.group_weights, 2),
        signs=compiler.sign_table(),
        flip_low=flip_low,
        flip_high=flip_high,
        flip_rows=flip_rows,
        diagonal=measured.diagonal,
        terms=_integers(measured.terms, 2),
        weights=np.array(measured.weights, dtype=np.float64),
        projector=measured.projector,
        projector_mask=measured.mask,
        projector_weight=measured.weight,
    )


def _integers(rows: Sequence[tuple[int, ...]], width: int) -> Int:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _numbers(rows: Sequence[tuple[float, ...]], width: int) -> Real:
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def first_layers(program: Program, num_parameters: int) -> Int:
    """Return the first layer that uses each of the parameters below `num_parameters`, shape ``(P,)``; -1 for those that no gate uses."""
    first = np.full(num_parameters, -1, dtype=np.int64)
    for index in range(len(program.layers) - 1, -1, -1):
        begin, end, which, strings, _, _, last, *evolutions = program.layers[index]
        used = [
            program.gates[sweep[1] : sweep[1] + sweep[2], 1] for sweep in program.sweeps[begin:end]
        ]
        used.append(program.strings[strings:last, 2])
        used.append(program.evolutions[slice(*evolutions), 2])
        if which >= 0:
            used.append(
                program.entries[program.diagonals[which, 0] : program.diagonals[which, 1], 2]
            )
        parameters = np.concatenate(used)
        first[parameters[(parameters >= 0) & (parameters < num_parameters)]] = index
    return first
