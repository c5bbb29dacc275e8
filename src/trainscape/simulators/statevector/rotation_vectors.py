"""Rotations of one to three qubits with vector instructions, as numba intrinsics.

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

__all__ = [
    "rotate_1",
    "rotate_2",
    "rotate_3",
    "rotate_low",
    "undo_1",
    "undo_2",
    "undo_3",
    "undo_low",
]


def _rotated(
    emit: Emitter, values: list[Any], coefficients: Any, count: int, variant: int
) -> list[Any]:
    """Apply `count` rotations to 2**count vectors.

    Bit g of `variant` chooses the form of rotation g; 2**count stands for plain ones.
    """
    values = list(values)
    plain = variant == 1 << count
    for g in range(count):
        ratio = emit.spread(emit.scalar(coefficients, g))
        minus = emit.neg(ratio)
        sine = emit.spread(emit.scalar(coefficients, count + g)) if plain else None
        for lower in range(1 << count):
            if lower >> g & 1:
                continue
            upper = lower | 1 << g
            a, b = values[lower], values[upper]
            if plain:
                values[lower], values[upper] = (
                    emit.fma(ratio, a, emit.neg(emit.mul(sine, b))),
                    emit.fma(ratio, b, emit.mul(sine, a)),
                )
            elif variant >> g & 1:
                values[lower], values[upper] = (
                    emit.fma(ratio, a, emit.neg(b)),
                    emit.fma(ratio, b, a),
                )
            else:
                values[lower], values[upper] = emit.fma(minus, b, a), emit.fma(ratio, a, b)
    return values


def _rotation(count: int) -> Any:
    """Return the code generator that rotates `count` qubits, none of them within a vector."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        vector, start, *strides, coefficients, variant = emit.values
        places = emit.offsets(start, strides)
        loaded = [emit.load(vector, place) for place in places]

        def body(k: int) -> None:
            for place, value in zip(
                places, _rotated(emit, loaded, coefficients, count, k), strict=True
            ):
                emit.store(value, vector, place)

        for_each_variant(emit, variant, (1 << count) + 1, body)
        return context.get_dummy_value()

    return codegen


def _undoing(count: int) -> Any:
    """Return the code generator that takes `count` derivatives, and then rotates both states."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        p, q, start, *strides, coefficients, variant, sums = emit.values
        places = emit.offsets(start, strides)
        psi, costate = (
            [emit.load(p, place) for place in places],
            [emit.load(q, place) for place in places],
        )
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
            index = ir.Constant(INT, WIDTH * g)
            emit.store(builder.fadd(emit.load(sums, index), builder.fsub(plus, minus)), sums, index)

        def body(k: int) -> None:
            for vector, loaded in ((p, psi), (q, costate)):
                for place, value in zip(
                    places, _rotated(emit, loaded, coefficients, count, k), strict=True
                ):
                    emit.store(value, vector, place)

        for_each_variant(emit, variant, (1 << count) + 1, body)
        return context.get_dummy_value()

    return codegen


def _rotated_low(emit: Emitter, values: list[Any], coefficients: Any, variant: int) -> list[Any]:
    """Rotate the three qubits whose bits are within each vector.

    The coefficients are a vector of signed ratios for each qubit, and one vector that multiplies
    the result. That one contains the factors divided out, and the signs that the cotangent form
    leaves (minus where the qubit is 0), which commute with the rotations of the other qubits.
    """
    for g in range(3):
        ratio = emit.load(coefficients, ir.Constant(INT, g * WIDTH))
        if variant >> g & 1:
            values = [emit.fma(ratio, value, emit.swapped(value, g)) for value in values]
        else:
            values = [emit.fma(ratio, emit.swapped(value, g), value) for value in values]
    factor = emit.load(coefficients, ir.Constant(INT, 3 * WIDTH))
    return [emit.mul(factor, value) for value in values]


@intrinsic
def rotate_1(
    typingctx: Any, vector: Any, start: Any, w0: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate one qubit: 2 vectors, at `start` and at `start` + `w0`."""
    return types.none(vector, start, w0, coefficients, variant), _rotation(1)


