"""The for loops of OpenQASM 3, whose bounds are known before the circuit runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from openqasm3 import ast

from trainscape.circuits.io.openqasm.conversions import converted, type_name
from trainscape.circuits.io.openqasm.expressions import evaluate, integer
from trainscape.circuits.io.openqasm.values import NotLinear, Scope, Symbol, Value

__all__ = ["loop_scopes"]


def loop_scopes(node: Any, scope: Scope) -> Iterator[Scope]:
    """Yield the variables in scope for each round of a for loop.

    Raises
    ------
    OpenQASMError
        If its values are not known, or are more than can be read.
    """
    source = scope.source
    values: Iterable[Value]
    match node.set_declaration:
        case ast.RangeDefinition(start=start, end=end, step=step) if (
            start is not None and end is not None
        ):
            stride = 1 if step is None else integer(step, scope)
            if stride == 0:
                raise source.error(node, "the step of a loop must not be 0")
            # Both ends belong to an OpenQASM range.
            last = integer(end, scope)
            values = range(integer(start, scope), last + (1 if stride > 0 else -1), stride)
        case ast.DiscreteSet(values=members):
            whole = isinstance(node.type, ast.IntType | ast.UintType)
            values = [(integer if whole else evaluate)(member, scope) for member in members]
        case _:
            raise source.error(
                node,
                "a loop runs over a range of integers, 'for int i in [first:last]', or a set, "
                "'in {0, 2, 5}'",
            )
    if not isinstance(node.type, ast.IntType | ast.UintType | ast.FloatType | ast.AngleType):
        raise source.error(
            node, f"a loop over values of type {type_name(node.type)} is not read; use int"
        )
    size = None if node.type.size is None else integer(node.type.size, scope)
    name, line = node.identifier.name, node.span.start_line
    for value in values:
        source.spend(node)
        typed = converted(value, node.type, node, scope, size)
        if isinstance(typed, NotLinear):
            raise typed.error
        yield scope.inner({name: Symbol("loop variable", line, typed)})
