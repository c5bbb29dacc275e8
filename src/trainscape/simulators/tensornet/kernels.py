"""Numba kernels of the tensor-network engine, which run a compiled contraction.

It runs forward and in reverse, for eight samples at once. Every entry of every tensor is a row of
``2 x LANES`` numbers in one buffer of shape ``(entries, 2, LANES)``: the real, then the imaginary
parts of that entry for eight samples. All arithmetic runs along the samples. Each is computed
independently of the others, so that no bit depends on which samples share a group. A contraction
``C[o] = sum_k A[o, k] B[o, k]`` is driven by offset tables: entry o of the result takes the rows
``first_out[o] + first_sum[k]`` of A and ``second_out[o] + second_sum[k]`` of B. This form covers
summed, kept, batch and hyper-indices alike.

The contraction is linear in every tensor, so that the reverse sweep uses plain (unconjugated)
derivatives: ``dA[o, k] += dC[o] B[o, k]``. Values and derivatives of the slices of a network are
added.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba as nb
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = ["FIRST_COEFFICIENT", "LANES", "Program", "run_gradient", "run_value"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Complex = NDArray[np.complex128]

LANES = 8
"""Samples that are computed together; a smaller group is padded with zeros."""

FIRST_COEFFICIENT = 4
"""Column of `Program.tensors`."""

u64 = nb.uint64


class Program(NamedTuple):
    """A compiled network and path.

    Parameters
    ----------
    angles
        Parameter of each angle, shape (A,).
    scales
        Its factor, shape (A,).
    tensors
        Shape (T, 5): first row, number of rows, angle or -1, whether the gradient needs the tensor
        (0 for constants and the bra), and first coefficient.
    slices
        Shape (T, number of sliced indices): how much the first coefficient grows if a sliced index
        is 1.
    cosine, sine
        Coefficients of all tensors before slicing.
    contractions
        Shape (C, 9): first rows of A, B and C; number of entries of the result and of the sum;
        starts in `out_offsets` and `sum_offsets`; whether A and B need a gradient.
    out_offsets
        For each contraction first_out, then second_out.
    sum_offsets
        For each contraction first_sum, then second_sum.
    entries
        Number of rows of the buffer. The value is in the last row.
    """

    angles: Int
    scales: Real
    tensors: Int
    slices: Int
    cosine: Complex
    sine: Complex
    contractions: Int
    out_offsets: Int
    sum_offsets: Int
    entries: int


# Vector instructions on rows. Rows need not be aligned to more than one number.

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


def _row(context: Any, builder: Any, array_type: Any, array: Any, number: Any) -> Any:
    """Return the address of a row of a buffer."""
    start = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(
        builder.gep(start, [builder.mul(number, ir.Constant(number.type, 2 * LANES))]),
        _VECTOR.as_pointer(),
    )


def _load(builder: Any, row: Any) -> tuple[Any, Any]:
    """Return the real and the imaginary parts of a row."""
    parts = [builder.load(builder.gep(row, [ir.Constant(ir.IntType(32), k)])) for k in range(2)]
    for part in parts:
        part.align = 8
    return parts[0], parts[1]


def _store(builder: Any, row: Any, parts: tuple[Any, Any]) -> None:
    for k, part in enumerate(parts):
        builder.store(part, builder.gep(row, [ir.Constant(ir.IntType(32), k)])).align = 8


def _add_product(builder: Any, target: Any, first: Any, second: Any) -> None:
    """Add the complex product of two rows to a third one."""
    (a, b), (c, d), (real, imaginary) = (
        _load(builder, first),
        _load(builder, second),
        _load(builder, target),
    )
    product = (
        builder.fsub(builder.fmul(a, c), builder.fmul(b, d)),
        builder.fadd(builder.fmul(a, d), builder.fmul(b, c)),
    )
    _store(builder, target, (builder.fadd(real, product[0]), builder.fadd(imaginary, product[1])))


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _accumulator(typingctx: Any) -> Any:
    """Return a row on the stack, which the compiler keeps in registers."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(
            cgutils.alloca_once(builder, ir.ArrayType(_VECTOR, 2)), ir.IntType(8).as_pointer()
        )

    return nb.types.voidptr(), codegen


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _clear(typingctx: Any, sums: Any) -> Any:
    """Set the accumulator to zero."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> None:
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        _store(builder, builder.bitcast(args[0], _VECTOR.as_pointer()), (zero, zero))

    return nb.void(sums), codegen


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _accumulate(typingctx: Any, sums: Any, data: Any, first: Any, second: Any) -> Any:
    """Do ``sums += data[first] * data[second]``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> None:
        rows = [_row(context, builder, signature.args[1], args[1], args[k]) for k in (2, 3)]
        _add_product(builder, builder.bitcast(args[0], _VECTOR.as_pointer()), *rows)

    return nb.void(sums, data, first, second), codegen


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _write(typingctx: Any, sums: Any, data: Any, row: Any) -> Any:
    """Do ``data[row] = sums``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> None:
        sums_row = builder.bitcast(args[0], _VECTOR.as_pointer())
        _store(
            builder,
            _row(context, builder, signature.args[1], args[1], args[2]),
            _load(builder, sums_row),
        )

    return nb.void(sums, data, row), codegen


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _add_to_row(
    typingctx: Any, adjoint: Any, target: Any, slope: Any, data: Any, factor: Any
) -> Any:
    """Do ``adjoint[target] += adjoint[slope] * data[factor]``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> None:
        rows = [
            _row(context, builder, signature.args[k], args[k], args[i])
            for k, i in ((0, 1), (0, 2), (3, 4))
        ]
        _add_product(builder, *rows)

    return nb.void(adjoint, target, slope, data, factor), codegen


