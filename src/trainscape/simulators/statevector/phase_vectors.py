"""Multiplication of amplitudes by phases with vector instructions, as numba intrinsics."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from trainscape.simulators.statevector.vectors import INT, VECTOR, WIDTH, Emitter

__all__ = ["apply_phases", "undo_phases"]


def _phase_factor(
    emit: Emitter, high: tuple[Any, Any], low: tuple[Any, Any], sign: Any
) -> tuple[Any, Any]:
    """Return sign * high * low as real and imaginary part."""
    real = emit.fma(high[0], low[0], emit.neg(emit.mul(high[1], low[1])))
    imaginary = emit.fma(high[0], low[1], emit.mul(high[1], low[0]))
    return emit.mul(sign, real), emit.mul(sign, imaginary)


@intrinsic
def apply_phases(
    typingctx: Any,
    vector: Any,
    start: Any,
    half: Any,
    width: Any,
    real: Any,
    imaginary: Any,
    low_real: Any,
    low_imaginary: Any,
    signs: Any,
) -> tuple[Any, Any]:
    """Multiply `width` amplitudes from `start` by (real + i imaginary) * low * signs.

    Imaginary parts of the state are `half` entries after the real parts.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, start, half, width, hr, hi, lr, li, sign = emit.values
        high = (emit.spread(hr), emit.spread(hi))
        with emit.loop(ir.Constant(INT, 0), width, WIDTH) as j:
            at_real = builder.add(start, j)
            at_imaginary = builder.add(at_real, half)
            low = (emit.load(lr, j), emit.load(li, j))
            c, s = _phase_factor(emit, high, low, emit.load(sign, j))
            a, b = emit.load(data, at_real), emit.load(data, at_imaginary)
            emit.store(emit.fma(c, a, emit.neg(emit.mul(s, b))), data, at_real)
            emit.store(emit.fma(c, b, emit.mul(s, a)), data, at_imaginary)
        return context.get_dummy_value()

    return types.none(
        vector, start, half, width, real, imaginary, low_real, low_imaginary, signs
    ), codegen


@intrinsic
def undo_phases(
    typingctx: Any,
    p: Any,
    q: Any,
    start: Any,
    half: Any,
    width: Any,
    real: Any,
    imaginary: Any,
    low_real: Any,
    low_imaginary: Any,
    signs: Any,
    weights: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Undo `apply_phases` on p and q; write the sum of w = Im(conj(q) p), by lanes, to `sums`.

    Each w is also added to `weights`.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        first, second, start, half, width, hr, hi, lr, li, sign, over, sums = emit.values
        high = (emit.spread(hr), emit.spread(hi))
        total = emit.variable(ir.Constant(VECTOR, [0.0] * WIDTH))
        with emit.loop(ir.Constant(INT, 0), width, WIDTH) as j:
            at_real = builder.add(start, j)
            at_imaginary = builder.add(at_real, half)
            low = (emit.load(lr, j), emit.load(li, j))
            c, s = _phase_factor(emit, high, low, emit.load(sign, j))
            a, b = emit.load(first, at_real), emit.load(first, at_imaginary)
            x, y = emit.load(second, at_real), emit.load(second, at_imaginary)
            w = emit.fma(x, b, emit.neg(emit.mul(y, a)))
            emit.add_to(total, w)
            emit.store(builder.fadd(emit.load(over, j), w), over, j)
            emit.store(emit.fma(c, a, emit.mul(s, b)), first, at_real)
            emit.store(emit.fma(c, b, emit.neg(emit.mul(s, a))), first, at_imaginary)
            emit.store(emit.fma(c, x, emit.mul(s, y)), second, at_real)
            emit.store(emit.fma(c, y, emit.neg(emit.mul(s, x))), second, at_imaginary)
        emit.store(builder.load(total), sums, ir.Constant(INT, 0))
        return context.get_dummy_value()

    return types.none(
        p,
        q,
        start,
        half,
        width,
        real,
        imaginary,
        low_real,
        low_imaginary,
        signs,
        weights,
        sums,
    ), codegen
