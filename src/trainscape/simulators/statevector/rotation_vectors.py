"""Sweeps of rotations of one to three qubits with vector instructions, as numba intrinsics.

With c = cos(t/2) and s = sin(t/2), RY(t) maps the pair (a, b) to (c a - s b, c b + s a). There are
three forms of a rotation:

* tangent, divided by c: ``(a - r b, b + r a)`` with r = s / c, for abs(c) >= abs(s). It takes one
  multiply-add per amplitude;
* cotangent, divided by s: ``(r a - b, r b + a)`` with r = c / s, the same for abs(c) < abs(s);
* plain, with c and s.

The caller keeps account of the factors that were divided out.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from trainscape.simulators.statevector.vectors import INT, WIDTH, Emitter, for_each_variant

__all__ = ["rotate", "rotate_low", "undo", "undo_low"]


def _rotated(
    emit: Emitter, values: list[Any], ratios: list[Any], sines: list[Any], variant: int
) -> list[Any]:
    """Rotate 2**G vectors by G rotations.

    Bit g of `variant` chooses the form of rotation g, of coefficient ``ratios[g]``. With `sines`,
    all are plain.
    """
    values = list(values)
    for g, ratio in enumerate(ratios):
        minus = emit.neg(ratio)
        for lower in range(len(values)):
            if lower >> g & 1:
                continue
            upper = lower | 1 << g
            a, b = values[lower], values[upper]
            if sines:
                values[lower], values[upper] = (
                    emit.fma(ratio, a, emit.neg(emit.mul(sines[g], b))),
                    emit.fma(ratio, b, emit.mul(sines[g], a)),
                )
            elif variant >> g & 1:
                values[lower], values[upper] = (
                    emit.fma(ratio, a, emit.neg(b)),
                    emit.fma(ratio, b, a),
                )
            else:
                values[lower], values[upper] = emit.fma(minus, b, a), emit.fma(ratio, a, b)
    return values


def _derivatives(emit: Emitter, psi: list[Any], costate: list[Any], count: int) -> list[Any]:
    """Return the derivatives by `count` rotations, by lanes."""
    found = []
    for g in range(count):
        plus, minus = None, None
        for lower in range(1 << count):
            if lower >> g & 1:
                continue
            upper = lower | 1 << g
            plus = (
                emit.mul(costate[upper], psi[lower])
                if plus is None
                else emit.fma(costate[upper], psi[lower], plus)
            )
            minus = (
                emit.mul(costate[lower], psi[upper])
                if minus is None
                else emit.fma(costate[lower], psi[upper], minus)
            )
        found.append(emit.builder.fsub(plus, minus))
    return found


def _sweep(emit: Emitter, states: list[Any], group: Any, bits: Any, sums: Any) -> None:
    """Write the loops of a sweep over one state, or over two with derivatives into `sums`.

    `group` has the start of the part, the range of the groups, the coefficients and the variant.
    """
    start, first, last, coefficients, variant = group
    count = bits.type.count
    bits = [emit.builder.extract_value(bits, g) for g in range(count)]
    strides = [emit.builder.shl(ir.Constant(INT, 1), bit) for bit in bits]

    def body(k: int) -> None:
        plain = k == 1 << count
        ratios = [emit.spread(emit.scalar(coefficients, g)) for g in range(count)]
        sines = [emit.spread(emit.scalar(coefficients, count + g)) for g in range(count * plain)]
        slots = [ir.Constant(INT, WIDTH * g) for g in range(count if sums is not None else 0)]
        totals = [emit.variable(emit.load(sums, slot)) for slot in slots]
        with emit.loop(first, last, WIDTH) as place:
            for bit in bits:
                place = emit.inserted(place, bit)
            places = emit.offsets(emit.builder.add(start, place), strides)
            loaded = [[emit.load(state, one) for one in places] for state in states]
            if totals:
                psi, costate = loaded
                for total, added in zip(
                    totals, _derivatives(emit, psi, costate, count), strict=True
                ):
                    emit.add_to(total, added)
            for state, values in zip(states, loaded, strict=True):
                for one, value in zip(
                    places, _rotated(emit, values, ratios, sines, k), strict=True
                ):
                    emit.store(value, state, one)
        for total, slot in zip(totals, slots, strict=True):
            emit.store(emit.builder.load(total), sums, slot)

    for_each_variant(emit, variant, (1 << count) + 1, body)


def _rotated_low(
    emit: Emitter, values: list[Any], ratios: list[Any], factor: Any, variant: int
) -> list[Any]:
    """Rotate the three qubits whose bits are within each vector.

    The coefficients are a vector of signed ratios for each qubit, and one vector that multiplies
    the result. That one contains the factors divided out, and the signs that the cotangent form
    leaves (minus where the qubit is 0), which commute with the rotations of the other qubits.
    """
    for g, ratio in enumerate(ratios):
        if variant >> g & 1:
            values = [emit.fma(ratio, value, emit.swapped(value, g)) for value in values]
        else:
            values = [emit.fma(ratio, emit.swapped(value, g), value) for value in values]
    return [emit.mul(factor, value) for value in values]


def _low_sweep(emit: Emitter, states: list[Any], group: Any, sums: Any) -> None:
    """Write the loops of a low sweep, four vectors at a time.

    `group` has the range of the amplitudes, the coefficients and the variant.
    """
    first, last, table, variant = group
    slots = [ir.Constant(INT, WIDTH * g) for g in range(4)]

    def body(k: int) -> None:
        *ratios, factor = [emit.load(table, slot) for slot in slots]
        totals = [emit.variable(emit.load(sums, slot)) for slot in slots[:3] if sums is not None]
        with emit.loop(first, last, 4 * WIDTH) as start:
            places = [emit.shifted(start, WIDTH * j) for j in range(4)]
            loaded = [[emit.load(state, one) for one in places] for state in states]
            for g, total in enumerate(totals):
                for a, x in zip(*loaded, strict=True):
                    emit.builder.store(
                        emit.fma(emit.swapped(x, g), a, emit.builder.load(total)), total
                    )
            for state, values in zip(states, loaded, strict=True):
                for one, value in zip(
                    places, _rotated_low(emit, values, ratios, factor, k), strict=True
                ):
                    emit.store(value, state, one)
        for total, slot in zip(totals, slots[:3] if totals else [], strict=True):
            emit.store(emit.builder.load(total), sums, slot)

    for_each_variant(emit, variant, 8, body)


@intrinsic
def rotate(
    typingctx: Any,
    vector: Any,
    start: Any,
    first: Any,
    last: Any,
    bits: Any,
    coefficients: Any,
    variant: Any,
) -> tuple[Any, Any]:
    """Rotate the qubits of a tuple of one to three bits, none of them within a vector.

    Of the amplitudes from `start` on, 8 of each group of indices that differ in these bits are
    rotated at once: those of number ``first <= k < last`` among the ones with zero bits.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        vector, start, first, last, bits, coefficients, variant = emit.values
        _sweep(emit, [vector], (start, first, last, coefficients, variant), bits, None)
        return context.get_dummy_value()

    return types.none(vector, start, first, last, bits, coefficients, variant), codegen


