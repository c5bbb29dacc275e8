"""Vector instructions for rows of states, as numba intrinsics.

A row is a state: its real parts, then its imaginary parts. Rows stand one after the other in a
stack. The intrinsics handle 8 entries, or 8 pairs of entries, from the places that they are given.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from trainscape.simulators.statevector.vectors import (
    INT,
    VECTOR,
    WIDTH,
    Emitter,
    for_each_variant,
)

__all__ = ["add_pair", "add_signs", "add_swapped", "multiply_phases", "write_complex"]

HALF = WIDTH // 2


@intrinsic
def multiply_phases(
    typingctx: Any, vector: Any, start: Any, half: Any, real: Any, imaginary: Any, column: Any
) -> tuple[Any, Any]:
    """Multiply 8 amplitudes by (real + i imaginary)[column:].

    Imaginary parts of the state are `half` entries after the real parts.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, at_real, offset, cosines, sines, j = emit.values
        at_imaginary = builder.add(at_real, offset)
        c, s = emit.load(cosines, j), emit.load(sines, j)
        a, b = emit.load(data, at_real), emit.load(data, at_imaginary)
        emit.store(emit.fma(c, a, emit.neg(emit.mul(s, b))), data, at_real)
        emit.store(emit.fma(c, b, emit.mul(s, a)), data, at_imaginary)
        return context.get_dummy_value()

    return types.none(vector, start, half, real, imaginary, column), codegen


@intrinsic
def add_pair(
    typingctx: Any, rows: Any, source: Any, target: Any, stride: Any, factor: Any
) -> tuple[Any, Any]:
    """Add -i factor Y of 8 pairs of entries at `source` to those at `target`.

    The entries of a pair are `stride` apart, 8 or more.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, source, target, stride, factor = emit.values
        upper, factor = builder.add(target, stride), emit.spread(factor)
        a, b = emit.load(data, source), emit.load(data, builder.add(source, stride))
        c, d = emit.load(data, target), emit.load(data, upper)
        emit.store(emit.fma(emit.neg(factor), b, c), data, target)
        emit.store(emit.fma(factor, a, d), data, upper)
        return context.get_dummy_value()

    return types.none(rows, source, target, stride, factor), codegen


@intrinsic
def add_swapped(
    typingctx: Any, rows: Any, source: Any, target: Any, bit: Any, factor: Any
) -> tuple[Any, Any]:
    """Add -i factor Y of the 8 entries at `source` to those at `target`, for a bit below 3."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, source, target, bit, factor = emit.values
        factor = emit.spread(factor)
        value, added = emit.load(data, source), emit.load(data, target)

        def body(k: int) -> None:
            signs = ir.Constant(VECTOR, [1.0 if j >> k & 1 else -1.0 for j in range(WIDTH)])
            swapped = emit.swapped(value, k)
            emit.store(emit.fma(emit.mul(factor, signs), swapped, added), data, target)

        for_each_variant(emit, bit, 3, body)
        return context.get_dummy_value()

    return types.none(rows, source, target, bit, factor), codegen


@intrinsic
def add_signs(
    typingctx: Any,
    rows: Any,
    source: Any,
    target: Any,
    half: Any,
    signs: Any,
    column: Any,
    factor: Any,
) -> tuple[Any, Any]:
    """Add i factor signs[column:] times the 8 amplitudes at `source` to those at `target`."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, source, target, offset, table, column, factor = emit.values
        signed = emit.mul(emit.spread(factor), emit.load(table, column))
        a, b = emit.load(data, source), emit.load(data, builder.add(source, offset))
        imaginary = builder.add(target, offset)
        c, d = emit.load(data, target), emit.load(data, imaginary)
        emit.store(emit.fma(emit.neg(signed), b, c), data, target)
        emit.store(emit.fma(signed, a, d), data, imaginary)
        return context.get_dummy_value()

    return types.none(rows, source, target, half, signs, column, factor), codegen


@intrinsic
def write_complex(
    typingctx: Any, rows: Any, source: Any, half: Any, output: Any, target: Any
) -> tuple[Any, Any]:
    """Write the 8 amplitudes at `source` to a complex array, from entry `target` on."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, source, offset, output, target = emit.values
        a, b = emit.load(data, source), emit.load(data, builder.add(source, offset))
        for part in range(2):
            order = [
                lane + side * WIDTH
                for lane in range(HALF * part, HALF * (part + 1))
                for side in range(2)
            ]
            mixed = builder.shuffle_vector(
                a, b, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), order)
            )
            emit.store(mixed, output, builder.add(target, ir.Constant(INT, HALF * part)))
        return context.get_dummy_value()

    return types.none(rows, source, half, output, target), codegen
