"""Evaluate the expressions of an OpenQASM program.

The value of an expression is a number, an affine function of the parameters, or a note that it is
neither. Numbers are typed as in OpenQASM 3: integers divide to integers, and an angle stays between
0 and 2 pi. In OpenQASM 2 all numbers are real.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.openqasm.arithmetic import arithmetic, negative, real
from trainscape.circuits.io.openqasm.conversions import converted
from trainscape.circuits.io.openqasm.values import Angle, Integer, NotLinear, Scope, Value

__all__ = ["CONSTANTS", "affine", "evaluate", "integer", "number"]

CONSTANTS: Mapping[int, Mapping[str, float]] = {
    2: {"pi": math.pi},
    3: {
        **dict.fromkeys(("pi", "π"), math.pi),
        **dict.fromkeys(("tau", "τ"), math.tau),
        **dict.fromkeys(("euler", "ℇ"), math.e),
    },
}
"""Constants of the language by version."""

_COMMON: Mapping[str, tuple[int, Callable[..., float]]] = {
    name: (1, getattr(math, name)) for name in ("cos", "exp", "sin", "sqrt", "tan")
}
_INVERSES = {name: (1, getattr(math, name)) for name in ("acos", "asin", "atan")}
# Name, number of arguments, function. Beyond the languages, both know ln, and acos, asin, atan.
_FUNCTIONS: Mapping[int, Mapping[str, tuple[int, Callable[..., float]]]] = {
    2: {**_COMMON, **_INVERSES, "ln": (1, math.log)},
    3: {
        **_COMMON,
        **_INVERSES,
        **{f"arc{name[1:]}": function for name, function in _INVERSES.items()},
        "ceiling": (1, lambda value: float(math.ceil(value))),
        "floor": (1, lambda value: float(math.floor(value))),
        "ln": (1, math.log),
        "log": (1, math.log),
        "mod": (2, math.fmod),
        "pow": (2, pow),
    },
}


def evaluate(node: Any, scope: Scope) -> Value:
    """Return the value of an expression.

    Raises
    ------
    OpenQASMError
        If it has no numeric value.
    """
    source = scope.source
    match node:
        case ast.IntegerLiteral():
            if not -(2**63) <= node.value < 2**64:
                raise source.error(node, "an integer of more than 64 bits cannot be read")
            return Integer.of(node.value, node.value >= 2**63, None)
        case ast.FloatLiteral():
            return real(lambda: float(node.value), (), node, source)
        case ast.BooleanLiteral():
            return bool(node.value)
        case ast.Identifier():
            return _named(node, scope)
        case ast.UnaryExpression() if node.op.name == "-":
            return negative(evaluate(node.expression, scope), node, source)
        case ast.Cast():
            return converted(
                evaluate(node.argument, scope), node.type, node, scope, _size(node.type, scope)
            )
        case ast.FunctionCall():
            return _call(node, scope)
        case ast.IndexExpression():
            return _bit(node, scope)
        case ast.BinaryExpression():
            # Long sums are deep to the left: a loop in place of a recursion.
            chain = [node]
            while isinstance(chain[-1].lhs, ast.BinaryExpression):
                chain.append(chain[-1].lhs)
            value = evaluate(chain[-1].lhs, scope)
            for link in reversed(chain):
                value = arithmetic(link.op.name, value, evaluate(link.rhs, scope), link, source)
            return value
    if isinstance(node, ast.DurationLiteral | ast.DurationOf):
        raise source.error(
            node,
            "a duration is no number; times have no effect on the state of a fixed circuit: write "
            "the angle without them",
        )
    raise source.error(
        node,
        f"a {type(node).__name__} is not a number; angles and indices are expressions in numbers "
        "and parameters",
    )


def _named(node: Any, scope: Scope) -> Value:
    source, name = scope.source, node.name
    symbol = scope.find(name)
    if symbol is None:
        constants = CONSTANTS[source.version]
        if name in constants:
            return constants[name]
        if source.version == 2:
            raise source.error(
                node,
                f"{name!r} has no value here; an angle is an expression in numbers, pi and the "
                "arguments of the gate: write its number",
            )
        raise source.error(
            node,
            f"{name!r} has no value here; declare it as 'input float[64] {name};' or as a const "
            "with a number",
        )
    holder = scope.holder(name)
    outside = scope.in_gate and holder is not None and not holder.in_gate
    if outside and isinstance(symbol.value, Affine | NotLinear):
        raise source.error(
            node,
            f"a gate definition cannot use the {symbol.kind} {name!r}, whose value is not known "
            f"there; give the gate an argument, as in 'gate g({name}) q {{ ... }}', and pass the "
            "value where it is called",
        )
    if isinstance(symbol.value, int | float | Affine | NotLinear):
        return symbol.value
    if symbol.kind == "gate":
        raise source.error(
            node, f"{name!r} is the name of a gate and has no value; choose another name"
        )
    raise source.error(
        node,
        f"{name!r} is a {symbol.kind} (line {symbol.line}), which is not a number that is known "
        "before the circuit runs; write the number",
    )


def _bit(node: Any, scope: Scope) -> int:
    """Return a bit of an integer, ``k[0]`` the least significant."""
    place = node.index[0] if isinstance(node.index, list) and len(node.index) == 1 else None
    value = evaluate(node.collection, scope)
    if place is None or isinstance(place, ast.RangeDefinition) or not isinstance(value, int):
        raise scope.source.error(
            node, "an index in an angle or condition gives one bit of an integer, as in 'k[0]'"
        )
    index = integer(place, scope)
    if not 0 <= index < 64:
        raise scope.source.error(node, f"the bit {index} of an integer is not known (0 to 63 are)")
    return value >> index & 1


def _size(kind: Any, scope: Scope) -> int | None:
    """Return the width of a type."""
    size = getattr(kind, "size", None)
    return None if size is None else integer(size, scope)


def _call(node: Any, scope: Scope) -> Value:
    source, name = scope.source, node.name.name
    functions = _FUNCTIONS[source.version]
    if name not in functions:
        raise source.error(
            node, f"unknown function {name!r}; known are {', '.join(sorted(functions))}"
        )
    count, function = functions[name]
    if len(node.arguments) != count:
        raise source.error(
            node,
            f"the function {name!r} takes {count} argument(s), but was given "
            f"{len(node.arguments)}; decimals are written with a point",
        )
    values = [evaluate(argument, scope) for argument in node.arguments]
    unknown = _names(values)
    if unknown:
        return NotLinear(
            unknown,
            source.error(
                node,
                f"a number is needed here, but this depends on {min(unknown)!r}; angles must be "
                "linear in the parameters",
                sorted(unknown),
            ),
        )
    if name in ("mod", "pow") and all(isinstance(value, int) for value in values):
        return arithmetic({"mod": "%", "pow": "**"}[name], values[0], values[1], node, source)
    return real(function, [_number_of(value) for value in values], node, source)


def _number_of(value: Any) -> float:
    """Return a value without parameters as a real number."""
    return float(value.constant if isinstance(value, Affine) else value)


def _names(values: list[Value]) -> frozenset[str]:
    """Return the parameters that values depend on."""
    names: set[str] = set()
    for value in values:
        if isinstance(value, Affine):
            names.update(name for name, _ in value.terms)
        elif isinstance(value, NotLinear):
            names |= value.names
    return frozenset(names)


def affine(node: Any, scope: Scope) -> Affine:
    """Return the value of an angle.

    Raises
    ------
    OpenQASMError
        If it is not affine in the parameters; `needed` names those that would have to be numbers.
    """
    value = evaluate(node, scope)
    if isinstance(value, NotLinear):
        raise value.error
    return value if isinstance(value, Affine) else Affine(float(value))


def number(node: Any, scope: Scope) -> int | float:
    """Return the value of an expression without parameters.

    Raises
    ------
    OpenQASMError
        If it depends on parameters; `needed` names them.
    """
    value = evaluate(node, scope)
    if isinstance(value, NotLinear):
        raise value.error
    if isinstance(value, Affine):
        if value.terms:
            names = [name for name, _ in value.terms]
            raise scope.source.error(
                node, f"a number is needed here, but this depends on {names[0]!r}", names
            )
        return value.constant
    return value


def integer(node: Any, scope: Scope) -> int:
    """Return the value of an index, a size, or a bound of a loop."""
    value = number(node, scope)
    if isinstance(value, Angle) or value != int(value):
        raise scope.source.error(node, f"an integer is needed here, not {value}")
    return int(value)
