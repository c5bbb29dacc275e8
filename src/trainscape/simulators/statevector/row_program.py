"""The tables of a circuit on a small register, for kernels that work on many states at once.

They are made from those of a `Program`. A diagonal has one table of phases for the whole index
here, not one for each half, because a table is used for many states.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_ENTRIES,
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    END_OF_SWEEPS,
    END_OF_Z_STRINGS,
    FIRST_ENTRY,
    FIRST_EVOLUTION,
    FIRST_STRING,
    FIRST_SWEEP,
    FIRST_Z_STRING,
    FLIPS,
    HIGH_SIGNS,
    LOW_SIGNS,
    OUTER_BITS,
    PERMUTATION,
    STRING_PARAMETER,
    Program,
)
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "END_OF_PAULIS",
    "END_OF_ROTATIONS",
    "END_OF_SIGNS",
    "FIRST_PAULI",
    "FIRST_ROTATION",
    "FIRST_SIGN",
    "MOVE",
    "PHASES",
    "SIGN_BIT",
    "SIGN_PARAMETER",
    "SIGN_ROW",
    "RowProgram",
    "RowScratch",
    "allocate",
    "arrange",
    "fits_rows",
    "pack",
    "row_program",
    "unpack",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

# Columns of `RowProgram.layers`. The end of a range is the index after its last element.
FIRST_ROTATION, END_OF_ROTATIONS = 0, 1
FIRST_SIGN, END_OF_SIGNS, PHASES = 2, 3, 4
FIRST_PAULI, END_OF_PAULIS = 5, 6
MOVE = 7

# Columns of `RowProgram.entries`.
SIGN_ROW, SIGN_PARAMETER, SIGN_BIT = 0, 1, 2


class RowProgram(NamedTuple):
    """A compiled circuit without evolutions on at most `OUTER_BITS` bits.

    Parameters
    ----------
    layers
        Shape (K, 8): sweeps from, to; entries of the diagonal from, to; row of `flips`, or -1 if
        there is no diagonal; Pauli strings from, to; row of `sources`, or -1 for no permutation.
    sweeps, gates, gate_angles
        As in `Program`.
    entries
        Shape (E, 3): row of `signs`, parameter or -1, and the bit, or -1 for several bits.
    coefficients
        Shape (E,): entry e multiplies amplitude x by ``exp(i coefficient_e angle_e sign_e(x))``,
        where the angle is a parameter, or 1.
    offsets
        Shape (K,): phases of the diagonals in radians.
    signs
        Shape (R, D): signs +-1 of Z strings.
    flips
        Shape (F, D): signs +-1 of products of CZ gates.
    strings, scales
        As in `Program`, for strings that are not of Z letters alone.
    sources
        Shape (R, D): where each amplitude comes from.
    """

    layers: Int
    sweeps: Int
    gates: Int
    gate_angles: Real
    entries: Int
    coefficients: Real
    offsets: Real
    signs: Real
    flips: Real
    strings: Int
    scales: Real
    sources: Int


class RowScratch(NamedTuple):
    """Work space of a row program: its coefficients at one parameter vector, and a few rows.

    Parameters
    ----------
    coefficients
        Shape (W, 4 * WIDTH): coefficients of all sweeps.
    variants
        Shape (W,): their forms.
    phases
        Shape (K, 2, D): real and imaginary parts of the phases of each diagonal.
    state
        One row, shape (2 D,).
    rows
        A block of rows, one after the other, shape (B * 2 D,).
    angles
        Shape (n,): an angle for each bit.
    row_of
        Shape (P,): the row of the tangent of each parameter, or 0.
    moved
        Half a row, shape (D,).
    """

    coefficients: Real
    variants: Int
    phases: Real
    state: Real
    rows: Real
    angles: Real
    row_of: Int
    moved: Real


def fits_rows(program: Program) -> bool:
    """Return whether a program can be written as a `RowProgram`."""
    return program.num_qubits <= OUTER_BITS and len(program.evolutions) == 0


def row_program(program: Program) -> RowProgram:
    """Write the tables of a program for which `fits_rows` is true.

    Parameters
    ----------
    program
        The program, idle bits included.

    Raises
    ------
    ValueError
        If the program has evolutions, or too many bits.
    """
    if not fits_rows(program):
        raise ValueError(
            f"rows are for circuits of at most {OUTER_BITS} bits without evolutions, and this one "
            f"has {program.num_qubits} bits and {len(program.evolutions)} evolutions"
        )
    index = np.arange(2**program.num_qubits)
    high, low = index >> program.low_bits, index & (2**program.low_bits - 1)
    known: dict[bytes, int] = {}
    tables: list[Real] = []

    def row_of(signs: Real) -> int:
        key = signs.tobytes()
        if key not in known:
            known[key] = len(tables)
            tables.append(signs)
        return known[key]

    layers: list[tuple[int, ...]] = []
    entries: list[tuple[int, int, int]] = []
    strings: list[tuple[int, ...]] = []
    coefficients: list[float] = []
    offsets: list[float] = []
    scales: list[float] = []
    for row in program.layers:
        assert row[FIRST_EVOLUTION] == row[END_OF_EVOLUTIONS]
        first, flip, offset = len(entries), -1, 0.0
        if row[DIAGONAL] >= 0:
            diagonal = program.diagonals[row[DIAGONAL]]
            flip, offset = int(diagonal[FLIPS]), float(program.offsets[row[DIAGONAL]])
            for e in range(diagonal[FIRST_ENTRY], diagonal[END_OF_ENTRIES]):
                half, signs, parameter, bit = program.entries[e]
                place = high if half else low
                whole = bit + program.low_bits if half and bit >= 0 else bit
                entries.append((row_of(program.signs[signs][place]), int(parameter), int(whole)))
                coefficients.append(float(program.coefficients[e]))
        for k in range(row[FIRST_Z_STRING], row[END_OF_Z_STRINGS]):
            string = program.strings[k]
            signs_of_k = program.signs[string[HIGH_SIGNS]][high]
            signs_of_k = signs_of_k * program.signs[string[LOW_SIGNS]][low]
            entries.append((row_of(signs_of_k), int(string[STRING_PARAMETER]), -1))
            coefficients.append(-0.5 * float(program.scales[k]))
            flip = max(flip, 0)
        first_string = len(strings)
        for k in range(row[FIRST_STRING], row[END_OF_STRINGS]):
            strings.append(tuple(int(entry) for entry in program.strings[k]))
            scales.append(float(program.scales[k]))
        layers.append(
            (
                int(row[FIRST_SWEEP]),
                int(row[END_OF_SWEEPS]),
                first,
                len(entries),
                flip,
                first_string,
                len(strings),
                int(row[PERMUTATION]),
            )
        )
        offsets.append(offset)
    between = program.signs[program.flip_rows][:, :, : 2**program.low_bits]
    flips = program.flip_high[:, :, None] * between * program.flip_low[:, None, :]
    forward = program.permutations[:, 0]
    return RowProgram(
        layers=np.array(layers, dtype=np.int64).reshape(-1, 8),
        sweeps=program.sweeps,
        gates=program.gates,
        gate_angles=program.gate_angles,
        entries=np.array(entries, dtype=np.int64).reshape(-1, 3),
        coefficients=np.array(coefficients, dtype=np.float64),
        offsets=np.array(offsets, dtype=np.float64),
        signs=np.array(tables, dtype=np.float64).reshape(-1, len(index)),
        flips=np.ascontiguousarray(flips.reshape(len(flips), -1)),
        strings=np.array(strings, dtype=np.int64).reshape(-1, 3),
        scales=np.array(scales, dtype=np.float64),
        sources=forward[:, 1, high] ^ forward[:, 0, low],
    )


def pack(program: RowProgram) -> tuple[Int, Real]:
    """Return all tables of a program as one array of integers and one of numbers.

    A kernel that is called with a few arrays starts several microseconds earlier than one that is
    called with many: as long as a small circuit takes for a dozen tangents.
    """
    tables = (
        program.layers,
        program.sweeps,
        program.gates,
        program.entries,
        program.strings,
        program.sources,
    )
    sizes = [*(len(table) for table in tables), *program.signs.shape, len(program.flips)]
    integers = np.concatenate([np.array(sizes), *(table.ravel() for table in tables)])
    numbers = np.concatenate(
        [
            program.flips.ravel(),
            program.signs.ravel(),
            program.gate_angles.ravel(),
            program.coefficients,
            program.offsets,
            program.scales,
        ]
    )
    return integers.astype(np.int64), numbers


@nb.njit(cache=True)
def unpack(integers: Int, numbers: Real) -> RowProgram:
    """Return the program that `pack` wrote, as views."""
    num_layers, num_sweeps, num_gates, num_entries, num_strings, num_moves = (
        integers[0],
        integers[1],
        integers[2],
        integers[3],
        integers[4],
        integers[5],
    )
    num_signs, size, num_flips = integers[6], integers[7], integers[8]
    a = 9 + 8 * num_layers
    b = a + 4 * num_sweeps
    c = b + 2 * num_gates
    d = c + 3 * num_entries
    m = d + 3 * num_strings
    e = num_flips * size
    f = e + num_signs * size
    g = f + 2 * num_gates
    h = g + num_entries
    k = h + num_layers
    return RowProgram(
        integers[9:a].reshape(num_layers, 8),
        integers[a:b].reshape(num_sweeps, 4),
        integers[b:c].reshape(num_gates, 2),
        numbers[f:g].reshape(num_gates, 2),
        integers[c:d].reshape(num_entries, 3),
        numbers[g:h],
        numbers[h:k],
        numbers[e:f].reshape(num_signs, size),
        numbers[:e].reshape(num_flips, size),
        integers[d:m].reshape(num_strings, 3),
        numbers[k:],
        integers[m:].reshape(num_moves, size),
    )


def allocate(program: RowProgram, num_rows: int, num_parameters: int) -> tuple[Real, Int]:
    """Allocate the work space for `num_rows` rows and `num_parameters` parameters.

    Returns
    -------
    space, counts
        What `arrange` takes. The first starts on a cache line.
    """
    size, num_layers, num_sweeps = program.flips.shape[1], len(program.layers), len(program.sweeps)
    length = 2 * size * (num_rows + 1 + num_layers) + 4 * WIDTH * num_sweeps
    length += size + size.bit_length()
    space = np.empty(length + WIDTH)
    first = -(space.ctypes.data // 8) % WIDTH
    counts = np.zeros(num_sweeps + num_parameters, dtype=np.int64)
    return space[first : first + length], counts


@nb.njit(cache=True)
def arrange(program: RowProgram, space: Real, counts: Int, num_rows: int) -> RowScratch:
    """Divide the arrays of `allocate`."""
    num_layers, num_sweeps, size = (
        program.layers.shape[0],
        program.sweeps.shape[0],
        program.flips.shape[1],
    )
    a = 2 * size * num_rows
    b = a + 2 * size
    c = b + 2 * size * num_layers
    d = c + 4 * WIDTH * num_sweeps
    e = d + size
    return RowScratch(
        space[c:d].reshape(num_sweeps, 4 * WIDTH),
        counts[:num_sweeps],
        space[b:c].reshape(num_layers, 2, size),
        space[a:b],
        space[:a],
        space[e:],
        counts[num_sweeps:],
        space[d:e],
    )
