"""Tables of a compiled circuit, and the kernels that fill them for one parameter vector and read the derivatives off.

What is here costs little beside the passes over the state, which are in `_statevector_kernels`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "INNER_BITS",
    "OUTER_BITS",
    "SHARED_BITS",
    "SHARES",
    "SUMS",
    "Program",
    "Scratch",
    "collect_diagonal",
    "collect_sweeps",
    "dot",
    "fill_phases",
    "odd",
    "prepare_sweeps",
    "total_of",
    "unit_of",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

INNER_BITS = 9
"""Blocks of psi and lambda of this many bits, 16 kB together, stay in the first cache."""

OUTER_BITS = 12
"""Blocks of this many bits, 128 kB for both, stay in the second cache."""

SUMS = 3 * WIDTH
"""Lanes for the derivatives of one sweep."""

SHARED_BITS = 20
"""States of at least this many bits are worked on in shares, by one thread or several: sums over the state are taken share by share."""

SHARES = 8
"""Number of shares of a large state; more threads than this are not used."""

u64 = nb.uint64


class Program(NamedTuple):
    """A compiled problem. The index of a basis state is split into a high and a low half of `low_bits` bits.

    A diagonal multiplies amplitude x by ``flip(x) exp(i (offset + sum_e coefficient_e angle_e sign_e(x)))``, where every sign depends on one half
    only, and angle_e is a parameter, or 1. The flip is a product of CZ gates: a sign for each half, and a sign table row for each high half.
    """

    num_qubits: int
    low_bits: int
    layers: Int  # (K, 9): sweeps from, to; diagonal or -1; Z strings from, to; Pauli strings from, to; evolutions from, to
    sweeps: Int  # (W, 4): tier (0 low, 1 inner, 2 outer, 3 whole), first gate, number of gates, whether to use plain coefficients
    gates: Int  # (G, 2): bit, parameter or -1
    gate_angles: Real  # (G, 2): factor of the parameter, constant angle
    diagonals: Int  # (D, 3): first entry, end of the entries, row of the flips
    offsets: Real  # (D,)
    entries: Int  # (E, 4): half (0 low, 1 high), row of `signs`, parameter or -1, bit within the half or -1 for several
    coefficients: Real  # (E,)
    strings: Int  # (Z, 3): for Z strings the sign rows of high and low half, for others x and z masks; parameter
    scales: Real  # (Z,)
    evolutions: Int  # (V, 3): first group, end of the groups, parameter
    times: Real  # (V, 2): factor of the parameter, sum of the absolute weights of the generator
    groups: Int  # (Q, 4): x mask, 1 if the strings have an odd number of Y else 0, first string, end of the strings
    group_strings: Int  # (U, 3): sign rows of high and low half, z mask
    group_weights: Real  # (U, 2): weight w, and +-w: amplitude y ^ x goes to y with +-w sign(y), times i if the Y are odd
    signs: Real  # (R, size of the larger half): +-1
    flip_low: Real  # (F, size of the low half): +-1
    flip_high: Real  # (F, size of the high half): +-1
    flip_rows: Int  # (F, size of the high half): row of `signs`
    diagonal: Real  # (N,): diagonal part of the observable; empty if it is a projector on a vector, or not needed
    terms: Int  # (T, 2): x and z masks of its other Pauli strings
    weights: Real  # (T,)
    projector: Complex  # (2**k,): the vector of a projector on k qubits, in ascending order of the chosen bits; empty if there is none
    projector_mask: int  # the k bits
    projector_weight: float


class Scratch(NamedTuple):
    """Work space of a program."""

    phases_low: Real  # (D, 2, size of the low half): real and imaginary parts
    phases_high: Real  # (D, 2, size of the high half)
    coefficients: Real  # (sweeps of the widest layer, 4 * WIDTH)
    variants: Int  # (sweeps of the widest layer,)
    sums: Real  # (C, sweeps of the widest layer, SUMS), for each of the C shares of the state
    over_high: Real  # (C, size of the low half)
    over_low: Real  # (size of the high half,)
    lanes: Real  # (C, 16 * WIDTH): WIDTH used, the others keep the shares on different cache lines
    vectors: Real  # (2, 2 N) if there are evolutions, else (2, 0)
    row: Real  # (3, size of the low half)


@nb.njit(cache=True)
def odd(bits: int) -> bool:
    """Return whether an odd number of bits is set."""
    bits ^= bits >> 32
    bits ^= bits >> 16
    bits ^= bits >> 8
    bits ^= bits >> 4
    bits ^= bits >> 2
    bits ^= bits >> 1
    return (bits & 1) == 1


@nb.njit(cache=True)
def total_of(lanes: Real) -> float:
    """Sum the first 8 entries pairwise."""
    total: float = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + (
        (lanes[1] + lanes[5]) + (lanes[3] + lanes[7])
    )
    return total


@nb.njit(cache=True)
def dot(a: Real, b: Real, size: int, lanes: Real) -> float:
    """Return the inner product of the first `size` entries (a multiple of 8)."""
    lanes[:WIDTH] = 0.0
    for i in range(u64(0), u64(size), u64(WIDTH)):
        for j in range(u64(WIDTH)):
            lanes[j] += a[i + j] * b[i + j]
    total: float = total_of(lanes)
    return total


@nb.njit(cache=True)
def unit_of(x: int, z: int) -> complex:
    """Return i**(number of Y): P |b> = i**y (-1)**parity(b & z) |b ^ x>."""
    count = 0
    both = x & z
    while both:
        count += both & 1
        both >>= 1
    return (1 + 0j, 1j, -1 + 0j, -1j)[count & 3]


@nb.njit(cache=True)
def prepare_sweeps(
    sweeps: Int,
    gates: Int,
    gate_angles: Real,
    begin: int,
    end: int,
    theta: Real,
    table: Real,
    variants: Int,
    direction: float,
) -> float:
    """Write the coefficients of the sweeps of a layer (direction -1 for the inverse); return the product of what they divide out.

    The low sweep, if there is one, comes first in the list and takes that product into its own coefficients.
    """
    product = 1.0
    for w in range(end - 1, begin - 1, -1):
        tier, first, count, plain = sweeps[w]
        row = w - begin
        coefficients = table[row]
        if tier == 0:
            coefficients[: 3 * WIDTH] = 0.0
            coefficients[3 * WIDTH :] = 1.0
        variants[row] = 1 << count if plain else 0
        for g in range(count):
            bit, parameter = gates[first + g]
            angle = gate_angles[first + g, 1]
            if parameter >= 0:
                angle += gate_angles[first + g, 0] * theta[parameter]
            c, s = math.cos(0.5 * angle), direction * math.sin(0.5 * angle)
            if plain:
                coefficients[g], coefficients[count + g] = c, s
                continue
            tangent = abs(c) >= abs(s)
            ratio = s / c if tangent else c / s
            product *= c if tangent else s
            if tier > 0:
                coefficients[g] = ratio
                variants[row] += 0 if tangent else 1 << g
                continue
            variants[row] += 0 if tangent else 1 << bit
            for lane in range(WIDTH):
                sign = 1.0 if (lane >> bit) & 1 else -1.0
                coefficients[bit * WIDTH + lane] = sign * ratio
                if not tangent:
                    coefficients[3 * WIDTH + lane] *= sign
        if tier == 0:
            for lane in range(3 * WIDTH, 4 * WIDTH):
                coefficients[lane] *= product
    return product


@nb.njit(cache=True)
def _fill_half(
    entries: Int,
    coefficients: Real,
    signs: Real,
    flips: Real,
    half: int,
    bits: int,
    offset: float,
    theta: Real,
    phases: Real,
) -> None:
    """Write the phases of one half of a diagonal: one-bit entries by doubling, which needs one sine and cosine a bit, the others one by one."""
    real, imaginary = phases[0], phases[1]
    angles = np.zeros(64)
    total = offset
    for e in range(entries.shape[0]):
        side, _, parameter, bit = entries[e]
        if side == half and bit >= 0:
            angle = coefficients[e] * (theta[parameter] if parameter >= 0 else 1.0)
            angles[bit] += angle
            total += angle
    real[0], imaginary[0] = math.cos(total), math.sin(total)
    for bit in range(bits):
        size = u64(1) << u64(bit)
        if angles[bit] == 0.0:
            for j in range(size):
                real[j + size], imaginary[j + size] = real[j], imaginary[j]
        else:
            c, s = math.cos(2.0 * angles[bit]), -math.sin(2.0 * angles[bit])
            for j in range(size):
                a, b = real[j], imaginary[j]
                real[j + size], imaginary[j + size] = c * a - s * b, c * b + s * a
    size = u64(1) << u64(bits)
    for e in range(entries.shape[0]):
        side, row, parameter, bit = entries[e]
        if side == half and bit < 0:
            angle = coefficients[e] * (theta[parameter] if parameter >= 0 else 1.0)
            c, s = math.cos(angle), math.sin(angle)
            for j in range(size):
                t = s * signs[row, j]
                a, b = real[j], imaginary[j]
                real[j], imaginary[j] = c * a - t * b, c * b + t * a
    for j in range(size):
        real[j] *= flips[j]
        imaginary[j] *= flips[j]


@nb.njit(cache=True)
def fill_phases(program: Program, theta: Real, scratch: Scratch) -> None:
    """Write the phase tables of all diagonals."""
    signs, low, high = program.signs, program.low_bits, program.num_qubits - program.low_bits
    for which in range(program.diagonals.shape[0]):
        first, end, flip = program.diagonals[which]
        entries, coefficients = program.entries[first:end], program.coefficients[first:end]
        _fill_half(
            entries,
            coefficients,
            signs,
            program.flip_low[flip],
            0,
            low,
            program.offsets[which],
            theta,
            scratch.phases_low[which],
        )
        _fill_half(
            entries,
            coefficients,
            signs,
            program.flip_high[flip],
            1,
            high,
            0.0,
            theta,
            scratch.phases_high[which],
        )


@nb.njit(cache=True)
def collect_sweeps(
    sweeps: Int,
    gates: Int,
    gate_angles: Real,
    begin: int,
    end: int,
    coefficients: Real,
    sums: Real,
    gradient: Real,
) -> None:
    """Add up the derivatives with respect to the rotations of a layer, over the shares in their order."""
    for share in range(1, sums.shape[0]):
        for row in range(end - begin):
            for k in range(SUMS):
                sums[0, row, k] += sums[share, row, k]
    # Norm of the states when a sweep took its sums: the low sweep multiplies by the whole product at once, and each later sweep divides its share out.
    norm = 1.0
    for w in range(begin, end):
        tier, first, count, plain = sweeps[w]
        row = w - begin
        divided = 1.0
        for g in range(count):
            bit, parameter = gates[first + g]
            slot = bit if tier == 0 else g
            lanes = sums[0, row, slot * WIDTH : (slot + 1) * WIDTH]
            if tier == 0:
                for lane in range(WIDTH):
                    if (lane >> bit) & 1:
                        lanes[lane] = -lanes[lane]
            elif not plain:
                ratio = coefficients[row, g]
                divided *= 1.0 / (1.0 + ratio * ratio)
            if parameter >= 0:
                gradient[parameter] += gate_angles[first + g, 0] * total_of(lanes) / norm
        if tier == 0:
            # The squared product: every ratio r stands for a divisor of 1 / sqrt(1 + r**2).
            for later in range(w + 1, end):
                if not sweeps[later, 3]:
                    for g in range(sweeps[later, 2]):
                        ratio = coefficients[later - begin, g]
                        norm *= 1.0 / (1.0 + ratio * ratio)
        norm /= divided


@nb.njit(cache=True)
def collect_diagonal(
    entries: Int,
    coefficients: Real,
    signs: Real,
    low: int,
    high: int,
    over_low: Real,
    over_high: Real,
    lanes: Real,
    gradient: Real,
) -> None:
    """Add up the derivatives with respect to the entries of a diagonal, over the shares in their order.

    Halves of the index have `low` and `high` values; `over_low` is the sum over the low half, and belongs to entries of the high one.
    """
    for share in range(1, over_high.shape[0]):
        for j in range(u64(over_high.shape[1])):
            over_high[0, j] += over_high[share, j]
    for e in range(entries.shape[0]):
        side, row, parameter, _ = entries[e]
        if parameter >= 0:
            weights = over_low if side == 1 else over_high[0]
            size = high if side == 1 else low
            if size >= WIDTH:
                total = dot(signs[row], weights, size, lanes)
            else:
                total = 0.0
                for j in range(size):
                    total += signs[row, j] * weights[j]
            gradient[parameter] -= 2.0 * coefficients[e] * total