@intrinsic
def undo(
    typingctx: Any,
    p: Any,
    q: Any,
    start: Any,
    first: Any,
    last: Any,
    bits: Any,
    coefficients: Any,
    variant: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Add the derivatives by the rotations to `sums`, by lanes, and rotate psi = p and lambda = q.

    The other arguments are those of `rotate`.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        p, q, start, first, last, bits, coefficients, variant, sums = emit.values
        _sweep(emit, [p, q], (start, first, last, coefficients, variant), bits, sums)
        return context.get_dummy_value()

    return types.none(p, q, start, first, last, bits, coefficients, variant, sums), codegen


@intrinsic
def rotate_low(
    typingctx: Any, vector: Any, first: Any, last: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate the three lowest qubits in the entries ``first <= i < last``, a multiple of 32."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        vector, *group = emit.values
        _low_sweep(emit, [vector], group, None)
        return context.get_dummy_value()

    return types.none(vector, first, last, coefficients, variant), codegen


@intrinsic
def undo_low(
    typingctx: Any,
    p: Any,
    q: Any,
    first: Any,
    last: Any,
    coefficients: Any,
    variant: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Add the derivatives by the three lowest qubits to `sums`, and rotate entries of p and q.

    Lanes in which the qubit is 1 are to be subtracted.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        p, q, *group, sums = emit.values
        _low_sweep(emit, [p, q], group, sums)
        return context.get_dummy_value()

    return types.none(p, q, first, last, coefficients, variant, sums), codegen
