"""Explicit vector instructions for the state-vector kernels, as numba intrinsics.

Each function here handles 8 float64 lanes, or 8 groups of them, in one go: it loads everything, computes in registers, and stores. Written as loops,
these kernels would not vectorise: LLVM gives up where more than a few arrays could overlap, and mixes of lanes (the three lowest qubits) it does not see.
The vector length is fixed by the code, not by the machine (LLVM splits vectors that are longer than the registers), and every multiply-add is an
explicit ``llvm.fma`` with one rounding: results do not depend on what a compiler chooses to contract.

Rotations. With c = cos(t/2), s = sin(t/2), RY(t) maps the pair (a, b) to (c a - s b, c b + s a). Three forms:

* TANGENT, divided by c: ``(a - r b, b + r a)`` with r = s / c, one multiply-add an amplitude; for abs(c) >= abs(s);
* COTANGENT, divided by s: ``(r a - b, r b + a)`` with r = c / s, the same for abs(c) < abs(s);
* plain, with c and s.

The caller keeps account of what was divided out.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

__all__ = [
    "WIDTH",
    "phase",
    "rotate_1",
    "rotate_2",
    "rotate_3",
    "rotate_low",
    "undo_1",
    "undo_2",
    "undo_3",
    "undo_low",
    "undo_phase",
]

WIDTH = 8
"""Lanes of a vector."""

_VECTOR = ir.VectorType(ir.DoubleType(), WIDTH)
_INT = ir.IntType(64)


class _Emitter:
    """Writes vector instructions at the current place of an IR builder."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.builder = builder
        self.values = [
            context.make_array(kind)(context, builder, value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        self.multiply_add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), f"llvm.fma.v{WIDTH}f64"
        )

    def pointer(self, data: Any, index: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(data, [index]), _VECTOR.as_pointer())

    def load(self, data: Any, index: Any) -> Any:
        return self.builder.load(self.pointer(data, index), align=8)

    def store(self, value: Any, data: Any, index: Any) -> None:
        self.builder.store(value, self.pointer(data, index), align=8)

    def spread(self, scalar: Any) -> Any:
        """Return a vector with `scalar` in every lane."""
        first = self.builder.insert_element(
            ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
        )
        return self.builder.shuffle_vector(
            first,
            ir.Constant(_VECTOR, ir.Undefined),
            ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH),
        )

    def swapped(self, value: Any, bit: int) -> Any:
        """Return the vector with lanes j and j ^ (1 << bit) exchanged."""
        order = ir.Constant(
            ir.VectorType(ir.IntType(32), WIDTH), [j ^ (1 << bit) for j in range(WIDTH)]
        )
        return self.builder.shuffle_vector(value, ir.Constant(_VECTOR, ir.Undefined), order)

    def scalar(self, data: Any, index: int) -> Any:
        return self.builder.load(self.builder.gep(data, [ir.Constant(_INT, index)]))

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c."""
        return self.builder.call(self.multiply_add, [a, b, c])

    def neg(self, a: Any) -> Any:
        return self.builder.fneg(a)

    def mul(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b)

    def offsets(self, start: Any, strides: list[Any]) -> list[Any]:
        """Return start + all sums of subsets of `strides`; bit g of the position says whether stride g is in it."""
        result = [start]
        for stride in strides:
            result += [self.builder.add(offset, stride) for offset in result]
        return result


def _rotated(
    emit: _Emitter, values: list[Any], coefficients: Any, count: int, variant: int
) -> list[Any]:
    """Apply `count` rotations to 2**count vectors. Bit g of `variant` chooses the form of rotation g; 2**count stands for plain ones."""
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


def _for_each_variant(emit: _Emitter, variant: Any, cases: int, body: Any) -> None:
    """Write ``switch (variant)`` with a copy of `body` for each of the cases."""
    builder = emit.builder
    end = builder.append_basic_block("end")
    blocks = [builder.append_basic_block(f"variant{k}") for k in range(cases)]
    switch = builder.switch(variant, blocks[-1])
    for k, block in enumerate(blocks):
        if k < len(blocks) - 1:
            switch.add_case(ir.Constant(variant.type, k), block)
        builder.position_at_end(block)
        body(k)
        builder.branch(end)
    builder.position_at_end(end)


def _rotation(count: int) -> Any:
    """Make the intrinsic that rotates `count` qubits, which are higher than a vector."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
        vector, start, *strides, coefficients, variant = emit.values
        places = emit.offsets(start, strides)
        loaded = [emit.load(vector, place) for place in places]

        def body(k: int) -> None:
            for place, value in zip(
                places, _rotated(emit, loaded, coefficients, count, k), strict=True
            ):
                emit.store(value, vector, place)

        _for_each_variant(emit, variant, (1 << count) + 1, body)
        return context.get_dummy_value()

    return codegen