@intrinsic
def rotate_2(
    typingctx: Any, vector: Any, start: Any, w0: Any, w1: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate two qubits, with strides `w0` and `w1`: 4 vectors."""
    return types.none(vector, start, w0, w1, coefficients, variant), _rotation(2)


@intrinsic
def rotate_3(
    typingctx: Any,
    vector: Any,
    start: Any,
    w0: Any,
    w1: Any,
    w2: Any,
    coefficients: Any,
    variant: Any,
) -> tuple[Any, Any]:
    """Rotate three qubits, with strides `w0`, `w1` and `w2`: 8 vectors."""
    return types.none(vector, start, w0, w1, w2, coefficients, variant), _rotation(3)


@intrinsic
def undo_1(
    typingctx: Any, p: Any, q: Any, start: Any, w0: Any, coefficients: Any, variant: Any, sums: Any
) -> tuple[Any, Any]:
    """Add the derivative by one rotation to `sums`, by lanes, and rotate psi = p and lambda = q."""
    return types.none(p, q, start, w0, coefficients, variant, sums), _undoing(1)


@intrinsic
def undo_2(
    typingctx: Any,
    p: Any,
    q: Any,
    start: Any,
    w0: Any,
    w1: Any,
    coefficients: Any,
    variant: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Do the same as `undo_1` for two rotations."""
    return types.none(p, q, start, w0, w1, coefficients, variant, sums), _undoing(2)


@intrinsic
def undo_3(
    typingctx: Any,
    p: Any,
    q: Any,
    start: Any,
    w0: Any,
    w1: Any,
    w2: Any,
    coefficients: Any,
    variant: Any,
    sums: Any,
) -> tuple[Any, Any]:
    """Do the same as `undo_1` for three rotations."""
    return types.none(p, q, start, w0, w1, w2, coefficients, variant, sums), _undoing(3)


@intrinsic
def rotate_low(
    typingctx: Any, vector: Any, start: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate the three lowest qubits in 4 consecutive vectors."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        data, start, table, variant = emit.values
        places = [builder.add(start, ir.Constant(INT, WIDTH * k)) for k in range(4)]
        loaded = [emit.load(data, place) for place in places]

        def body(k: int) -> None:
            for place, value in zip(places, _rotated_low(emit, loaded, table, k), strict=True):
                emit.store(value, data, place)

        for_each_variant(emit, variant, 8, body)
        return context.get_dummy_value()

    return types.none(vector, start, coefficients, variant), codegen


@intrinsic
def undo_low(
    typingctx: Any, p: Any, q: Any, start: Any, coefficients: Any, variant: Any, sums: Any
) -> tuple[Any, Any]:
    """Add the derivatives by the three lowest qubits to `sums`, and rotate 4 vectors of p and q.

    Lanes in which the qubit is 1 are to be subtracted.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = Emitter(context, builder, signature, arguments)
        first, second, start, table, variant, total = emit.values
        places = [builder.add(start, ir.Constant(INT, WIDTH * k)) for k in range(4)]
        psi, costate = (
            [emit.load(first, place) for place in places],
            [emit.load(second, place) for place in places],
        )
        for g in range(3):
            place = ir.Constant(INT, WIDTH * g)
            added = emit.load(total, place)
            for a, x in zip(psi, costate, strict=True):
                added = emit.fma(emit.swapped(x, g), a, added)
            emit.store(added, total, place)

        def body(k: int) -> None:
            for data, loaded in ((first, psi), (second, costate)):
                for place, value in zip(places, _rotated_low(emit, loaded, table, k), strict=True):
                    emit.store(value, data, place)

        for_each_variant(emit, variant, 8, body)
        return context.get_dummy_value()

    return types.none(p, q, start, coefficients, variant, sums), codegen
