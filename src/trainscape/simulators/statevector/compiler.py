"""Compiles a circuit into the tables of the state-vector engine.

The layers come from `LayerSorter`. All diagonal gates of a layer become one table for each half of
the index, and so do its CX gates, which permute the index linearly over two elements. Its rotations
are grouped by threes into sweeps. The terms of an evolution are grouped by the bits that they flip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution
from trainscape.physics.pauli import PauliString
from trainscape.simulators.statevector.layers import Layer, LayerSorter
from trainscape.simulators.statevector.observable_tables import ObservableTables
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_ENTRIES,
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    END_OF_SWEEPS,
    ENTRY_PARAMETER,
    EVOLUTION_PARAMETER,
    FIRST_ENTRY,
    FIRST_EVOLUTION,
    FIRST_GATE,
    FIRST_SWEEP,
    FIRST_Z_STRING,
    GATE_PARAMETER,
    INNER_BITS,
    INNER_TIER,
    LOW_TIER,
    NUM_GATES,
    OUTER_BITS,
    OUTER_TIER,
    STRING_PARAMETER,
    WHOLE_TIER,
    Program,
)

__all__ = ["compile_program", "first_layers"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

MIN_BITS = 5


class _Signs:
    """The sign table: a row of signs of a Z string for each mask that was asked for.

    Parameters
    ----------
    num_bits, low_bits
        Number of bits of the index, and of its low half.
    """

    def __init__(self, num_bits: int, low_bits: int) -> None:
        self._high_bits, self._low_bits = num_bits - low_bits, low_bits
        self._rows: dict[int, int] = {0: 0}

    def row(self, mask: int) -> int:
        """Return the row of a mask within one half of the index."""
        return self._rows.setdefault(mask, len(self._rows))

    def rows(self, mask: int) -> tuple[int, int]:
        """Return the rows of the high and the low part of a mask."""
        return self.row(mask >> self._low_bits), self.row(mask & ((1 << self._low_bits) - 1))

    def table(self) -> Real:
        """Return the signs, shape (R, size of the larger half)."""
        index = np.arange(2 ** max(self._low_bits, self._high_bits), dtype=np.uint64)
        rows = [1.0 - 2.0 * (np.bitwise_count(index & np.uint64(mask)) % 2) for mask in self._rows]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(index))


class _Tables:
    """The lists that become the arrays of a `Program`."""

    def __init__(self, num_bits: int, low_bits: int) -> None:
        self.num_bits, self.low_bits = num_bits, low_bits
        self.signs = _Signs(num_bits, low_bits)
        self.flips: dict[frozenset[tuple[int, int]], int] = {frozenset(): 0}
        self.moves: dict[tuple[tuple[int, int], ...], int] = {}
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

    def add_layer(self, layer: Layer) -> None:
        """Write all gates of a layer."""
        first_sweep = len(self.sweeps)
        self._add_sweeps(layer)
        row = [first_sweep, len(self.sweeps), self._add_diagonal(layer)]
        row.append(len(self.strings))
        for mask, parameter, scale in layer.z_strings:
            self.strings.append((*self.signs.rows(mask), parameter))
            self.scales.append(scale)
        row += [len(self.strings)] * 2
        for x, z, parameter, scale in layer.strings:
            self.strings.append((x, z, parameter))
            self.scales.append(scale)
        row += [len(self.strings), len(self.evolutions)]
        for evolution in layer.evolutions:
            self._add_evolution(evolution)
        row.append(len(self.evolutions))
        moves = tuple(layer.moves)
        row.append(self.moves.setdefault(moves, len(self.moves)) if moves else -1)
        self.layers.append(tuple(row))

    def _add_sweeps(self, layer: Layer) -> None:
        """Write the rotations of a layer as sweeps.

        The three lowest bits come first, then up to three bits of one tier at a time. A layer with
        a low sweep has no plain sweeps: the low sweep multiplies by what the others divide out.
        """
        rotations = sorted(layer.rotations)
        low = [rotation for rotation in rotations if rotation[0] < 3]
        plain = not low and len(rotations) < 9
        if not plain:
            self._add_sweep(LOW_TIER, low, plain=False)
        edges = (3, INNER_BITS, OUTER_BITS, self.num_bits)
        for tier in (INNER_TIER, OUTER_TIER, WHOLE_TIER):
            members = [
                rotation for rotation in rotations if edges[tier - 1] <= rotation[0] < edges[tier]
            ]
            pieces = -(-len(members) // 3)
            for piece in range(pieces):
                first, end = (len(members) * k // pieces for k in (piece, piece + 1))
                self._add_sweep(tier, members[first:end], plain=plain)

    def _add_sweep(
        self, tier: int, rotations: list[tuple[int, int, float, float]], *, plain: bool
    ) -> None:
        self.sweeps.append((tier, len(self.gates), len(rotations), int(plain)))
        for bit, parameter, factor, angle in rotations:
            self.gates.append((bit, parameter))
            self.angles.append((factor, angle))

    def _add_diagonal(self, layer: Layer) -> int:
        """Write the diagonal of a layer and return its number, or -1 if there is none."""
        if not (layer.entries or layer.pairs or layer.offset):
            return -1
        first = len(self.entries)
        for mask, parameter, coefficient in layer.entries:
            half = 1 if mask >> self.low_bits else 0
            part = mask >> (self.low_bits * half)
            bit = part.bit_length() - 1 if part.bit_count() == 1 else -1
            self.entries.append((half, self.signs.row(part), parameter, bit))
            self.coefficients.append(coefficient)
        flip = self.flips.setdefault(frozenset(layer.pairs), len(self.flips))
        self.diagonals.append((first, len(self.entries), flip))
        self.offsets.append(layer.offset)
        return len(self.diagonals) - 1

    def _add_evolution(self, gate: Evolution) -> None:
        """Write the terms of a generator.

        They are grouped by the bits that they flip, and by whether they are real or imaginary.
        """
        if gate.parameter is None or gate.offset:
            raise ValueError(
                f"the evolution on qubits {gate.qubits} was not written without constant time "
                "before compilation"
            )
        grouped: dict[tuple[int, int], list[tuple[float, int, int]]] = {}
        for weight, string in gate.hamiltonian.terms:
            letters = dict(zip(gate.qubits, string.label, strict=True))
            whole = PauliString.on(self.num_bits, letters)
            x, z = whole.x_mask, whole.z_mask
            num_y = (x & z).bit_count()
            grouped.setdefault((x, num_y % 2), []).append((weight, z, num_y))
        first = len(self.groups)
        for (x, odd), terms in grouped.items():
            first_string = len(self.group_strings)
            self.groups.append((x, odd, first_string, first_string + len(terms)))
            for weight, z, num_y in terms:
                self.group_strings.append((*self.signs.rows(z), z))
                # As a function of the target amplitude, P has the factor (-i)**num_y sign(target).
                self.group_weights.append((weight, weight if num_y % 4 in (0, 3) else -weight))
        self.evolutions.append((first, len(self.groups), gate.parameter))
        # The expansion divides by the bound, so that the zero generator gets the bound 1.
        bound = sum(abs(weight) for weight, _ in gate.hamiltonian.terms) or 1.0
        self.times.append((gate.scale, bound))

    def permutations(self) -> Int:
        """Return where each amplitude comes from, as `Program` has it.

        A CX is its own inverse, so that an amplitude comes from where the gates, last one first,
        take it.
        """
        halves = self.low_bits, self.num_bits - self.low_bits
        found = np.zeros((len(self.moves), 2, 2, 2 ** max(halves)), dtype=np.int64)
        for moves, row in self.moves.items():
            for direction, ordered in enumerate((moves[::-1], moves)):
                for half, bits in enumerate(halves):
                    index = np.arange(2**bits, dtype=np.int64) << (self.low_bits * half)
                    for control, target in ordered:
                        index ^= (index >> control & 1) << target
                    found[row, direction, half, : 2**bits] = index
        return found

    def flip_tables(self) -> tuple[Real, Real, Int]:
        """Return the signs of the CZ gates.

        Returns
        -------
        low, high : numpy.ndarray
            Signs of the gates within a half, shape (F, size of the half).
        rows : numpy.ndarray
            Rows of the sign table for the gates between the halves, shape (F, size of the high
            half).
        """
        low = np.ones((len(self.flips), 2**self.low_bits))
        high = np.ones((len(self.flips), 2 ** (self.num_bits - self.low_bits)))
        between = np.zeros(high.shape, dtype=np.int64)
        for row, pairs in enumerate(self.flips):
            for a, b in pairs:
                if b < self.low_bits or a >= self.low_bits:
                    table, shift = (low, 0) if b < self.low_bits else (high, self.low_bits)
                    index = np.arange(table.shape[1])
                    table[row] *= 1.0 - 2.0 * ((index >> (a - shift)) & (index >> (b - shift)) & 1)
                else:
                    index = np.arange(high.shape[1])
                    between[row] ^= ((index >> (b - self.low_bits)) & 1) << a
        masks, inverse = np.unique(between, return_inverse=True)
        rows = np.array([self.signs.row(int(mask)) for mask in masks], dtype=np.int64)
        return low, high, rows[inverse].reshape(between.shape)


def compile_program(problem: Problem, *, extra_bits: int = 0, observed: bool = True) -> Program:
    """Compile a lowered problem into the arrays that the kernels run.

    Parameters
    ----------
    problem
        Circuit and observable, in the gates of `trainscape.circuits.lowering`. Its inputs are not
        used.
    extra_bits
        Number of idle bits below those of the qubits. The gates act on each of their settings
        (columns) alike. More are added if there are fewer than five bits in all.
    observed
        Whether to write the tables of the observable, half the size of a state.

    Returns
    -------
    Program
        Its ``num_qubits`` includes the idle bits.

    Raises
    ------
    ValueError
        If the circuit has a gate that lowering should have replaced.
    """
    n = problem.circuit.num_qubits
    idle = max(extra_bits, MIN_BITS - n)
    num_bits = n + idle
    low_bits = max(4, min((num_bits + 1) // 2, INNER_BITS))
    sorter, tables = LayerSorter(num_bits, low_bits), _Tables(num_bits, low_bits)
    for gate in problem.circuit.gates:
        sorter.add(gate)
    for layer in sorter.layers:
        tables.add_layer(layer)
    flip_low, flip_high, flip_rows = tables.flip_tables()
    measured = ObservableTables(problem.observable if observed else None, num_bits, idle)
    return Program(
        num_qubits=num_bits,
        low_bits=low_bits,
        layers=_integers(tables.layers, 10),
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
        permutations=tables.permutations(),
        signs=tables.signs.table(),
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
    """Return the first layer that uses each parameter below `num_parameters`, shape ``(P,)``.

    The entry is -1 for parameters that no gate uses.
    """
    first = np.full(num_parameters, -1, dtype=np.int64)
    for index in range(len(program.layers) - 1, -1, -1):
        row = program.layers[index]
        used = [
            program.gates[sweep[FIRST_GATE] : sweep[FIRST_GATE] + sweep[NUM_GATES], GATE_PARAMETER]
            for sweep in program.sweeps[row[FIRST_SWEEP] : row[END_OF_SWEEPS]]
        ]
        used.append(program.strings[row[FIRST_Z_STRING] : row[END_OF_STRINGS], STRING_PARAMETER])
        used.append(
            program.evolutions[row[FIRST_EVOLUTION] : row[END_OF_EVOLUTIONS], EVOLUTION_PARAMETER]
        )
        if row[DIAGONAL] >= 0:
            diagonal = program.diagonals[row[DIAGONAL]]
            entries = program.entries[diagonal[FIRST_ENTRY] : diagonal[END_OF_ENTRIES]]
            used.append(entries[:, ENTRY_PARAMETER])
        parameters = np.concatenate(used)
        first[parameters[(parameters >= 0) & (parameters < num_parameters)]] = index
    return first
