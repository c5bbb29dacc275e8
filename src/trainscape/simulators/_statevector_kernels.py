"""Numba kernels of the state-vector engine.

A state of n qubits is a float64 array of length ``2 N`` (``N = 2**n``) with real and imaginary parts interleaved, so that real gates (RY, H, CX, CZ) act
on it as on a real vector. Three habits keep the kernels fast: loop indices are unsigned (with signed ones LLVM does not vectorise ``range(o, o + s)``);
the outer index of a gate is not affine in the loop counter, so that the overlap test before each vector loop is not hoisted, where it would fail; and sums
are taken elementwise into a short array that is added up at the end, because without fast-math LLVM may not split one running sum into vector lanes.
Fast-math stays off and nothing runs in parallel, so that equal inputs give equal bits. All kernels that call one another are in this one module: numba's
cache notices changes of the file of the calling function only.

Backward kernels take the state psi *after* a gate and the costate lambda = (later gates)^dagger O psi_final, undo the gate on both, and return
``Im <lambda| P |psi>``: the derivative of ``<O>`` with respect to the angle t of ``exp(-i t P / 2)`` (adjoint differentiation: T. Jones and
J. Gacon, arXiv 2009.02823).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CX",
    "DIAGONAL",
    "HADAMARD",
    "PAULI",
    "ROTATION",
    "ROTATION_X",
    "ROTATION_Y",
    "ROTATION_Z",
    "Program",
    "run_gradients",
    "run_values",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

# Kinds of operations. A row of the program is (kind, a, b, parameter); a and b are, by kind:
ROTATION_Y = 0  # bit position of the qubit
ROTATION_X = 1  # bit position of the qubit
ROTATION_Z = 2  # sign rows of the high and the low half of the index, for a Z string that spans both halves
ROTATION = 3  # x and z masks of a Pauli string that flips at least one bit
DIAGONAL = 4  # index of the fused diagonal layer
HADAMARD = 5  # bit position of the qubit
PAULI = 6  # x and z masks, at least one bit flipped
CX = 7  # bit positions of control and target

LANES = 64

u64 = nb.uint64


class Program(NamedTuple):
    """A compiled problem. The index of a basis state is split into a high and a low half of `low_bits` bits.

    A diagonal layer multiplies amplitude x by ``flip(x) exp(i (offset + sum_e coefficient_e angle_e sign_e(x)))``, where every sign depends on one half
    only, and angle_e is a parameter, or 1.
    """

    num_qubits: int
    low_bits: int
    operations: Int  # (K, 4): kind, a, b, parameter
    scales: Real  # (K,): factor of the parameter
    layers: Int  # (D, 3): first entry, end of the entries, row of `flips` or -1
    offsets: Real  # (D,)
    entries: Int  # (E, 3): half (0 low, 1 high), row of `signs`, parameter or -1
    coefficients: Real  # (E,)
    signs: Real  # (R, size of the larger half): +-1
    flips: Real  # (F, N): +-1, products of CZ gates
    diagonal: Real  # (N,): diagonal part of the observable
    terms: Int  # (T, 2): x and z masks of its other Pauli strings
    weights: Real  # (T,)


@nb.njit(cache=True)
def _odd(bits: int) -> bool:
    """Return whether an odd number of bits is set."""
    bits ^= bits >> 32
    bits ^= bits >> 16
    bits ^= bits >> 8
    bits ^= bits >> 4
    bits ^= bits >> 2
    bits ^= bits >> 1
    return (bits & 1) == 1


@nb.njit(cache=True)
def _total(sums: Real, length: int) -> float:
    """Sum the first `length` entries, a power of two, pairwise; the array is overwritten."""
    half = u64(length) >> u64(1)
    while half > 0:
        for j in range(half):
            sums[j] += sums[j + half]
        half >>= u64(1)
    return sums[0]


@nb.njit(cache=True)
def _real_gate(v: Real, bit: int, m00: float, m01: float, m10: float, m11: float) -> None:
    """Apply a real 2 x 2 matrix to one qubit."""
    shift = u64(bit + 1)
    w = u64(1) << shift
    lanes = min(w, u64(LANES))
    for k in range(u64(0), u64(v.size) >> u64(1), lanes):
        i = ((k >> shift) << (shift + u64(1))) | (k & (w - u64(1)))
        for j in range(lanes):
            a, b = v[i + j], v[i + j + w]
            v[i + j] = m00 * a + m01 * b
            v[i + j + w] = m10 * a + m11 * b


@nb.njit(cache=True)
def _undo_y(p: Real, q: Real, bit: int, c: float, s: float, sums: Real) -> float:
    """Undo RY on psi = p and lambda = q; return Im <lambda|Y|psi>."""
    shift = u64(bit + 1)
    w = u64(1) << shift
    lanes = min(w, u64(LANES))
    sums[:lanes] = 0.0
    for k in range(u64(0), u64(p.size) >> u64(1), lanes):
        i = ((k >> shift) << (shift + u64(1))) | (k & (w - u64(1)))
        for j in range(lanes):
            a, b = p[i + j], p[i + j + w]
            x, y = q[i + j], q[i + j + w]
            sums[j] += y * a - x * b
            p[i + j] = c * a + s * b
            p[i + j + w] = c * b - s * a
            q[i + j] = c * x + s * y
            q[i + j + w] = c * y - s * x
    return _total(sums, lanes)


@nb.njit(cache=True)
def _rotate_x(v: Real, bit: int, c: float, s: float) -> None:
    """Apply exp(-i t X / 2) with c = cos(t/2), s = sin(t/2)."""
    shift = u64(bit)
    w = u64(1) << shift
    lanes = min(w, u64(LANES))
    for k in range(u64(0), u64(v.size) >> u64(2), lanes):
        i = u64(2) * (((k >> shift) << (shift + u64(1))) | (k & (w - u64(1))))
        o = i + u64(2) * w
        for j in range(u64(0), u64(2) * lanes, u64(2)):
            ar, ai = v[i + j], v[i + j + u64(1)]
            br, bi = v[o + j], v[o + j + u64(1)]
            v[i + j] = c * ar + s * bi
            v[i + j + u64(1)] = c * ai - s * br
            v[o + j] = c * br + s * ai
            v[o + j + u64(1)] = c * bi - s * ar


@nb.njit(cache=True)
def _overlap_x(p: Real, q: Real, bit: int, sums: Real) -> float:
    """Return Im <lambda|X|psi>."""
    shift = u64(bit)
    w = u64(1) << shift
    lanes = min(w, u64(LANES))
    sums[:lanes] = 0.0
    for k in range(u64(0), u64(p.size) >> u64(2), lanes):
        i = u64(2) * (((k >> shift) << (shift + u64(1))) | (k & (w - u64(1))))
        o = i + u64(2) * w
        for j in range(lanes):
            e = u64(2) * j
            f = e + u64(1)
            sums[j] += q[i + e] * p[o + f] - q[i + f] * p[o + e] + q[o + e] * p[i + f] - q[o + f] * p[i + e]
    return _total(sums, lanes)


@nb.njit(cache=True)
def _controlled_x(v: Real, control: int, target: int) -> None:
    """Apply CX."""
    c, t = u64(1) << u64(control), u64(1) << u64(target)
    for i in range(u64(v.size) >> u64(1)):
        if (i & c) and not (i & t):
            a, b = u64(2) * i, u64(2) * (i | t)
            v[a], v[b] = v[b], v[a]
            v[a + u64(1)], v[b + u64(1)] = v[b + u64(1)], v[a + u64(1)]


@nb.njit(cache=True)
def _unit(x: int, z: int) -> complex:
    """Return i**(number of Y): P |b> = i**y (-1)**parity(b & z) |b ^ x>."""
    count = 0
    both = x & z
    while both:
        count += both & 1
        both >>= 1
    return (1 + 0j, 1j, -1 + 0j, -1j)[count & 3]


@nb.njit(cache=True)
def _string_gate(v: Real, x: int, z: int, c: float, s: complex) -> None:
    """Apply c + s P with a Pauli string that flips at least one bit (x != 0)."""
    state = v.view(np.complex128)
    unit = _unit(x, z)
    top = 0
    while x >> (top + 1):
        top += 1
    for k in range(state.size >> 1):
        i = ((k >> top) << (top + 1)) | (k & ((1 << top) - 1))
        o = i ^ x
        phase = -unit if _odd(i & z) else unit
        a, b = state[i], state[o]
        state[i] = c * a + s * (phase.conjugate() * b)
        state[o] = c * b + s * (phase * a)


@nb.njit(cache=True)
def _string_overlap(p: Real, q: Real, x: int, z: int) -> float:
    """Return Im <lambda|P|psi> for any Pauli string."""
    psi, costate = p.view(np.complex128), q.view(np.complex128)
    unit = _unit(x, z)
    even, odd = 0.0, 0.0
    for i in range(psi.size):
        term = (costate[i ^ x].conjugate() * (unit * psi[i])).imag
        if _odd(i & z):
            odd += term
        else:
            even += term
    return even - odd


@nb.njit(cache=True)
def _rotate_z(v: Real, high: Real, low: Real, low_bits: int, c: float, s: float) -> None:
    """Multiply amplitude x by c - i s high(x) low(x)."""
    size = u64(1) << u64(low_bits)
    for h in range(u64(v.size) >> u64(low_bits + 1)):
        t = s * high[h]
        o = u64(2) * size * h
        for j in range(size):
            e = o + u64(2) * j
            f = e + u64(1)
            sine = t * low[j]
            a, b = v[e], v[f]
            v[e] = c * a + sine * b
            v[f] = c * b - sine * a


@nb.njit(cache=True)
def _overlap_z(p: Real, q: Real, high: Real, low: Real, low_bits: int, sums: Real) -> float:
    """Return Im <lambda|P|psi> for a Z string with sign high(x) low(x)."""
    size = u64(1) << u64(low_bits)
    sums[:size] = 0.0
    for h in range(u64(p.size) >> u64(low_bits + 1)):
        o = u64(2) * size * h
        for j in range(size):
            e = o + u64(2) * j
            f = e + u64(1)
            sums[j] += high[h] * (q[e] * p[f] - q[f] * p[e])
    for j in range(size):
        sums[j] *= low[j]
    return _total(sums, size)


@nb.njit(cache=True)
def _fill_phases(program: Program, theta: Real, phases: Real) -> None:
    """Write exp(i angle) of both halves of every diagonal layer: phases[layer, half, 2 j] and [..., 2 j + 1] are the real and imaginary parts."""
    sizes = (1 << program.low_bits, 1 << (program.num_qubits - program.low_bits))
    angles = np.zeros((2, max(sizes)))
    for layer in range(program.layers.shape[0]):
        angles[0, :] = program.offsets[layer]
        angles[1, :] = 0.0
        for e in range(program.layers[layer, 0], program.layers[layer, 1]):
            half, row, parameter = program.entries[e]
            angle = program.coefficients[e] * (theta[parameter] if parameter >= 0 else 1.0)
            for j in range(u64(sizes[half])):
                angles[half, j] += angle * program.signs[row, j]
        for half in range(2):
            for j in range(sizes[half]):
                phases[layer, half, 2 * j] = math.cos(angles[half, j])
                phases[layer, half, 2 * j + 1] = math.sin(angles[half, j])


@nb.njit(cache=True)
def _diagonal_layer(v: Real, high: Real, low: Real, flips: Real, low_bits: int, direction: float) -> None:
    """Apply a fused diagonal layer (direction 1) or its inverse (-1)."""
    size = u64(1) << u64(low_bits)
    for h in range(u64(v.size) >> u64(low_bits + 1)):
        hr, hi = high[u64(2) * h], high[u64(2) * h + u64(1)]
        row = v[u64(2) * size * h : u64(2) * size * (h + u64(1))]
        flip = flips[size * h : size * (h + u64(1))]
        for j in range(size):
            e, f = u64(2) * j, u64(2) * j + u64(1)
            c = (hr * low[e] - hi * low[f]) * flip[j]
            s = (hr * low[f] + hi * low[e]) * (flip[j] * direction)
            a, b = row[e], row[f]
            row[e] = c * a - s * b
            row[f] = c * b + s * a


@nb.njit(cache=True)
def _undo_diagonal(
    p: Real, q: Real, high: Real, low: Real, flips: Real, low_bits: int, over_high: Real, over_low: Real, sums: Real
) -> None:
    """Undo a layer on psi and lambda; sum w(x) = Im(conj(lambda_x) psi_x) over the high half of the index (`over_high`) and over the low (`over_low`)."""
    size = u64(1) << u64(low_bits)
    over_high[:size] = 0.0
    for h in range(u64(p.size) >> u64(low_bits + 1)):
        hr, hi = high[u64(2) * h], high[u64(2) * h + u64(1)]
        start = u64(2) * size * h
        flip = flips[size * h : size * (h + u64(1))]
        for j in range(size):
            e = u64(2) * j
            f = e + u64(1)
            c = (hr * low[e] - hi * low[f]) * flip[j]
            s = (hr * low[f] + hi * low[e]) * flip[j]
            a, b = p[start + e], p[start + f]
            x, y = q[start + e], q[start + f]
            w = x * b - y * a
            sums[j] = w
            over_high[j] += w
            p[start + e] = c * a + s * b
            p[start + f] = c * b - s * a
            q[start + e] = c * x + s * y
            q[start + f] = c * y - s * x
        over_low[h] = _total(sums, size)


@nb.njit(cache=True)
def _run(program: Program, theta: Real, v: Real, phases: Real) -> None:
    """Prepare |0...0> in v and apply the circuit."""
    _fill_phases(program, theta, phases)
    v[:] = 0.0
    v[0] = 1.0
    r = math.sqrt(0.5)
    for k in range(program.operations.shape[0]):
        kind, a, b, parameter = program.operations[k]
        half = 0.5 * program.scales[k] * theta[parameter] if parameter >= 0 else 0.0
        if kind == ROTATION_Y:
            c, s = math.cos(half), math.sin(half)
            _real_gate(v, a, c, -s, s, c)
        elif kind == ROTATION_X:
            _rotate_x(v, a, math.cos(half), math.sin(half))
        elif kind == ROTATION_Z:
            _rotate_z(v, program.signs[a], program.signs[b], program.low_bits, math.cos(half), math.sin(half))
        elif kind == ROTATION:
            _string_gate(v, a, b, math.cos(half), complex(0.0, -math.sin(half)))
        elif kind == DIAGONAL:
            _diagonal_layer(v, phases[a, 1], phases[a, 0], program.flips[program.layers[a, 2]], program.low_bits, 1.0)
        elif kind == HADAMARD:
            _real_gate(v, a, r, r, r, -r)
        elif kind == PAULI:
            _string_gate(v, a, b, 0.0, 1 + 0j)
        else:
            _controlled_x(v, a, b)


@nb.njit(cache=True)
def _observe(program: Program, p: Real, q: Real, sums: Real) -> float:
    """Set q = O p and return <p|O|p>."""
    for i in range(u64(program.diagonal.size)):
        q[u64(2) * i] = program.diagonal[i] * p[u64(2) * i]
        q[u64(2) * i + u64(1)] = program.diagonal[i] * p[u64(2) * i + u64(1)]
    psi, image = p.view(np.complex128), q.view(np.complex128)
    for t in range(program.terms.shape[0]):
        x, z = program.terms[t]
        unit = program.weights[t] * _unit(x, z)
        for i in range(psi.size):
            image[i ^ x] += -unit * psi[i] if _odd(i & z) else unit * psi[i]
    lanes = min(u64(p.size), u64(LANES))
    sums[:lanes] = 0.0
    for i in range(u64(0), u64(p.size), lanes):
        for j in range(lanes):
            sums[j] += p[i + j] * q[i + j]
    return _total(sums, lanes)


@nb.njit(cache=True)
def _pull_back(program: Program, theta: Real, p: Real, q: Real, phases: Real, scratch: Real, gradient: Real) -> None:
    """Undo the circuit on psi = p and lambda = q and add every derivative to `gradient`."""
    sums, over_high, over_low = scratch[0], scratch[1], scratch[2]
    r = math.sqrt(0.5)
    for k in range(program.operations.shape[0] - 1, -1, -1):
        kind, a, b, parameter = program.operations[k]
        scale = program.scales[k]
        half = 0.5 * scale * theta[parameter] if parameter >= 0 else 0.0
        c, s = math.cos(half), math.sin(half)
        if kind == ROTATION_Y:
            gradient[parameter] += scale * _undo_y(p, q, a, c, s, sums)
        elif kind == ROTATION_X:
            gradient[parameter] += scale * _overlap_x(p, q, a, sums)
            _rotate_x(p, a, c, -s)
            _rotate_x(q, a, c, -s)
        elif kind == ROTATION_Z:
            gradient[parameter] += scale * _overlap_z(p, q, program.signs[a], program.signs[b], program.low_bits, sums)
            _rotate_z(p, program.signs[a], program.signs[b], program.low_bits, c, -s)
            _rotate_z(q, program.signs[a], program.signs[b], program.low_bits, c, -s)
        elif kind == ROTATION:
            gradient[parameter] += scale * _string_overlap(p, q, a, b)
            _string_gate(p, a, b, c, complex(0.0, s))
            _string_gate(q, a, b, c, complex(0.0, s))
        elif kind == DIAGONAL:
            flips = program.flips[program.layers[a, 2]]
            _undo_diagonal(p, q, phases[a, 1], phases[a, 0], flips, program.low_bits, over_high, over_low, sums)
            for e in range(program.layers[a, 0], program.layers[a, 1]):
                side, row, which = program.entries[e]
                if which >= 0:
                    weights = over_low if side == 1 else over_high
                    size = u64(1) << u64(program.num_qubits - program.low_bits if side == 1 else program.low_bits)
                    for j in range(size):
                        sums[j] = program.signs[row, j] * weights[j]
                    gradient[which] -= 2.0 * program.coefficients[e] * _total(sums, size)
        elif kind == HADAMARD:
            _real_gate(p, a, r, r, r, -r)
            _real_gate(q, a, r, r, r, -r)
        elif kind == PAULI:
            _string_gate(p, a, b, 0.0, 1 + 0j)
            _string_gate(q, a, b, 0.0, 1 + 0j)
        else:
            _controlled_x(p, a, b)
            _controlled_x(q, a, b)


@nb.njit(cache=True)
def run_values(program: Program, theta: Real, states: Real, phases: Real, scratch: Real, values: Real) -> None:
    """Write the loss of each row of `theta`, one after the other."""
    for sample in range(theta.shape[0]):
        _run(program, theta[sample], states[0], phases)
        values[sample] = _observe(program, states[0], states[1], scratch[0])


@nb.njit(cache=True)
def run_gradients(program: Program, theta: Real, states: Real, phases: Real, scratch: Real, values: Real, gradients: Real) -> None:
    """Write the loss and its gradient for each row of `theta`, one after the other, in two state vectors."""
    gradients[:, :] = 0.0
    for sample in range(theta.shape[0]):
        _run(program, theta[sample], states[0], phases)
        values[sample] = _observe(program, states[0], states[1], scratch[0])
        _pull_back(program, theta[sample], states[0], states[1], phases, scratch, gradients[sample])
