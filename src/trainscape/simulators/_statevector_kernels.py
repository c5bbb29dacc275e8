"""Numba kernels of the state-vector engine.

A state of n qubits is a float64 array of length ``2 N`` (``N = 2**n``): all real parts, then all imaginary parts. RY then acts on it as on a real
vector, and diagonal gates without shuffling lanes. A circuit is a list of layers, and a layer is, in this order: RY rotations of distinct qubits, one
diagonal, Z strings that span both halves of the index, other Pauli strings. Rotations run in sweeps of up to three qubits, each of which loads and stores
every amplitude once. Sweeps have a tier: those on the lowest `INNER_BITS` bits run, with the diagonal, on one block of amplitudes after the other,
while the block is in the first cache; those below `OUTER_BITS` on larger blocks, for the second cache; the others on the whole state.

Rotations of a sweep are applied divided by their larger coefficient (see `_statevector_vectors`). The product of all that a layer divides out is multiplied
back by the sweep of the three lowest qubits.

Fast-math stays off and nothing runs in parallel, so that equal inputs give equal bits. Numba's cache notices changes of the file of the calling function
only: after a change of `_statevector_vectors` or `_statevector_tables`, touch this file and `_statevector_jacobian_kernels`.

Backward kernels take the state psi *after* a gate and the costate lambda = (later gates)^dagger O psi_final, undo the gate on both, and return
``Im <lambda| P |psi>``: the derivative of ``<O>`` with respect to the angle t of ``exp(-i t P / 2)`` (adjoint differentiation: T. Jones and
J. Gacon, arXiv 2009.02823). The rotations of a layer commute, so that each derivative may be taken before or after the others are undone.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators._statevector_tables import (
    INNER_BITS,
    OUTER_BITS,
    Program,
    Scratch,
    collect_diagonal,
    collect_sweeps,
    dot,
    fill_phases,
    odd,
    prepare_sweeps,
    total_of,
    unit_of,
)
from trainscape.simulators._statevector_vectors import (
    WIDTH,
    phase,
    rotate_1,
    rotate_2,
    rotate_3,
    rotate_low,
    undo_1,
    undo_2,
    undo_3,
    undo_low,
    undo_phase,
)

__all__ = ["apply_body", "apply_string", "observe", "run_gradients", "run_states", "run_values", "undo_body", "undo_string"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

u64 = nb.uint64


@nb.njit(cache=True)
def _spread(k: int, bit: int) -> int:
    """Insert a zero at position `bit`."""
    return ((k >> u64(bit)) << u64(bit + 1)) | (k & ((u64(1) << u64(bit)) - u64(1)))


@nb.njit(cache=True)
def _sweep(program: Program, w: int, row: int, scratch: Scratch, v: Real, start: int, size: int) -> None:
    """Rotate the qubits of sweep w in the block of `size` amplitudes from `start`."""
    first, count = program.sweeps[w, 1], program.sweeps[w, 2]
    coefficients = scratch.coefficients[row]
    variant = scratch.variants[row]
    half = u64(v.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if program.sweeps[w, 0] == 0:
            for i in range(base, base + u64(size), u64(4) * step):
                rotate_low(v, i, coefficients, variant)
        elif count == 3:
            b0, b1, b2 = program.gates[first, 0], program.gates[first + 1, 0], program.gates[first + 2, 0]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(0), u64(size) >> u64(3), step):
                rotate_3(v, base + _spread(_spread(_spread(k, b0), b1), b2), w0, w1, w2, coefficients, variant)
        elif count == 2:
            b0, b1 = program.gates[first, 0], program.gates[first + 1, 0]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(0), u64(size) >> u64(2), step):
                rotate_2(v, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant)
        else:
            b0 = program.gates[first, 0]
            for k in range(u64(0), u64(size) >> u64(1), step):
                rotate_1(v, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant)


@nb.njit(cache=True)
def _undo_sweep(program: Program, w: int, row: int, scratch: Scratch, p: Real, q: Real, start: int, size: int) -> None:
    """Undo sweep w on a block of psi = p and lambda = q and add its derivatives to the sums."""
    first, count = program.sweeps[w, 1], program.sweeps[w, 2]
    coefficients, sums = scratch.coefficients[row], scratch.sums[row]
    variant = scratch.variants[row]
    half = u64(p.size) >> u64(1)
    step = u64(WIDTH)
    for part in range(2):
        base = u64(start) + (half if part else u64(0))
        if program.sweeps[w, 0] == 0:
            for i in range(base, base + u64(size), u64(4) * step):
                undo_low(p, q, i, coefficients, variant, sums)
        elif count == 3:
            b0, b1, b2 = program.gates[first, 0], program.gates[first + 1, 0], program.gates[first + 2, 0]
            w0, w1, w2 = u64(1) << u64(b0), u64(1) << u64(b1), u64(1) << u64(b2)
            for k in range(u64(0), u64(size) >> u64(3), step):
                undo_3(p, q, base + _spread(_spread(_spread(k, b0), b1), b2), w0, w1, w2, coefficients, variant, sums)
        elif count == 2:
            b0, b1 = program.gates[first, 0], program.gates[first + 1, 0]
            w0, w1 = u64(1) << u64(b0), u64(1) << u64(b1)
            for k in range(u64(0), u64(size) >> u64(2), step):
                undo_2(p, q, base + _spread(_spread(k, b0), b1), w0, w1, coefficients, variant, sums)
        else:
            b0 = program.gates[first, 0]
            for k in range(u64(0), u64(size) >> u64(1), step):
                undo_1(p, q, base + _spread(k, b0), u64(1) << u64(b0), coefficients, variant, sums)


@nb.njit(cache=True)
def _diagonal(program: Program, which: int, scratch: Scratch, v: Real, start: int, size: int) -> None:
    """Apply a diagonal to the block of `size` amplitudes from `start`."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    low, high = scratch.phases_low[which], scratch.phases_high[which]
    rows = program.flip_rows[program.diagonals[which, 2]]
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(program.low_bits)
        signs = program.signs[rows[h]]
        for j in range(u64(0), width, u64(WIDTH)):
            phase(v, o + j, half, high[0, h], high[1, h], low[0], low[1], signs, j)


