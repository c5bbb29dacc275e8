"""The operators of OpenQASM on typed values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.openqasm.syntax import Source
from trainscape.circuits.io.openqasm.values import Angle, Integer, NotLinear, Real, Value

__all__ = ["arithmetic", "finite", "negative", "real", "typed"]

_REAL: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "**": lambda a, b: a**b,
}


def real(
    function: Callable[..., float], arguments: Sequence[float], node: Any, source: Source
) -> float:
    """Return the value of a function, if it is a finite real number."""
    try:
        result = function(*arguments)
    except (ValueError, ArithmeticError) as error:
        raise source.error(node, f"this cannot be computed: {error}") from error
    if isinstance(result, complex) or not math.isfinite(result):
        raise source.error(node, f"this gives {result}, which is not a finite real number")
    return result


def finite(value: Affine, node: Any, source: Source) -> Affine:
    """Return an angle, if its numbers are finite."""
    for number in (value.constant, *(factor for _, factor in value.terms)):
        if not math.isfinite(number):
            raise source.error(node, f"this gives {number}, which is not a finite real number")
    return value


def typed(result: int, operands: Sequence[int], node: Any, source: Source) -> int:
    """Return the integer that an operator gives, in the type of its operands.

    Raises
    ------
    OpenQASMError
        If that type does not hold it.
    """
    own = [value for value in operands if isinstance(value, Integer)]
    unsigned = any(value.unsigned for value in own)
    bits = max((value.bits for value in own if value.bits is not None), default=None)
    width = 64 if bits is None else bits
    low, high = (0, 2**width) if unsigned else (-(2 ** (width - 1)), 2 ** (width - 1))
    if not low <= result < high:
        name = f"{'uint' if unsigned else 'int'}{'' if bits is None else f'[{bits}]'}"
        shown = result if abs(result) < 10**30 else "a number"
        why = "below 0" if result < low == 0 else f"more than {width} bits hold"
        raise source.error(
            node,
            f"this gives {shown}, which is {why}, but its type is {name}; use a wider type, int or "
            "float for it",
        )
    return Integer.of(result, unsigned, bits)


def negative(value: Value, node: Any, source: Source) -> Value:
    """Return ``-value``."""
    match value:
        case NotLinear():
            return value
        case Affine():
            return value * -1
        case Angle():
            return Angle.of(-value, value.bits)
        case int():
            return typed(-value, [value], node, source)
        case Real():
            return Real.of(-value, value.bits)
    return -value


def arithmetic(op: str, left: Value, right: Value, node: Any, source: Source) -> Value:
    """Return the value of an operator.

    Raises
    ------
    OpenQASMError
        If the operator does not take such values, or the result is no finite number.
    """
    if op not in _REAL:
        raise source.error(
            node,
            f"the operator {op!r} has no place in an angle or index; use {' '.join(_REAL)}",
        )
    # A product of gate arguments that turned out to be numbers is an affine function no more.
    left, right = _plain(left), _plain(right)
    if isinstance(left, NotLinear | Affine) or isinstance(right, NotLinear | Affine):
        return _with_parameters(op, left, right, node, source)
    if isinstance(left, Angle) or isinstance(right, Angle):
        return _of_angles(op, left, right, node, source)
    if isinstance(left, int) and isinstance(right, int):
        return _of_integers(op, left, right, node, source)
    # Integers become reals of the other's type, and of two types the wider counts.
    widths = [
        value.bits if isinstance(value, Real) else 64
        for value in (left, right)
        if isinstance(value, float)
    ]
    result = real(_REAL[op], [float(left), float(right)], node, source)
    return real(Real.of, [result, max(widths)], node, source)


def _plain(value: Value) -> Value:
    return value.constant if isinstance(value, Affine) and not value.terms else value


def _with_parameters(op: str, left: Value, right: Value, node: Any, source: Source) -> Value:
    terms: set[str] = set()
    for value in (left, right):
        if isinstance(value, NotLinear):
            terms |= value.names
        elif isinstance(value, Affine):
            terms.update(name for name, _ in value.terms)
    if not isinstance(left, NotLinear) and not isinstance(right, NotLinear):
        if op in ("+", "-"):
            sum_ = _affine(left) + _affine(right) * (1 if op == "+" else -1)
            return finite(sum_, node, source)
        if op == "*" and not isinstance(right, Affine):
            return finite(_affine(left) * float(right), node, source)
        if op == "*" and not isinstance(left, Affine):
            return finite(_affine(right) * float(left), node, source)
        if op == "/" and not isinstance(right, Affine) and right:
            divisor = float(right)
            divided = Affine(
                _affine(left).constant / divisor,
                tuple((name, factor / divisor) for name, factor in _affine(left).terms),
            )
            return finite(divided, node, source)
    for value in (left, right):
        if isinstance(value, NotLinear):
            return NotLinear(frozenset(terms), value.error)
    return NotLinear(
        frozenset(terms),
        source.error(
            node,
            f"the operator {op!r} makes an angle that is not linear in the parameters; sums of "
            "parameters, and products with numbers, are allowed: declare a parameter of its own "
            "for anything else",
            sorted(terms),
        ),
    )


def _affine(value: int | float | Affine) -> Affine:
    return value if isinstance(value, Affine) else Affine(float(value))


def _of_integers(op: str, left: int, right: int, node: Any, source: Source) -> int:
    a, b = int(left), int(right)
    if op in ("/", "%") and b == 0:
        raise source.error(node, "this cannot be computed: division by zero")
    if op == "/":
        # Towards zero, as in C.
        result = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    elif op == "%":
        if a < 0 or b < 0:
            raise source.error(
                node,
                "OpenQASM 3 does not say which sign a remainder of negative integers has; write "
                "the number that you mean",
            )
        result = a % b
    elif op == "**":
        if b < 0:
            raise source.error(
                node,
                f"{a} ** {b} is no integer, and a power of integers is one in OpenQASM 3; write "
                f"{a}.0 ** {b} for the real number",
            )
        # The size is known before the number is.
        if abs(a) > 1 and b > 64:
            raise source.error(
                node, f"{a} ** {b} has more than 64 bits; write {a}.0 ** {b} for the real number"
            )
        result = a**b
    else:
        result = int(_REAL[op](a, b))
    return typed(result, [left, right], node, source)


def _of_angles(op: str, left: float, right: float, node: Any, source: Source) -> Value:
    """Return the value of an operator of which one side is of type angle."""
    widths = {value.bits for value in (left, right) if isinstance(value, Angle)}
    if len(widths) > 1:
        raise source.error(
            node, "OpenQASM 3 has no operators for angles of different sizes; use one size"
        )
    (bits,) = widths
    if op in ("+", "-"):
        return Angle.of(_REAL[op](Angle.of(left, bits), Angle.of(right, bits)), bits)
    if op == "*" and (isinstance(left, int) or isinstance(right, int)):
        return Angle.of(real(_REAL[op], [left, right], node, source), bits)
    if op == "/" and isinstance(left, Angle) and isinstance(right, int) and right > 0:
        if bits is None:
            return Angle.of(left / right, None)
        # The bits are divided as those of an integer are.
        pattern = round(left / math.tau * 2**bits) // right
        return Angle.of(pattern / 2**bits * math.tau, bits)
    raise source.error(
        node,
        f"the operator {op!r} is not there for an angle and such a number: OpenQASM 3 adds and "
        "subtracts angles, and multiplies and divides them by integers; declare it as float",
    )
