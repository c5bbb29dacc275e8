"""Numba kernels for rotations about Pauli strings of several qubits.

Strings of Z letters that span both halves of the index have their own kernels. A string acts as ``P
|b> = i^y (-1)^parity(b & z) |b ^ x>`` with the masks x and z of its letters, of which y are Y. Each
rotation is one pass over the state.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import (
    END_OF_Z_STRINGS,
    FIRST_Z_STRING,
    HIGH_SIGNS,
    LOW_SIGNS,
    STRING_PARAMETER,
    X_MASK,
    Z_MASK,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.scalar_kernels import lane_signs, odd, total_of, unit_of
from trainscape.simulators.statevector.string_vectors import rotate_pairs
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "apply_string",
    "apply_z_strings",
    "inject_pauli",
    "inject_string",
    "rotate_string",
    "undo_string",
    "undo_z_strings",
]

Real = NDArray[np.float64]

u64 = nb.uint64


@nb.njit(cache=True)
def _rotate_z(v: Real, high: Real, low: Real, low_bits: int, c: float, s: float) -> None:
    """Multiply amplitude x by c - i s high(x) low(x)."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for h in range(half >> u64(low_bits)):
        t = s * high[h]
        re, im = (
            v[h * width : (h + u64(1)) * width],
            v[half + h * width : half + (h + u64(1)) * width],
        )
        for j in range(width):
            sine = t * low[j]
            a, b = re[j], im[j]
            re[j] = c * a + sine * b
            im[j] = c * b - sine * a


@nb.njit(cache=True)
def _overlap_z(p: Real, q: Real, high: Real, low: Real, low_bits: int, lanes: Real) -> float:
    """Return Im <lambda|P|psi> for a Z string with sign high(x) low(x)."""
    half = u64(p.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    lanes[:WIDTH] = 0.0
    for h in range(half >> u64(low_bits)):
        for i in range(u64(0), width, u64(WIDTH)):
            o = h * width + i
            for j in range(u64(WIDTH)):
                lanes[j] += (
                    high[h] * low[i + j] * (q[o + j] * p[half + o + j] - q[half + o + j] * p[o + j])
                )
    total: float = total_of(lanes)
    return total


@nb.njit(cache=True)
def rotate_string(v: Real, x: int, z: int, c: float, s: float) -> None:
    """Apply c - i s P with a Pauli string that flips at least one bit (x != 0)."""
    unit, top = unit_of(x, z), -1
    if x >= WIDTH:
        while x >> (top + 1):
            top += 1
    is_real = unit.imag == 0.0
    sine = s * (unit.real if is_real else unit.imag)
    rotate_pairs(v, v.size >> 1, x, z, top, c, sine, is_real, lane_signs(z))


@nb.njit(cache=True)
def _overlap_string(p: Real, q: Real, x: int, z: int) -> float:
    """Return Im <lambda|P|psi> for any Pauli string."""
    half = p.size >> 1
    unit = unit_of(x, z)
    plus, minus = 0.0, 0.0
    for i in range(half):
        term = (complex(q[i ^ x], -q[half + (i ^ x)]) * unit * complex(p[i], p[half + i])).imag
        if odd(i & z):
            minus += term
        else:
            plus += term
    difference: float = plus - minus
    return difference


@nb.njit(cache=True)
def _half_angle(program: Program, string: int, theta: Real) -> float:
    half: float = 0.5 * program.scales[string] * theta[program.strings[string, STRING_PARAMETER]]
    return half


@nb.njit(cache=True)
def apply_z_strings(program: Program, layer: int, theta: Real, v: Real) -> None:
    """Apply the Z strings of a layer that span both halves of the index."""
    for k in range(program.layers[layer, FIRST_Z_STRING], program.layers[layer, END_OF_Z_STRINGS]):
        half, high, low = (
            _half_angle(program, k, theta),
            program.signs[program.strings[k, HIGH_SIGNS]],
            program.signs[program.strings[k, LOW_SIGNS]],
        )
        _rotate_z(v, high, low, program.low_bits, math.cos(half), math.sin(half))


@nb.njit(cache=True)
def undo_z_strings(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo the Z strings of a layer on psi = p and lambda = q.

    Their derivatives are added to `gradient`.
    """
    for k in range(
        program.layers[layer, END_OF_Z_STRINGS] - 1, program.layers[layer, FIRST_Z_STRING] - 1, -1
    ):
        half, high, low = (
            _half_angle(program, k, theta),
            program.signs[program.strings[k, HIGH_SIGNS]],
            program.signs[program.strings[k, LOW_SIGNS]],
        )
        gradient[program.strings[k, STRING_PARAMETER]] += program.scales[k] * _overlap_z(
            p, q, high, low, program.low_bits, scratch.lanes[0]
        )
        _rotate_z(p, high, low, program.low_bits, math.cos(half), -math.sin(half))
        _rotate_z(q, high, low, program.low_bits, math.cos(half), -math.sin(half))


@nb.njit(cache=True)
def apply_string(program: Program, k: int, theta: Real, v: Real) -> None:
    """Apply the rotation about Pauli string k."""
    half = _half_angle(program, k, theta)
    rotate_string(
        v, program.strings[k, X_MASK], program.strings[k, Z_MASK], math.cos(half), math.sin(half)
    )


@nb.njit(cache=True)
def undo_string(program: Program, k: int, theta: Real, p: Real, q: Real, gradient: Real) -> None:
    """Undo the rotation about Pauli string k on psi = p and lambda = q.

    Its derivative is added to `gradient`.
    """
    half, x, z = (
        _half_angle(program, k, theta),
        program.strings[k, X_MASK],
        program.strings[k, Z_MASK],
    )
    gradient[program.strings[k, STRING_PARAMETER]] += program.scales[k] * _overlap_string(
        p, q, x, z
    )
    rotate_string(p, x, z, math.cos(half), -math.sin(half))
    rotate_string(q, x, z, math.cos(half), -math.sin(half))


@nb.njit(cache=True)
def inject_pauli(
    v: Real, columns: int, source: int, target: int, x: int, z: int, unit: complex
) -> None:
    """Add a multiple of a Pauli string of column `source` to column `target`.

    The string, apart from its factors i, maps b to (-1)^parity(b & z) |b ^ x>; it is multiplied by
    `unit`.
    """
    half = v.size >> 1
    for i in range(0, half, columns):
        amplitude = complex(v[i + source], v[half + i + source]) * (-unit if odd(i & z) else unit)
        v[(i ^ x) + target] += amplitude.real
        v[half + (i ^ x) + target] += amplitude.imag


@nb.njit(cache=True)
def inject_string(
    program: Program, k: int, v: Real, columns: int, source: int, target: int, factor: float
) -> None:
    """Add -i factor P of column `source` to column `target`, for Pauli string k."""
    x, z = program.strings[k, X_MASK], program.strings[k, Z_MASK]
    inject_pauli(v, columns, source, target, x, z, -1j * factor * unit_of(x, z))