@nb.njit(cache=True)
def _write_cosines_and_sines(
    program: Program, theta: Real, start: int, cosines_and_sines: Real
) -> None:
    """Write cosine and sine of half of each angle, shape (A, 2, LANES).

    They belong to the samples from `start` on; samples after the last have the angle 0.
    """
    for a in range(len(program.angles)):
        for j in range(LANES):
            half = (
                0.5 * program.scales[a] * theta[start + j, program.angles[a]]
                if start + j < len(theta)
                else 0.0
            )
            cosines_and_sines[a, 0, j], cosines_and_sines[a, 1, j] = math.cos(half), math.sin(half)


@nb.njit(cache=True)
def _first_coefficient(program: Program, tensor: int, part: int) -> int:
    """Return where the coefficients of a tensor start in one slice.

    The number of the slice has one bit for each sliced index.
    """
    first = int(program.tensors[tensor, FIRST_COEFFICIENT])
    for bit in range(program.slices.shape[1]):
        first += ((part >> bit) & 1) * program.slices[tensor, bit]
    return first


@nb.njit(cache=True)
def _fill(program: Program, cosines_and_sines: Real, part: int, data: Real) -> None:
    """Write the tensors of one slice."""
    for t in range(len(program.tensors)):
        first, count, angle, _, _ = program.tensors[t]
        start = _first_coefficient(program, t, part)
        for row in range(count):
            a, b = program.cosine[start + row], program.sine[start + row]
            if angle < 0:
                data[first + row, 0, :] = a.real
                data[first + row, 1, :] = a.imag
                continue
            for j in range(u64(LANES)):
                c, s = cosines_and_sines[angle, 0, j], cosines_and_sines[angle, 1, j]
                data[first + row, 0, j] = c * a.real + s * b.real
                data[first + row, 1, j] = c * a.imag + s * b.imag


