"""Numba kernels for rotations about Pauli strings of several qubits: those of Z letters that span both halves of the index, and all others.

A string acts as ``P |b> = i^y (-1)^parity(b & z) |b ^ x>`` with the masks x and z of its letters, y of them Y. Each rotation is one pass over the state.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.tables import Program, Scratch, odd, total_of, unit_of
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "apply_string",
    "apply_z_strings",
    "inject_pauli",
    "inject_string",
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
def _rotate_string(v: Real, x: int, z: int, c: float, s: float) -> None:
    """Apply c - i s P with a Pauli string that flips at least one bit (x != 0)."""
    half = v.size >> 1
    unit = -1j * s * unit_of(x, z)
    other = -1j * s * unit_of(x, z).conjugate()
    top = 0
    while x >> (top + 1):
        top += 1
    for k in range(half >> 1):
        i = ((k >> top) << (top + 1)) | (k & ((1 << top) - 1))
        o = i ^ x
        sign = -1.0 if odd(i & z) else 1.0
        a, b = complex(v[i], v[half + i]), complex(v[o], v[half + o])
        first, second = c * a + sign * other * b, c * b + sign * unit * a
        v[i], v[half + i] = first.real, first.imag
        v[o], v[half + o] = second.real, second.imag


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
    half: float = 0.5 * program.scales[string] * theta[program.strings[string, 2]]
    return half


@nb.njit(cache=True)
def apply_z_strings(program: Program, layer: int, theta: Real, v: Real) -> None:
    """Apply the Z strings of a layer that span both halves of the index."""
    for k in range(program.layers[layer, 3], program.layers[layer, 4]):
        half, high, low = (
            _half_angle(program, k, theta),
            program.signs[program.strings[k, 0]],
            program.signs[program.strings[k, 1]],
        )
        _rotate_z(v, high, low, program.low_bits, math.cos(half), math.sin(half))


@nb.njit(cache=True)
def undo_z_strings(
    program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real
) -> None:
    """Undo these on psi = p and lambda = q and add their derivatives to `gradient`."""
    for k in range(program.layers[layer, 4] - 1, program.layers[layer, 3] - 1, -1):
        half, high, low = (
            _half_angle(program, k, theta),
            program.signs[program.strings[k, 0]],
            program.signs[program.strings[k, 1]],
        )
        gradient[program.strings[k, 2]] += program.scales[k] * _overlap_z(
            p, q, high, low, program.low_bits, scratch.lanes[0]
        )
        _rotate_z(p, high, low, program.low_bits, math.cos(half), -math.sin(half))
        _rotate_z(q, high, low, program.low_bits, math.cos(half), -math.sin(half))


@nb.njit(cache=True)
def apply_string(program: Program, k: int, theta: Real, v: Real) -> None:
    """Apply one of the Pauli strings."""
    half = _half_angle(program, k, theta)
    _rotate_string(v, program.strings[k, 0], program.strings[k, 1], math.cos(half), math.sin(half))


@nb.njit(cache=True)
def undo_string(program: Program, k: int, theta: Real, p: Real, q: Real, gradient: Real) -> None:
    """Undo one of the Pauli strings on psi = p and lambda = q and add its derivative to `gradient`."""
    half, x, z = _half_angle(program, k, theta), program.strings[k, 0], program.strings[k, 1]
    gradient[program.strings[k, 2]] += program.scales[k] * _overlap_string(p, q, x, z)
    _rotate_string(p, x, z, math.cos(half), -math.sin(half))
    _rotate_string(q, x, z, math.cos(half), -math.sin(half))


@nb.njit(cache=True)
def inject_pauli(
    v: Real, columns: int, source: int, target: int, x: int, z: int, unit: complex
) -> None:
    """Add `unit` times the string that maps b to (-1)^parity(b & z) |b ^ x> of column `source` to column `target`."""
    half = v.size >> 1
    for i in range(0, half, columns):
        amplitude = complex(v[i + source], v[half + i + source]) * (-unit if odd(i & z) else unit)
        v[(i ^ x) + target] += amplitude.real
        v[half + (i ^ x) + target] += amplitude.imag


@nb.njit(cache=True)
def inject_string(
    program: Program, k: int, v: Real, columns: int, source: int, target: int, factor: float
) -> None:
    """Add -i factor P of column `source` to column `target`, for one of the Pauli strings."""
    x, z = program.strings[k, 0], program.strings[k, 1]
    inject_pauli(v, columns, source, target, x, z, -1j * factor * unit_of(x, z))
