"""Multiplication of amplitudes by phases with vector instructions, as numba intrinsics."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from trainscape.simulators.statevector.vectors import INT, WIDTH, Emitter

__all__ = ["phase", "undo_phase"]


def _phase_factor(
    emit: Emitter, high: tuple[Any, Any], low: tuple[Any, Any], sign: Any
) -> tuple[Any, Any]:
    """Return sign * high * low as real and imaginary part."""
    real = emit.fma(high[0], low[0], emit.neg(emit.mul(high[1], low[1])))
    imaginary = emit.fma(high[0], low[1], emit.mul(high[1], low[0]))
    return emit.mul(sign, real), emit.mul(sign, imaginary)


@intrinsic
def phase(
    typingctx: Any,
    vector: Any,
    start: Any,
    half: Any,
    real: Any,
    imaginary: Any,
    low_real: Any,
    low_imaginary: Any,
    signs: Any,
    column: Any,
) -> tuple[Any, Any]:
    """Multiply 8 amplitudes by (real + i imaginary) * low[column:] * signs[column:].

    Imaginary parts of the state are `half` entries after the real parts.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, at_real, offset, hr, hi, lr, li, sign, j = emit.values
        at_imaginary = builder.add(at_real, offset)
        high = (emit.spread(hr), emit.spread(hi))
        c, s = _phase_factor(emit, high, (emit.load(lr, j), emit.load(li, j)), emit.load(sign, j))
        a, b = emit.load(data, at_real), emit.load(data, at_imaginary)
        emit.store(emit.fma(c, a, emit.neg(emit.mul(s, b))), data, at_real)
        emit.store(emit.fma(c, b, emit.mul(s, a)), data, at_imaginary)
        return context.get_dummy_value()

    return types.none(
        vector, start, half, real, imaginary, low_real, low_imaginary, signs, column
    ), codegen


@intrinsic
def undo_phase(
    typingctx: Any,
    p: Any,
    q: Any,
    start: Any,
    half: Any,
    real: Any,
    imaginary: Any,
    low_real: Any,
    low_imaginary: Any,
    signs: Any,
    column: Any,
    weights: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Add w = Im(conj(q) p) to weights[column:] and to `sums`, and undo `phase` on p and q.

    It works on 16 amplitudes.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        first, second, start, offset, hr, hi, lr, li, sign, column, over, total = emit.values
        high = (emit.spread(hr), emit.spread(hi))
        zero = ir.Constant(INT, 0)
        added = emit.load(total, zero)
        for k in range(2):
            at_real, j = (
                builder.add(start, ir.Constant(INT, WIDTH * k)),
                builder.add(column, ir.Constant(INT, WIDTH * k)),
            )
            at_imaginary = builder.add(at_real, offset)
            c, s = _phase_factor(
                emit, high, (emit.load(lr, j), emit.load(li, j)), emit.load(sign, j)
            )
            a, b = emit.load(first, at_real), emit.load(first, at_imaginary)
            x, y = emit.load(second, at_real), emit.load(second, at_imaginary)
            w = emit.fma(x, b, emit.neg(emit.mul(y, a)))
            added = builder.fadd(added, w)
            emit.store(builder.fadd(emit.load(over, j), w), over, j)
            emit.store(emit.fma(c, a, emit.mul(s, b)), first, at_real)
            emit.store(emit.fma(c, b, emit.neg(emit.mul(s, a))), first, at_imaginary)
            emit.store(emit.fma(c, x, emit.mul(s, y)), second, at_real)
            emit.store(emit.fma(c, y, emit.neg(emit.mul(s, x))), second, at_imaginary)
        emit.store(added, total, zero)
        return context.get_dummy_value()

    return types.none(
        p, q, start, half, real, imaginary, low_real, low_imaginary, signs, column, weights, sums
    ), codegen
