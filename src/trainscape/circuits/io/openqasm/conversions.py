"""The classical types of OpenQASM 3 and what becomes of a value that is given one."""

from __future__ import annotations

import math
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.openqasm.syntax import OpenQASMError
from trainscape.circuits.io.openqasm.values import Angle, Integer, NotLinear, Real, Scope, Value

__all__ = ["converted", "type_name"]

_MAX_BITS = 64


def type_name(kind: Any) -> str:
    """Return the word of a type, as "uint"."""
    return type(kind).__name__.removesuffix("Type").lower()


def converted(value: Value, kind: Any, node: Any, scope: Scope, size: int | None) -> Value:
    """Return a value in a type.

    Reals are cut to integers, towards zero. A real is rounded to the nearest of a type with fewer
    bits; an angle is reduced modulo 2 pi. What the language leaves to implementations, numbers that
    are too large for their type, is refused.

    Parameters
    ----------
    value
        The value.
    kind
        The type.
    node
        Where this happens.
    scope
        The scope, for errors.
    size
        Number of bits, if the program gives it.

    Raises
    ------
    OpenQASMError
        If the type does not hold such a value.
    """
    name = f"{type_name(kind)}{'' if size is None else f'[{size}]'}"

    def error(why: str) -> OpenQASMError:
        return scope.source.error(node, f"{why}; choose another type, or write the number")

    if isinstance(value, Affine) and not value.terms:
        value = value.constant
    if isinstance(value, NotLinear):
        return value
    if isinstance(value, Affine):
        if isinstance(kind, ast.FloatType | ast.AngleType):
            return value
        needed = [term for term, _ in value.terms]
        return NotLinear(
            frozenset(needed),
            scope.source.error(
                node,
                f"a number is needed for the type {name}, but this depends on {needed[0]!r}; "
                "angles must be linear in the parameters",
                needed,
            ),
        )
    match kind:
        case ast.BoolType():
            return value != 0
        case ast.IntType() | ast.UintType():
            return _integer(value, isinstance(kind, ast.UintType), size, name, error)
        case ast.FloatType():
            if isinstance(value, Angle):
                raise error(f"an angle cannot become a {name}")
            if size not in (16, 32, 64, None):
                raise error(f"the type {name} is not known (16, 32 and 64 bits are)")
            rounded = Real.of(float(value), size)
            if not math.isfinite(rounded):
                raise error(f"{value} is too large for the type {name}")
            return rounded
        case ast.AngleType():
            return _angle(float(value), size, name, error)
    raise error(f"a number cannot have the type {name}")


def _integer(value: Any, unsigned: bool, size: int | None, name: str, error: Any) -> int:
    if isinstance(value, Angle):
        raise error(f"an angle cannot become a {name}")
    if size is not None and not 1 <= size <= _MAX_BITS:
        raise error(f"the type {name} is not known (1 to {_MAX_BITS} bits are)")
    bits = _MAX_BITS if size is None else size
    whole = int(value)
    low, high = (0, 2**bits) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= whole < high:
        raise error(
            f"{value} does not fit into the type {name} ({low} to {high - 1}), and what becomes of "
            "it is left open by OpenQASM 3"
        )
    return Integer.of(whole, unsigned, size)


def _angle(value: float, size: int | None, name: str, error: Any) -> Angle:
    if size is not None and not 1 <= size <= _MAX_BITS:
        raise error(f"the type {name} is not known (1 to {_MAX_BITS} bits are)")
    return Angle.of(value, size)
