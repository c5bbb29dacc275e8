"""Pauli strings with vector instructions, as numba intrinsics."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from trainscape.simulators.statevector.vectors import INT, WIDTH, Emitter, for_each_variant

__all__ = ["add_string", "rotate_pairs"]


def _signed(emit: Emitter, i: Any, mask: Any, plus: Any, minus: Any) -> Any:
    """Return `minus` where an odd number of bits is set in ``i & mask``, else `plus`."""
    odd = emit.builder.trunc(emit.builder.ctpop(emit.builder.and_(i, mask)), ir.IntType(1))
    return emit.builder.select(odd, minus, plus)


def _moved(emit: Emitter, value: Any, swaps: int) -> Any:
    """Return the vector with lanes j and ``j ^ swaps`` exchanged."""
    for bit in range(3):
        if swaps >> bit & 1:
            value = emit.swapped(value, bit)
    return value


@intrinsic
def add_string(
    typingctx: Any,
    source: Any,
    target: Any,
    start: Any,
    place: Any,
    size: Any,
    x: Any,
    z: Any,
    factor: Any,
    lanes: Any,
) -> tuple[Any, Any]:
    """Add a multiple of a real part of a state, moved and signed, to a part of another.

    Entry i of the `size` entries of `source` from `start` on is multiplied by `factor` and by its
    sign, minus for an odd number of bits in ``i & z``, and goes to entry ``i ^ x`` from `place` on
    in `target`. `lanes` has the signs of i < 8.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        source, target, start, place, size, x, z, factor, lanes = emit.values
        low = ir.Constant(INT, WIDTH - 1)
        high = builder.not_(low)
        flips, signs = builder.and_(x, high), builder.and_(z, high)
        own = emit.load(lanes, ir.Constant(INT, 0))
        plus = emit.mul(emit.spread(factor), own)
        minus = emit.neg(plus)

        def body(swaps: int) -> None:
            with emit.loop(ir.Constant(INT, 0), size, WIDTH) as i:
                signed = _signed(emit, i, signs, plus, minus)
                value = emit.mul(signed, emit.load(source, builder.add(start, i)))
                to = builder.add(place, builder.xor(i, flips))
                added = builder.fadd(emit.load(target, to), _moved(emit, value, swaps))
                emit.store(added, target, to)

        for_each_variant(emit, builder.and_(x, low), WIDTH, body)
        return context.get_dummy_value()

    return types.none(source, target, start, place, size, x, z, factor, lanes), codegen


@intrinsic
def rotate_pairs(
    typingctx: Any,
    vector: Any,
    half: Any,
    x: Any,
    z: Any,
    top: Any,
    cosine: Any,
    sine: Any,
    is_real: Any,
    lanes: Any,
) -> tuple[Any, Any]:
    """Apply ``cosine - i sine P`` with a Pauli string P that flips at least one bit.

    P maps b to ``u (-1)^parity(b & z) |b ^ x>``. `sine` is multiplied by u, or by u / i if u is
    imaginary, as `is_real` tells; `top` is the highest bit of x that is above the lanes, or -1; and
    `lanes` has the signs of b < 8.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        vector, half, x, z, top, cosine, sine, is_real, lanes = emit.values
        low, zero = ir.Constant(INT, WIDTH - 1), ir.Constant(INT, 0)
        high = builder.not_(low)
        flips, signs = builder.and_(x, high), builder.and_(z, high)
        c = emit.spread(cosine)
        plus = emit.mul(emit.spread(sine), emit.load(lanes, zero))
        minus = emit.neg(plus)

        def sums(own: list[Any], t: Any, partner: list[Any]) -> tuple[list[Any], list[Any]]:
            """Return real and imaginary part, for a real u and for an imaginary one."""
            rotated = [emit.mul(c, part) for part in own]
            real, imaginary = (emit.mul(t, part) for part in partner)
            return (
                [builder.fadd(rotated[0], imaginary), builder.fsub(rotated[1], real)],
                [builder.fsub(rotated[0], real), builder.fsub(rotated[1], imaginary)],
            )

        def rotate(starts: list[Any], swaps: int) -> None:
            """Rotate 8 amplitudes, or twice 8 of which each are the partners of the others."""
            places = [[start, builder.add(start, half)] for start in starts]
            states = [[emit.load(vector, one) for one in pair] for pair in places]
            for start, pair, own, partner in zip(starts, places, states, states[::-1], strict=True):
                t = _signed(emit, start, signs, plus, minus)
                moved = [_moved(emit, part, swaps) for part in partner]
                for_real, for_imaginary = sums(own, t, moved)
                for one, a, b in zip(pair, for_real, for_imaginary, strict=True):
                    emit.store(builder.select(is_real, a, b), vector, one)

        def body(k: int) -> None:
            swaps = k & (WIDTH - 1)
            if k < WIDTH:
                with emit.loop(zero, half, WIDTH) as i:
                    rotate([i], swaps)
                return
            with emit.loop(zero, builder.lshr(half, ir.Constant(INT, 1)), WIDTH) as place:
                i = emit.inserted(place, top)
                rotate([i, builder.xor(i, flips)], swaps)

        above = builder.select(builder.icmp_signed("<", top, zero), zero, ir.Constant(INT, WIDTH))
        for_each_variant(emit, builder.or_(builder.and_(x, low), above), 2 * WIDTH, body)
        return context.get_dummy_value()

    return types.none(vector, half, x, z, top, cosine, sine, is_real, lanes), codegen
