"""Numba kernels for tangents of states: a layer applied to a state and to its derivatives.

Tangents are columns of a wide state: m more bits are appended below the qubits to the index of
every basis state, and the gates act on all 2**m columns alike, with the kernels of `layer_kernels`.
A gate exp(-i s theta_j P / 2) adds to the tangent of its own parameter

    T_j <- U T_j - (i s / 2) P U psi ,

called the injection here. Injections of gates that commute with all gates between them may be made
at one place: those of the rotations of a layer before it, those of its diagonal gates after it.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.evolution_kernels import apply_evolution, inject_evolution
from trainscape.simulators.statevector.layer_kernels import apply_body
from trainscape.simulators.statevector.permutation_kernels import apply_permutation
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_ENTRIES,
    END_OF_EVOLUTIONS,
    END_OF_STRINGS,
    END_OF_SWEEPS,
    END_OF_Z_STRINGS,
    EVOLUTION_PARAMETER,
    FIRST_ENTRY,
    FIRST_EVOLUTION,
    FIRST_GATE,
    FIRST_STRING,
    FIRST_SWEEP,
    FIRST_Z_STRING,
    NUM_GATES,
    SCALE,
    STRING_PARAMETER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.string_kernels import apply_string, inject_string

__all__ = ["apply_with_tangents", "inject_after", "inject_before"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _inject_rotation(
    v: Real, columns: int, source: int, target: int, bit: int, factor: float
) -> None:
    """Add -i factor Y of column `source` to column `target`."""
    half = u64(v.size) >> u64(1)
    w, step, one = u64(1) << u64(bit), u64(columns), u64(1)
    for part in range(2):
        base = half if part else u64(0)
        for start in range(base, base + half, w << one):
            for a in range(start, start + w, step):
                v[a + u64(target)] -= factor * v[a + w + u64(source)]
                v[a + w + u64(target)] += factor * v[a + u64(source)]


@nb.njit(cache=True)
def _inject_signs(
    program: Program,
    v: Real,
    columns: int,
    source: int,
    target: int,
    high: int,
    low: int,
    factor: float,
) -> None:
    """Add -i factor Z of column `source` to column `target`, for a Z string Z.

    `high` and `low` are its rows in the sign table.
    """
    half = u64(v.size) >> u64(1)
    mask = (u64(1) << u64(program.low_bits)) - u64(1)
    for i in range(u64(0), half, u64(columns)):
        t = factor * program.signs[high, i >> u64(program.low_bits)] * program.signs[low, i & mask]
        a, b = i + u64(source), i + u64(target)
        v[b] += t * v[half + a]
        v[half + b] -= t * v[a]


@nb.njit(cache=True)
def _inject_diagonal(
    program: Program,
    diagonal: int,
    v: Real,
    columns: int,
    source: int,
    target: int,
    weights: Real,
    direction: float,
) -> None:
    """Make the injections of all entries of a diagonal at once; all go to the same column."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    angles = np.zeros((2, program.signs.shape[1]))
    for e in range(
        program.diagonals[diagonal, FIRST_ENTRY], program.diagonals[diagonal, END_OF_ENTRIES]
    ):
        side, row, parameter, _ = program.entries[e]
        if parameter >= 0:
            factor = -direction * program.coefficients[e] * weights[parameter]
            for j in range(u64(angles.shape[1])):
                angles[side, j] += factor * program.signs[row, j]
    for h in range(half >> u64(program.low_bits)):
        for j in range(u64(0), width, u64(columns)):
            t = angles[1, h] + angles[0, j]
            a, b = h * width + j + u64(source), h * width + j + u64(target)
            v[b] += t * v[half + a]
            v[half + b] -= t * v[a]


@nb.njit(cache=True)
def inject_before(
    program: Program,
    layer: int,
    v: Real,
    columns: int,
    source: int,
    shift: int,
    column: Int,
    weights: Real,
    direction: float,
) -> None:
    """Make the injections of the rotations of a layer.

    The tangent of a parameter is in column ``column[parameter] ^ shift``; for ``column[parameter]``
    = 0 there is none. Injections are multiplied by ``direction * weights[parameter]``.
    """
    for w in range(program.layers[layer, FIRST_SWEEP], program.layers[layer, END_OF_SWEEPS]):
        first = program.sweeps[w, FIRST_GATE]
        for g in range(first, first + program.sweeps[w, NUM_GATES]):
            bit, parameter = program.gates[g]
            if parameter >= 0 and column[parameter] > 0:
                factor = 0.5 * direction * program.gate_angles[g, SCALE] * weights[parameter]
                _inject_rotation(v, columns, source, column[parameter] ^ shift, bit, factor)


@nb.njit(cache=True)
def inject_after(
    program: Program,
    layer: int,
    v: Real,
    columns: int,
    source: int,
    shift: int,
    column: Int,
    weights: Real,
    direction: float,
    along: bool,
) -> None:
    """Make the injections of the diagonal gates of a layer, as `inject_before`.

    `along` tells that all parameters have column 1.
    """
    diagonal = program.layers[layer, DIAGONAL]
    if diagonal >= 0 and along:
        _inject_diagonal(program, diagonal, v, columns, source, 1 ^ shift, weights, direction)
    elif diagonal >= 0:
        for e in range(
            program.diagonals[diagonal, FIRST_ENTRY], program.diagonals[diagonal, END_OF_ENTRIES]
        ):
            half, row, parameter, _ = program.entries[e]
            if parameter >= 0 and column[parameter] > 0:
                factor = -direction * program.coefficients[e] * weights[parameter]
                high, low = (row, 0) if half else (0, row)
                _inject_signs(
                    program, v, columns, source, column[parameter] ^ shift, high, low, factor
                )
    for k in range(program.layers[layer, FIRST_Z_STRING], program.layers[layer, END_OF_Z_STRINGS]):
        high, low, parameter = program.strings[k]
        if column[parameter] > 0:
            factor = 0.5 * direction * program.scales[k] * weights[parameter]
            _inject_signs(program, v, columns, source, column[parameter] ^ shift, high, low, factor)


@nb.njit(cache=True)
def apply_with_tangents(
    program: Program,
    layer: int,
    theta: Real,
    v: Real,
    scratch: Scratch,
    columns: int,
    column: Int,
    weights: Real,
    along: bool,
) -> None:
    """Apply one layer to psi in column 0 and to the tangents in the other columns."""
    inject_before(program, layer, v, columns, 0, 0, column, weights, 1.0)
    apply_body(program, layer, theta, v, scratch)
    inject_after(program, layer, v, columns, 0, 0, column, weights, 1.0, along)
    for k in range(program.layers[layer, FIRST_STRING], program.layers[layer, END_OF_STRINGS]):
        parameter = program.strings[k, STRING_PARAMETER]
        apply_string(program, k, theta, v)
        if column[parameter] > 0:
            inject_string(
                program,
                k,
                v,
                columns,
                0,
                column[parameter],
                0.5 * program.scales[k] * weights[parameter],
            )
    for k in range(
        program.layers[layer, FIRST_EVOLUTION], program.layers[layer, END_OF_EVOLUTIONS]
    ):
        parameter = program.evolutions[k, EVOLUTION_PARAMETER]
        apply_evolution(program, k, theta, v, scratch)
        if column[parameter] > 0:
            inject_evolution(
                program,
                k,
                v,
                columns,
                0,
                column[parameter],
                program.times[k, SCALE] * weights[parameter],
            )
    apply_permutation(program, layer, v, scratch)
