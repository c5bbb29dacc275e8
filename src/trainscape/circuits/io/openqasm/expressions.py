"""Evaluate the expressions and loops of an OpenQASM program.

The value of an expression is a number, or an affine function of the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.openqasm.syntax import Source

__all__ = [
    "CONSTANTS",
    "Value",
    "affine",
    "evaluate",
    "integer",
    "loop_scopes",
    "number",
]

Value = int | float | Affine
"""Value of a variable."""

CONSTANTS: Mapping[str, float] = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), math.tau),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}
"""Constants of the language."""

_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    **{
        name: getattr(math, name)
        for name in ("acos", "asin", "atan", "cos", "exp", "floor", "sin", "sqrt", "tan")
    },
    **{f"arc{name}": getattr(math, f"a{name}") for name in ("cos", "sin", "tan")},
    "ceiling": math.ceil,
    "ln": math.log,
    "log": math.log,
    "mod": lambda a, b: a % b,
}


def evaluate(node: Any, names: Mapping[str, Value], source: Source) -> Value:
    """Return the value of an expression.

    Raises
    ------
    OpenQASMError
        If it has no numeric value, or is not affine in the parameters.
    """
    match node:
        case ast.IntegerLiteral() | ast.FloatLiteral():
            literal: int | float = node.value
            return _numeric(lambda: literal, (), node, source)
        case ast.Identifier():
            if node.name in names:
                return names[node.name]
            if node.name in CONSTANTS:
                return CONSTANTS[node.name]
            raise source.error(
                node,
                f"{node.name!r} has no value here; declare it as 'input float[64] {node.name};' or "
                "as a const with a number",
            )
        case ast.UnaryExpression() if node.op.name == "-":
            operand = evaluate(node.expression, names, source)
            return operand * -1
        case ast.Cast():
            return evaluate(node.argument, names, source)
        case ast.FunctionCall():
            function = _FUNCTIONS.get(node.name.name)
            if function is None:
                raise source.error(
                    node,
                    f"unknown function {node.name.name!r}; known are "
                    f"{', '.join(sorted(_FUNCTIONS))}",
                )
            return _numeric(
                function,
                [number(argument, names, source) for argument in node.arguments],
                node,
                source,
            )
        case ast.BinaryExpression():
            return _binary(node, names, source)
    raise source.error(
        node,
        f"a {type(node).__name__} is not a number; angles and indices are expressions in numbers "
        "and parameters",
    )


def _binary(node: Any, names: Mapping[str, Value], source: Source) -> Value:
    left, right = evaluate(node.lhs, names, source), evaluate(node.rhs, names, source)
    op = "**" if node.op.name == "^" and source.version == 2 else node.op.name
    if not isinstance(left, Affine) and not isinstance(right, Affine):
        operations: Mapping[str, Callable[[float, float], float]] = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a / b,
            "%": lambda a, b: a % b,
            "**": lambda a, b: a**b,
        }
        if op not in operations:
            raise source.error(
                node,
                f"the operator {op!r} has no place in an angle or index; use "
                f"{' '.join(operations)}",
            )
        return _numeric(operations[op], [left, right], node, source)
    if op in ("+", "-"):
        return _affine(left) + _affine(right) * (1 if op == "+" else -1)
    if op == "*" and not isinstance(right, Affine):
        return left * right
    if op == "*" and not isinstance(left, Affine):
        return right * left
    if op == "/" and not isinstance(right, Affine) and right:
        return left * (1 / right)
    raise source.error(
        node,
        f"the operator {op!r} makes an angle that is not linear in the parameters; sums of "
        "parameters, and products with numbers, are allowed: declare a parameter of its own for "
        "anything else",
    )


def _numeric(
    function: Callable[..., float], arguments: Sequence[float], node: Any, source: Source
) -> float:
    try:
        result = function(*arguments)
    except (ValueError, ArithmeticError, TypeError) as error:
        raise source.error(node, f"this cannot be computed: {error}") from error
    if isinstance(result, complex) or not math.isfinite(result):
        raise source.error(node, f"this gives {result}, which is not a finite real number")
    return result


def _affine(value: Value) -> Affine:
    return value if isinstance(value, Affine) else Affine(float(value))


def affine(node: Any, names: Mapping[str, Value], source: Source) -> Affine:
    """Return the value of an angle."""
    return _affine(evaluate(node, names, source))


def number(node: Any, names: Mapping[str, Value], source: Source) -> int | float:
    """Return the value of an expression without parameters."""
    value = evaluate(node, names, source)
    if isinstance(value, Affine):
        if value.terms:
            raise source.error(
                node,
                f"a number is needed here, but this depends on {value.terms[0][0]!r}; angles must "
                "be linear in the parameters",
            )
        return value.constant
    return value


def integer(node: Any, names: Mapping[str, Value], source: Source) -> int:
    """Return the value of an index, a size, or a bound of a loop."""
    value = number(node, names, source)
    if value != int(value):
        raise source.error(node, f"an integer is needed here, not {value}")
    return int(value)


def loop_scopes(
    node: Any, names: Mapping[str, Value], source: Source
) -> Iterator[dict[str, Value]]:
    """Yield the variables in scope for each round of a for loop."""
    values: Iterable[int]
    match node.set_declaration:
        case ast.RangeDefinition(start=start, end=end, step=step) if (
            start is not None and end is not None
        ):
            stride = 1 if step is None else integer(step, names, source)
            if stride == 0:
                raise source.error(node, "the step of a loop must not be 0")
            # Both ends belong to an OpenQASM range.
            last = integer(end, names, source)
            values = range(integer(start, names, source), last + (1 if stride > 0 else -1), stride)
        case ast.DiscreteSet(values=members):
            values = [integer(member, names, source) for member in members]
        case _:
            raise source.error(
                node,
                "a loop runs over a range of integers, 'for int i in [first:last]', or a set, "
                "'in {0, 2, 5}'",
            )
    for value in values:
        yield {**names, node.identifier.name: value}