@nb.njit(cache=True)
def _contract(program: Program, data: Real) -> None:
    """Run all contractions."""
    sums = _accumulator()
    for t in range(len(program.contractions)):
        first, second, third, outs, terms, at_out, at_sum, _, _ = program.contractions[t]
        for o in range(u64(outs)):
            a0 = u64(first + program.out_offsets[u64(at_out) + o])
            b0 = u64(second + program.out_offsets[u64(at_out + outs) + o])
            _clear(sums)
            for k in range(u64(terms)):
                _accumulate(
                    sums,
                    data,
                    a0 + u64(program.sum_offsets[u64(at_sum) + k]),
                    b0 + u64(program.sum_offsets[u64(at_sum + terms) + k]),
                )
            _write(sums, data, u64(third) + o)


@nb.njit(cache=True)
def _reverse(program: Program, data: Real, adjoint: Real) -> None:
    """Fill `adjoint` with the derivatives of the real part of the value.

    They are taken by all tensors that need a gradient.
    """
    adjoint[:] = 0.0
    adjoint[program.entries - 1, 0, :] = 1.0
    for t in range(len(program.contractions) - 1, -1, -1):
        first, second, third, outs, terms, at_out, at_sum, need_first, need_second = (
            program.contractions[t]
        )
        for o in range(u64(outs)):
            a0 = u64(first + program.out_offsets[u64(at_out) + o])
            b0 = u64(second + program.out_offsets[u64(at_out + outs) + o])
            for k in range(u64(terms)):
                a = a0 + u64(program.sum_offsets[u64(at_sum) + k])
                b = b0 + u64(program.sum_offsets[u64(at_sum + terms) + k])
                if need_first:
                    _add_to_row(adjoint, a, u64(third) + o, data, b)
                if need_second:
                    _add_to_row(adjoint, b, u64(third) + o, data, a)


@nb.njit(cache=True)
def run_value(program: Program, theta: Real, data: Real, values: Real) -> None:
    """Write the value at each row of `theta`.

    Parameters
    ----------
    program
        The compiled network.
    theta
        Shape (S, P).
    data
        Work space, shape (entries, 2, LANES).
    values
        Output, shape (S,).
    """
    cosines_and_sines = np.empty((len(program.angles), 2, LANES))
    values[:] = 0.0
    for start in range(0, len(theta), LANES):
        _write_cosines_and_sines(program, theta, start, cosines_and_sines)
        for part in range(1 << program.slices.shape[1]):
            _fill(program, cosines_and_sines, part, data)
            _contract(program, data)
            for j in range(min(LANES, len(theta) - start)):
                values[start + j] += data[program.entries - 1, 0, j]


@nb.njit(cache=True)
def run_gradient(
    program: Program, theta: Real, data: Real, adjoint: Real, values: Real, gradient: Real
) -> None:
    """Write the value and its gradient at each row of `theta`.

    The derivatives by the ket are doubled, which accounts for the bra.

    Parameters
    ----------
    program, theta, data, values
        As for `run_value`.
    adjoint
        Work space of the shape of `data`.
    gradient
        Output, shape (S, P).
    """
    cosines_and_sines = np.empty((len(program.angles), 2, LANES))
    values[:] = 0.0
    gradient[:] = 0.0
    for start in range(0, len(theta), LANES):
        used = min(LANES, len(theta) - start)
        _write_cosines_and_sines(program, theta, start, cosines_and_sines)
        for part in range(1 << program.slices.shape[1]):
            _fill(program, cosines_and_sines, part, data)
            _contract(program, data)
            _reverse(program, data, adjoint)
            for j in range(used):
                values[start + j] += data[program.entries - 1, 0, j]
            for t in range(len(program.tensors)):
                first, count, angle, needed, _ = program.tensors[t]
                if not needed:
                    continue
                coefficient = _first_coefficient(program, t, part)
                for j in range(used):
                    c, s = cosines_and_sines[angle, 0, j], cosines_and_sines[angle, 1, j]
                    total = 0.0
                    for row in range(count):
                        slope = (
                            c * program.sine[coefficient + row]
                            - s * program.cosine[coefficient + row]
                        )
                        total += (
                            adjoint[first + row, 0, j] * slope.real
                            - adjoint[first + row, 1, j] * slope.imag
                        )
                    gradient[start + j, program.angles[angle]] += program.scales[angle] * total
