"""Conditions of OpenQASM 3 that are known before the circuit runs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from openqasm3 import ast

from trainscape.circuits.io.openqasm.expressions import number
from trainscape.circuits.io.openqasm.values import Scope

__all__ = ["condition"]

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(node: Any, scope: Scope) -> bool | None:
    """Return whether a condition holds, or None if it depends on bits, that is, on measurements.

    Raises
    ------
    OpenQASMError
        If it depends on a parameter, or is no condition.
    """
    for name in _names(node):
        symbol = scope.find(name)
        if symbol is not None and symbol.kind == "classical register":
            return None
    return _holds(node, scope)


def _holds(node: Any, scope: Scope) -> bool:
    if isinstance(node, ast.UnaryExpression) and node.op.name == "!":
        return not _holds(node.expression, scope)
    if isinstance(node, ast.BinaryExpression):
        name = node.op.name
        if name in _COMPARISONS:
            return _COMPARISONS[name](number(node.lhs, scope), number(node.rhs, scope))
        if name in ("&&", "||"):
            left, right = _holds(node.lhs, scope), _holds(node.rhs, scope)
            return (left and right) if name == "&&" else (left or right)
    return number(node, scope) != 0


def _names(node: Any) -> Iterator[str]:
    """Yield the names in a part of the syntax tree."""
    if isinstance(node, ast.Identifier):
        yield node.name
    elif isinstance(node, list):
        for part in node:
            yield from _names(part)
    elif is_dataclass(node):
        for own in fields(node):
            yield from _names(getattr(node, own.name))