def _undoing(count: int) -> Any:
    """Make the intrinsic that takes `count` derivatives and then rotates both states."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
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
            index = ir.Constant(_INT, WIDTH * g)
            emit.store(builder.fadd(emit.load(sums, index), builder.fsub(plus, minus)), sums, index)

        def body(k: int) -> None:
            for vector, loaded in ((p, psi), (q, costate)):
                for place, value in zip(
                    places, _rotated(emit, loaded, coefficients, count, k), strict=True
                ):
                    emit.store(value, vector, place)

        _for_each_variant(emit, variant, (1 << count) + 1, body)
        return context.get_dummy_value()

    return codegen


def _rotated_low(emit: _Emitter, values: list[Any], coefficients: Any, variant: int) -> list[Any]:
    """Rotate the three qubits inside each vector.

    Coefficients are a vector of signed ratios for each qubit, and one that multiplies the result: it has the divided-out product, and the signs that
    the cotangent form leaves behind (minus where the qubit is 0), which commute with the rotations of the other qubits.
    """
    for g in range(3):
        ratio = emit.load(coefficients, ir.Constant(_INT, g * WIDTH))
        if variant >> g & 1:
            values = [emit.fma(ratio, value, emit.swapped(value, g)) for value in values]
        else:
            values = [emit.fma(ratio, emit.swapped(value, g), value) for value in values]
    factor = emit.load(coefficients, ir.Constant(_INT, 3 * WIDTH))
    return [emit.mul(factor, value) for value in values]


@intrinsic
def rotate_1(
    typingctx: Any, vector: Any, start: Any, w0: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate one qubit: 2 vectors at `start` plus the stride `w0` or not."""
    return types.none(vector, start, w0, coefficients, variant), _rotation(1)


@intrinsic
def rotate_2(
    typingctx: Any, vector: Any, start: Any, w0: Any, w1: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate two qubits: 4 vectors."""
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
    """Rotate three qubits: 8 vectors."""
    return types.none(vector, start, w0, w1, w2, coefficients, variant), _rotation(3)


@intrinsic
def undo_1(
    typingctx: Any, p: Any, q: Any, start: Any, w0: Any, coefficients: Any, variant: Any, sums: Any
) -> tuple[Any, Any]:
    """Add the derivative with respect to one rotation to `sums`, lane by lane, and rotate psi = p and lambda = q."""
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
    """Do the same for two rotations."""
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
    """Do the same for three rotations."""
    return types.none(p, q, start, w0, w1, w2, coefficients, variant, sums), _undoing(3)


@intrinsic
def rotate_low(
    typingctx: Any, vector: Any, start: Any, coefficients: Any, variant: Any
) -> tuple[Any, Any]:
    """Rotate the three lowest qubits in 4 consecutive vectors."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
        data, start, table, variant = emit.values
        places = [builder.add(start, ir.Constant(_INT, WIDTH * k)) for k in range(4)]
        loaded = [emit.load(data, place) for place in places]

        def body(k: int) -> None:
            for place, value in zip(places, _rotated_low(emit, loaded, table, k), strict=True):
                emit.store(value, data, place)

        _for_each_variant(emit, variant, 8, body)
        return context.get_dummy_value()

    return types.none(vector, start, coefficients, variant), codegen


@intrinsic
def undo_low(
    typingctx: Any, p: Any, q: Any, start: Any, coefficients: Any, variant: Any, sums: Any
) -> tuple[Any, Any]:
    """Add the derivatives of the three lowest qubits to `sums` (lanes in which the qubit is 1 count negatively) and rotate 4 vectors of p and q."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
        first, second, start, table, variant, total = emit.values
        places = [builder.add(start, ir.Constant(_INT, WIDTH * k)) for k in range(4)]
        psi, costate = (
            [emit.load(first, place) for place in places],
            [emit.load(second, place) for place in places],
        )
        for g in range(3):
            place = ir.Constant(_INT, WIDTH * g)
            added = emit.load(total, place)
            for a, x in zip(psi, costate, strict=True):
                added = emit.fma(emit.swapped(x, g), a, added)
            emit.store(added, total, place)

        def body(k: int) -> None:
            for data, loaded in ((first, psi), (second, costate)):
                for place, value in zip(places, _rotated_low(emit, loaded, table, k), strict=True):
                    emit.store(value, data, place)

        _for_each_variant(emit, variant, 8, body)
        return context.get_dummy_value()

    return types.none(p, q, start, coefficients, variant, sums), codegen


def _phase_factor(
    emit: _Emitter, high: tuple[Any, Any], low: tuple[Any, Any], sign: Any
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
    """Multiply 8 amplitudes by (real + i imaginary) * low[column:] * signs[column:]; imaginary parts lie `half` after the real ones."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
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
    """Add w = Im(conj(q) p) to weights[column:] and to `sums`, and divide 16 amplitudes of p and q by the phase of `phase`."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit = _Emitter(context, builder, signature, arguments)
        first, second, start, offset, hr, hi, lr, li, sign, column, over, total = emit.values
        high = (emit.spread(hr), emit.spread(hi))
        zero = ir.Constant(_INT, 0)
        added = emit.load(total, zero)
        for k in range(2):
            at_real, j = (
                builder.add(start, ir.Constant(_INT, WIDTH * k)),
                builder.add(column, ir.Constant(_INT, WIDTH * k)),
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