@nb.njit(cache=True)
def _undo_diagonal(program: Program, which: int, scratch: Scratch, p: Real, q: Real, start: int, size: int) -> None:
    """Undo a diagonal on a block of psi and lambda; sum w(x) = Im(conj(lambda_x) psi_x) over the high half of the index and over the low half."""
    half = u64(p.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    low, high = scratch.phases_low[which], scratch.phases_high[which]
    rows = program.flip_rows[program.diagonals[which, 2]]
    for o in range(u64(start), u64(start) + u64(size), width):
        h = o >> u64(program.low_bits)
        signs = program.signs[rows[h]]
        scratch.lanes[:] = 0.0
        for j in range(u64(0), width, u64(2 * WIDTH)):
            undo_phase(p, q, o + j, half, high[0, h], high[1, h], low[0], low[1], signs, j, scratch.over_high, scratch.lanes)
        scratch.over_low[h] = total_of(scratch.lanes)


@nb.njit(cache=True)
def _rotate_z(v: Real, high: Real, low: Real, low_bits: int, c: float, s: float) -> None:
    """Multiply amplitude x by c - i s high(x) low(x)."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(low_bits)
    for h in range(half >> u64(low_bits)):
        t = s * high[h]
        re, im = v[h * width : (h + u64(1)) * width], v[half + h * width : half + (h + u64(1)) * width]
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
    lanes[:] = 0.0
    for h in range(half >> u64(low_bits)):
        for i in range(u64(0), width, u64(WIDTH)):
            o = h * width + i
            for j in range(u64(WIDTH)):
                lanes[j] += high[h] * low[i + j] * (q[o + j] * p[half + o + j] - q[half + o + j] * p[o + j])
    return total_of(lanes)


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
    return plus - minus


@nb.njit(cache=True)
def _half_angle(program: Program, string: int, theta: Real) -> float:
    return 0.5 * program.scales[string] * theta[program.strings[string, 2]]


@nb.njit(cache=True)
def apply_body(program: Program, layer: int, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the rotations and the diagonal gates of a layer; the phase tables must have been filled."""
    begin, end, which, z_begin, z_end = program.layers[layer, :5]
    n = program.num_qubits
    whole = 1 << n
    outer, inner = 1 << min(n, OUTER_BITS), 1 << min(n, INNER_BITS)
    prepare_sweeps(program, layer, theta, scratch, 1.0)
    for w in range(end - 1, begin - 1, -1):
        if program.sweeps[w, 0] == 3:
            _sweep(program, w, w - begin, scratch, v, 0, whole)
    for block in range(0, whole, outer):
        for w in range(end - 1, begin - 1, -1):
            if program.sweeps[w, 0] == 2:
                _sweep(program, w, w - begin, scratch, v, block, outer)
        for start in range(block, block + outer, inner):
            for w in range(end - 1, begin - 1, -1):
                if program.sweeps[w, 0] < 2:
                    _sweep(program, w, w - begin, scratch, v, start, inner)
            if which >= 0:
                _diagonal(program, which, scratch, v, start, inner)
    for k in range(z_begin, z_end):
        half = _half_angle(program, k, theta)
        _rotate_z(
            v, program.signs[program.strings[k, 0]], program.signs[program.strings[k, 1]], program.low_bits, math.cos(half), math.sin(half)
        )


@nb.njit(cache=True)
def apply_string(program: Program, k: int, theta: Real, v: Real) -> None:
    """Apply one of the Pauli strings."""
    half = _half_angle(program, k, theta)
    _rotate_string(v, program.strings[k, 0], program.strings[k, 1], math.cos(half), math.sin(half))


@nb.njit(cache=True)
def _apply_all(program: Program, theta: Real, v: Real, scratch: Scratch) -> None:
    """Apply the circuit to |0...0>."""
    fill_phases(program, theta, scratch)
    v[:] = 0.0
    v[0] = 1.0
    for layer in range(program.layers.shape[0]):
        apply_body(program, layer, theta, v, scratch)
        for k in range(program.layers[layer, 5], program.layers[layer, 6]):
            apply_string(program, k, theta, v)


@nb.njit(cache=True)
def undo_string(program: Program, k: int, theta: Real, p: Real, q: Real, gradient: Real) -> None:
    """Undo one of the Pauli strings on psi = p and lambda = q and add its derivative to `gradient`."""
    half, x, z = _half_angle(program, k, theta), program.strings[k, 0], program.strings[k, 1]
    gradient[program.strings[k, 2]] += program.scales[k] * _overlap_string(p, q, x, z)
    _rotate_string(p, x, z, math.cos(half), -math.sin(half))
    _rotate_string(q, x, z, math.cos(half), -math.sin(half))


@nb.njit(cache=True)
def undo_body(program: Program, layer: int, theta: Real, p: Real, q: Real, scratch: Scratch, gradient: Real) -> None:
    """Undo the rotations and diagonal gates of a layer on psi = p and lambda = q and add their derivatives to `gradient`."""
    begin, end, which, z_begin, z_end = program.layers[layer, :5]
    n = program.num_qubits
    whole = 1 << n
    outer, inner = 1 << min(n, OUTER_BITS), 1 << min(n, INNER_BITS)
    for k in range(z_end - 1, z_begin - 1, -1):
        half, high, low = _half_angle(program, k, theta), program.signs[program.strings[k, 0]], program.signs[program.strings[k, 1]]
        gradient[program.strings[k, 2]] += program.scales[k] * _overlap_z(p, q, high, low, program.low_bits, scratch.lanes)
        _rotate_z(p, high, low, program.low_bits, math.cos(half), -math.sin(half))
        _rotate_z(q, high, low, program.low_bits, math.cos(half), -math.sin(half))
    prepare_sweeps(program, layer, theta, scratch, -1.0)
    scratch.sums[:, :] = 0.0
    scratch.over_high[:] = 0.0
    for block in range(0, whole, outer):
        for start in range(block, block + outer, inner):
            if which >= 0:
                _undo_diagonal(program, which, scratch, p, q, start, inner)
            for w in range(begin, end):
                if program.sweeps[w, 0] < 2:
                    _undo_sweep(program, w, w - begin, scratch, p, q, start, inner)
        for w in range(begin, end):
            if program.sweeps[w, 0] == 2:
                _undo_sweep(program, w, w - begin, scratch, p, q, block, outer)
    for w in range(begin, end):
        if program.sweeps[w, 0] == 3:
            _undo_sweep(program, w, w - begin, scratch, p, q, 0, whole)
    collect_sweeps(program, layer, scratch, gradient)
    if which >= 0:
        collect_diagonal(program, which, scratch, gradient)


@nb.njit(cache=True)
def observe(program: Program, p: Real, q: Real) -> None:
    """Set q = O p."""
    half = program.diagonal.size
    for i in range(u64(half)):
        q[i] = program.diagonal[i] * p[i]
        q[u64(half) + i] = program.diagonal[i] * p[u64(half) + i]
    for t in range(program.terms.shape[0]):
        x, z = program.terms[t]
        unit = program.weights[t] * unit_of(x, z)
        for i in range(half):
            sign = -1.0 if odd(i & z) else 1.0
            a, b = sign * p[i], sign * p[half + i]
            q[i ^ x] += unit.real * a - unit.imag * b
            q[half + (i ^ x)] += unit.real * b + unit.imag * a


@nb.njit(cache=True)
def run_values(program: Program, theta: Real, p: Real, q: Real, scratch: Scratch, values: Real) -> None:
    """Write the loss of each row of `theta`, one after the other; the last state is left in p."""
    for sample in range(theta.shape[0]):
        _apply_all(program, theta[sample], p, scratch)
        observe(program, p, q)
        values[sample] = dot(p, q, p.size, scratch.lanes)


@nb.njit(cache=True)
def run_states(program: Program, theta: Real, p: Real, scratch: Scratch, stride: int, states: Complex) -> None:
    """Write the output state of each row of `theta`: every `stride`-th amplitude."""
    half = u64(p.size) >> u64(1)
    for sample in range(theta.shape[0]):
        _apply_all(program, theta[sample], p, scratch)
        for i in range(u64(states.shape[1])):
            states[sample, i] = complex(p[i * u64(stride)], p[half + i * u64(stride)])


@nb.njit(cache=True)
def run_gradients(program: Program, theta: Real, p: Real, q: Real, scratch: Scratch, values: Real, gradients: Real) -> None:
    """Write the loss and its gradient for each row of `theta`, one after the other, in two state vectors."""
    gradients[:, :] = 0.0
    for sample in range(theta.shape[0]):
        _apply_all(program, theta[sample], p, scratch)
        observe(program, p, q)
        values[sample] = dot(p, q, p.size, scratch.lanes)
        for layer in range(program.layers.shape[0] - 1, -1, -1):
            for k in range(program.layers[layer, 6] - 1, program.layers[layer, 5] - 1, -1):
                undo_string(program, k, theta[sample], p, q, gradients[sample])
            undo_body(program, layer, theta[sample], p, q, scratch, gradients[sample])
