"""Numba kernels that prepare the coefficients of a circuit, and collect the derivatives.

They take little time compared with the passes over the state in `sweep_kernels` and
`block_kernels`.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import (
    BIT,
    ENTRY_BIT,
    ENTRY_PARAMETER,
    FIRST_GATE,
    GATE_PARAMETER,
    NUM_GATES,
    PLAIN,
    SCALE,
    SIDE,
    SIGN_ROW,
    SUMS,
    TIER,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.scalar_kernels import dot, total_of
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["collect_diagonal", "collect_sweeps", "fill_phases", "prepare_sweeps"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True, inline="always")
def _of_sweep(sweeps: Int, w: int) -> tuple[int, int, int, int]:
    """Return tier, first gate, number of gates, and whether sweep w is plain.

    Numbers are taken one by one: a row would be a reference that is counted.
    """
    return sweeps[w, TIER], sweeps[w, FIRST_GATE], sweeps[w, NUM_GATES], sweeps[w, PLAIN]


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
    """Write the coefficients of the sweeps of a layer, and return the product that they divide out.

    The low sweep, if there is one, is the first of the layer; its coefficients include that
    product.

    Parameters
    ----------
    sweeps, gates, gate_angles
        Tables of the program.
    begin, end
        Range of the sweeps.
    theta
        Shape (P,).
    table, variants
        Output: coefficients and forms of each sweep.
    direction
        1.0, or -1.0 for the inverse rotations.
    """
    product = 1.0
    for w in range(end - 1, begin - 1, -1):
        tier, first, count, plain = _of_sweep(sweeps, w)
        row = w - begin
        if tier == 0:
            for lane in range(3 * WIDTH):
                table[row, lane] = 0.0
            for lane in range(3 * WIDTH, 4 * WIDTH):
                table[row, lane] = 1.0
        variants[row] = 1 << count if plain else 0
        for g in range(count):
            bit, parameter = gates[first + g, BIT], gates[first + g, GATE_PARAMETER]
            angle = gate_angles[first + g, 1]
            if parameter >= 0:
                angle += gate_angles[first + g, SCALE] * theta[parameter]
            c, s = math.cos(0.5 * angle), direction * math.sin(0.5 * angle)
            if plain:
                table[row, g], table[row, count + g] = c, s
                continue
            tangent = abs(c) >= abs(s)
            ratio = s / c if tangent else c / s
            product *= c if tangent else s
            if tier > 0:
                table[row, g] = ratio
                variants[row] += 0 if tangent else 1 << g
                continue
            variants[row] += 0 if tangent else 1 << bit
            for lane in range(WIDTH):
                sign = 1.0 if (lane >> bit) & 1 else -1.0
                table[row, bit * WIDTH + lane] = sign * ratio
                if not tangent:
                    table[row, 3 * WIDTH + lane] *= sign
        if tier == 0:
            for lane in range(3 * WIDTH, 4 * WIDTH):
                table[row, lane] *= product
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
    """Write the phases of one half of a diagonal.

    Entries of one bit are filled by doubling, with one sine and cosine for each bit; the others one
    by one.
    """
    real, imaginary = phases[0], phases[1]
    angles = np.zeros(64)
    total = offset
    for e in range(entries.shape[0]):
        side, parameter, bit = entries[e, SIDE], entries[e, ENTRY_PARAMETER], entries[e, ENTRY_BIT]
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
        side, parameter, bit = entries[e, SIDE], entries[e, ENTRY_PARAMETER], entries[e, ENTRY_BIT]
        if side == half and bit < 0:
            row = entries[e, SIGN_ROW]
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
    """Add the derivatives by the rotations of a layer to `gradient`.

    The sums of the shares are added in their order.
    """
    for share in range(1, sums.shape[0]):
        for row in range(end - begin):
            for k in range(SUMS):
                sums[0, row, k] += sums[share, row, k]
    # Squared norm of the states when a sweep took its sums: the low sweep multiplies by the whole
    # product at once, and each later sweep divides its factors out.
    norm = 1.0
    for w in range(begin, end):
        tier, first, count, plain = _of_sweep(sweeps, w)
        row = w - begin
        divided = 1.0
        for g in range(count):
            bit, parameter = gates[first + g, BIT], gates[first + g, GATE_PARAMETER]
            slot = bit if tier == 0 else g
            if tier == 0:
                for lane in range(WIDTH):
                    if (lane >> bit) & 1:
                        sums[0, row, slot * WIDTH + lane] = -sums[0, row, slot * WIDTH + lane]
            elif not plain:
                ratio = coefficients[row, g]
                divided *= 1.0 / (1.0 + ratio * ratio)
            if parameter >= 0:
                gradient[parameter] += (
                    gate_angles[first + g, SCALE] * total_of(sums[0, row], slot * WIDTH) / norm
                )
        if tier == 0:
            # The squared product: every ratio r stands for a divisor of 1 / sqrt(1 + r**2).
            for later in range(w + 1, end):
                if not sweeps[later, PLAIN]:
                    for g in range(sweeps[later, NUM_GATES]):
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
    """Add the derivatives by the entries of a diagonal to `gradient`.

    The sums of the shares are added in their order. The halves of the index have `low` and `high`
    values; `over_low` is the sum over the low half, and belongs to entries of the high half.
    """
    for share in range(1, over_high.shape[0]):
        for j in range(u64(over_high.shape[1])):
            over_high[0, j] += over_high[share, j]
    for e in range(entries.shape[0]):
        side, row, parameter = entries[e, SIDE], entries[e, SIGN_ROW], entries[e, ENTRY_PARAMETER]
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
