"""Numba kernels that apply the layers of a small circuit to many states at once.

States are rows of a stack: the real parts of the first one, its imaginary parts, then those of the
next one. Rotations are real, so that a sweep runs over the whole stack as over one real vector. A
few rows at a time go through a layer, while they are in the first-level cache.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import (
    BIT,
    FIRST_GATE,
    GATE_PARAMETER,
    NUM_GATES,
    SCALE,
    STRING_PARAMETER,
    X_MASK,
    Z_MASK,
)
from trainscape.simulators.statevector.row_program import (
    END_OF_PAULIS,
    END_OF_ROTATIONS,
    END_OF_SIGNS,
    FIRST_PAULI,
    FIRST_ROTATION,
    FIRST_SIGN,
    MOVE,
    PHASES,
    SIGN_BIT,
    SIGN_PARAMETER,
    SIGN_ROW,
    RowProgram,
    RowScratch,
)
from trainscape.simulators.statevector.row_vectors import (
    add_pair,
    add_signs,
    add_swapped,
    multiply_phases,
)
from trainscape.simulators.statevector.scalar_kernels import odd, unit_of
from trainscape.simulators.statevector.string_kernels import rotate_string
from trainscape.simulators.statevector.sweep_kernels import sweep
from trainscape.simulators.statevector.table_kernels import prepare_sweeps
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["advance_rows", "prepare_rows"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64

CHUNK = 2**11
"""Entries, 16 kB, of the rows that go through a layer together."""


@nb.njit(cache=True)
def _fill_phases(
    entries: Int,
    coefficients: Real,
    signs: Real,
    flips: Real,
    offset: float,
    theta: Real,
    angles: Real,
    phases: Real,
) -> None:
    """Write the phases of one diagonal; `angles` is work space, one entry for each bit.

    Entries of one bit are filled by doubling, with one sine and cosine for each bit; the others one
    by one.
    """
    real, imaginary = phases[0], phases[1]
    angles[:] = 0.0
    total = offset
    for e in range(entries.shape[0]):
        bit, parameter = entries[e, SIGN_BIT], entries[e, SIGN_PARAMETER]
        if bit >= 0:
            angle = coefficients[e] * (theta[parameter] if parameter >= 0 else 1.0)
            angles[bit] += angle
            total += angle
    real[0], imaginary[0] = math.cos(total), math.sin(total)
    size, bit = u64(1), 0
    while size < u64(real.size):
        c, s = math.cos(2.0 * angles[bit]), -math.sin(2.0 * angles[bit])
        for j in range(size):
            a, b = real[j], imaginary[j]
            real[j + size], imaginary[j + size] = c * a - s * b, c * b + s * a
        size, bit = size << u64(1), bit + 1
    for e in range(entries.shape[0]):
        parameter = entries[e, SIGN_PARAMETER]
        if entries[e, SIGN_BIT] < 0:
            angle = coefficients[e] * (theta[parameter] if parameter >= 0 else 1.0)
            c, s = math.cos(angle), math.sin(angle)
            row = signs[entries[e, SIGN_ROW]]
            for j in range(size):
                t = s * row[j]
                a, b = real[j], imaginary[j]
                real[j], imaginary[j] = c * a - t * b, c * b + t * a
    for j in range(size):
        real[j] *= flips[j]
        imaginary[j] *= flips[j]


@nb.njit(cache=True)
def prepare_rows(program: RowProgram, theta: Real, scratch: RowScratch, direction: float) -> None:
    """Write the coefficients of all sweeps, and the phases of all diagonals.

    Parameters
    ----------
    program
        The circuit.
    theta
        Shape (P,).
    scratch
        Its work space, to which they are written.
    direction
        1.0, or -1.0 for the inverse rotations.
    """
    for layer in range(program.layers.shape[0]):
        row = program.layers[layer]
        first, end = row[FIRST_ROTATION], row[END_OF_ROTATIONS]
        prepare_sweeps(
            program.sweeps,
            program.gates,
            program.gate_angles,
            first,
            end,
            theta,
            scratch.coefficients[first:end],
            scratch.variants[first:end],
            direction,
        )
        if row[PHASES] >= 0:
            begin, after = row[FIRST_SIGN], row[END_OF_SIGNS]
            _fill_phases(
                program.entries[begin:after],
                program.coefficients[begin:after],
                program.signs,
                program.flips[row[PHASES]],
                program.offsets[layer],
                theta,
                scratch.angles,
                scratch.phases[layer],
            )


@nb.njit(cache=True)
def _rotate(
    sweeps: Int, gates: Int, first: int, end: int, coefficients: Real, variants: Int, rows: Real
) -> None:
    """Apply the sweeps of a layer to rows."""
    for w in range(end - 1, first - 1, -1):
        sweep(sweeps, gates, w, coefficients[w], variants[w], rows, 0, 0, rows.size >> 1)


@nb.njit(cache=True)
def _multiply(rows: Real, phases: Real) -> None:
    """Multiply rows by the phases of a diagonal."""
    half = u64(phases.shape[1])
    real, imaginary = phases[0], phases[1]
    for start in range(u64(0), u64(rows.size), half << u64(1)):
        for j in range(u64(0), half, u64(WIDTH)):
            multiply_phases(rows, start + j, half, real, imaginary, j)


@nb.njit(cache=True)
def _inject_rotation(rows: Real, row: int, length: int, bit: int, factor: float) -> None:
    """Add -i factor Y psi to the row that starts at entry `row`."""
    first, end = u64(row), u64(length)
    if bit < 3:
        for a in range(u64(0), end, u64(WIDTH)):
            add_swapped(rows, a, first + a, bit, factor)
        return
    w = u64(1) << u64(bit)
    for start in range(u64(0), end, w << u64(1)):
        for a in range(start, start + w, u64(WIDTH)):
            add_pair(rows, a, first + a, w, factor)


@nb.njit(cache=True)
def _inject_signs(rows: Real, row: int, signs: Real, which: int, factor: float) -> None:
    """Add i factor Z psi to the row that starts at entry `row`, for Z string `which`."""
    half, table = u64(signs.shape[1]), signs[which]
    for j in range(u64(0), half, u64(WIDTH)):
        add_signs(rows, j, u64(row) + j, half, table, j, factor)


@nb.njit(cache=True)
def _inject_string(rows: Real, row: int, half: int, x: int, z: int, factor: float) -> None:
    """Add -i factor P psi to the row that starts at entry `row`, for a Pauli string."""
    unit = -1j * factor * unit_of(x, z)
    for i in range(half):
        amplitude = complex(rows[i], rows[half + i]) * (-unit if odd(i & z) else unit)
        rows[row + (i ^ x)] += amplitude.real
        rows[row + half + (i ^ x)] += amplitude.imag


@nb.njit(cache=True)
def _move(rows: Real, sources: Int, moved: Real) -> None:
    """Permute the amplitudes of each row."""
    half = u64(sources.size)
    for start in range(u64(0), u64(rows.size), half):
        own = rows[start : start + half]
        for j in range(half):
            moved[j] = own[sources[j]]
        for j in range(half):
            own[j] = moved[j]


@nb.njit(cache=True)
def advance_rows(
    program: RowProgram, layer: int, theta: Real, scratch: RowScratch, rows: Real, tangents: bool
) -> None:
    """Apply a layer to rows.

    Parameters
    ----------
    program, theta, scratch
        The circuit, its parameters and its coefficients.
    layer
        Number of the layer.
    rows
        The rows.
    tangents
        Whether row 0 is psi, and row ``scratch.row_of[j]`` its derivative by parameter j, if that
        is positive. A gate exp(-i s theta_j P / 2) then adds ``-(i s / 2) P psi`` to that row: the
        rotations of a layer before they act, its diagonal gates after that, which is the same
        because they commute.
    """
    table = program.layers[layer]
    half = program.flips.shape[1]
    length, row_of = 2 * half, scratch.row_of
    if tangents:
        for w in range(table[FIRST_ROTATION], table[END_OF_ROTATIONS]):
            begin = program.sweeps[w, FIRST_GATE]
            for g in range(begin, begin + program.sweeps[w, NUM_GATES]):
                parameter = program.gates[g, GATE_PARAMETER]
                if parameter >= 0 and row_of[parameter] > 0:
                    factor = 0.5 * program.gate_angles[g, SCALE]
                    _inject_rotation(
                        rows, length * row_of[parameter], length, program.gates[g, BIT], factor
                    )
    chunk = max(length, CHUNK)
    for start in range(0, rows.size, chunk):
        part = rows[start : min(start + chunk, rows.size)]
        _rotate(
            program.sweeps,
            program.gates,
            table[FIRST_ROTATION],
            table[END_OF_ROTATIONS],
            scratch.coefficients,
            scratch.variants,
            part,
        )
        if table[PHASES] >= 0:
            _multiply(part, scratch.phases[layer])
    if tangents:
        for e in range(table[FIRST_SIGN], table[END_OF_SIGNS]):
            parameter = program.entries[e, SIGN_PARAMETER]
            if parameter >= 0 and row_of[parameter] > 0:
                start, which = length * row_of[parameter], program.entries[e, SIGN_ROW]
                _inject_signs(rows, start, program.signs, which, program.coefficients[e])
    for k in range(table[FIRST_PAULI], table[END_OF_PAULIS]):
        parameter, x, z = (
            program.strings[k, STRING_PARAMETER],
            program.strings[k, X_MASK],
            program.strings[k, Z_MASK],
        )
        angle = 0.5 * program.scales[k] * theta[parameter]
        for start in range(0, rows.size, length):
            rotate_string(rows[start : start + length], x, z, math.cos(angle), math.sin(angle))
        if tangents and row_of[parameter] > 0:
            _inject_string(rows, length * row_of[parameter], half, x, z, 0.5 * program.scales[k])
    if table[MOVE] >= 0:
        _move(rows, program.sources[table[MOVE]], scratch.moved)
