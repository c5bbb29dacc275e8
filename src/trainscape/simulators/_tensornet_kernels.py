"""Numba kernels of the tensor-network engine: run a compiled contraction, forward and in reverse, for a group of samples at once.

Every entry of every tensor is a row of ``2 x lanes`` numbers in one buffer of shape ``(entries, 2, lanes)``: the real, then the imaginary parts of that
entry for `lanes` samples. All inner loops run along the samples, each of which is computed independently of the others, so that no bit depends on what
else is in the group. A contraction ``C[o] = sum_k A[o, k] B[o, k]`` is driven by offset tables: entry o of the result takes the rows
``first_out[o] + first_sum[k]`` of A and ``second_out[o] + second_sum[k]`` of B. This form covers summed, kept, batch and hyper-indices alike.

The contraction is linear in every tensor, so that the reverse sweep takes plain (unconjugated) derivatives: ``dA[o, k] += dC[o] B[o, k]``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["Program", "run_gradient", "run_value"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Complex = NDArray[np.complex128]

u64 = nb.uint64


class Program(NamedTuple):
    """A compiled network and path."""

    tensors: Int  # (T, 4): first row, number of rows, parameter or -1, whether the gradient needs it (0 for constants and the bra)
    scales: Real  # (T,)
    cosine: Complex  # (rows of all tensors,)
    sine: Complex
    contractions: (
        Int  # (C, 9): first rows of A, B, C; sizes of out and sum; starts in `out_offsets`, `sum_offsets`; whether A, B need a gradient
    )
    out_offsets: Int  # for each contraction first_out, then second_out
    sum_offsets: Int  # for each contraction first_sum, then second_sum
    entries: int
    """Rows of the whole buffer; the value is its last row."""


@nb.njit(cache=True)
def _fill(program: Program, theta: Real, data: Real) -> None:
    """Write the tensors at `theta` of shape (P, lanes)."""
    lanes = theta.shape[1]
    c, s = np.empty(lanes), np.empty(lanes)
    for t in range(program.tensors.shape[0]):
        first, count, parameter, _ = program.tensors[t]
        if parameter < 0:
            for row in range(first, first + count):
                data[row, 0, :] = program.cosine[row].real
                data[row, 1, :] = program.cosine[row].imag
            continue
        for j in range(lanes):
            half = 0.5 * program.scales[t] * theta[parameter, j]
            c[j], s[j] = math.cos(half), math.sin(half)
        for row in range(first, first + count):
            a, b = program.cosine[row], program.sine[row]
            for j in range(u64(lanes)):
                data[row, 0, j] = c[j] * a.real + s[j] * b.real
                data[row, 1, j] = c[j] * a.imag + s[j] * b.imag


@nb.njit(cache=True)
def _contract(program: Program, data: Real, sums: Real) -> None:
    """Run all contractions."""
    lanes = u64(data.shape[2])
    for t in range(program.contractions.shape[0]):
        first, second, third, outs, terms, at_out, at_sum, _, _ = program.contractions[t]
        for o in range(outs):
            a0 = first + program.out_offsets[at_out + o]
            b0 = second + program.out_offsets[at_out + outs + o]
            sums[:, :] = 0.0
            for k in range(terms):
                a = data[a0 + program.sum_offsets[at_sum + k]]
                b = data[b0 + program.sum_offsets[at_sum + terms + k]]
                for j in range(lanes):
                    sums[0, j] += a[0, j] * b[0, j] - a[1, j] * b[1, j]
                    sums[1, j] += a[0, j] * b[1, j] + a[1, j] * b[0, j]
            data[third + o] = sums


@nb.njit(cache=True)
def _reverse(program: Program, data: Real, adjoint: Real) -> None:
    """Fill `adjoint` with the derivatives of the real part of the value with respect to all tensors that need it."""
    lanes = u64(data.shape[2])
    adjoint[:] = 0.0
    adjoint[program.entries - 1, 0, :] = 1.0
    for t in range(program.contractions.shape[0] - 1, -1, -1):
        first, second, third, outs, terms, at_out, at_sum, need_first, need_second = program.contractions[t]
        for o in range(outs):
            g = adjoint[third + o]
            a0 = first + program.out_offsets[at_out + o]
            b0 = second + program.out_offsets[at_out + outs + o]
            for k in range(terms):
                row_a = a0 + program.sum_offsets[at_sum + k]
                row_b = b0 + program.sum_offsets[at_sum + terms + k]
                if need_first:
                    target, other = adjoint[row_a], data[row_b]
                    for j in range(lanes):
                        target[0, j] += g[0, j] * other[0, j] - g[1, j] * other[1, j]
                        target[1, j] += g[0, j] * other[1, j] + g[1, j] * other[0, j]
                if need_second:
                    target, other = adjoint[row_b], data[row_a]
                    for j in range(lanes):
                        target[0, j] += g[0, j] * other[0, j] - g[1, j] * other[1, j]
                        target[1, j] += g[0, j] * other[1, j] + g[1, j] * other[0, j]


@nb.njit(cache=True)
def run_value(program: Program, theta: Real, data: Real, values: Real) -> None:
    """Write the value for each of the lanes of `theta`, shape (P, lanes)."""
    _fill(program, theta, data)
    _contract(program, data, np.empty((2, theta.shape[1])))
    values[:] = data[program.entries - 1, 0]


@nb.njit(cache=True)
def run_gradient(program: Program, theta: Real, data: Real, adjoint: Real, values: Real, gradient: Real) -> None:
    """Write the value, shape (lanes,), and its gradient, shape (P, lanes). The bra counts by doubling the derivatives of the ket."""
    run_value(program, theta, data, values)
    _reverse(program, data, adjoint)
    gradient[:, :] = 0.0
    lanes = theta.shape[1]
    for t in range(program.tensors.shape[0]):
        first, count, parameter, needed = program.tensors[t]
        if not needed:
            continue
        for j in range(lanes):
            half = 0.5 * program.scales[t] * theta[parameter, j]
            c, s = math.cos(half), math.sin(half)
            total = 0.0
            for row in range(first, first + count):
                slope = c * program.sine[row] - s * program.cosine[row]
                total += adjoint[row, 0, j] * slope.real - adjoint[row, 1, j] * slope.imag
            gradient[parameter, j] += program.scales[t] * total
