"""The qubits and bits of an OpenQASM program: registers, their parts, aliases, physical qubits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openqasm3 import ast

from trainscape.circuits.io.openqasm.expressions import integer
from trainscape.circuits.io.openqasm.syntax import Source
from trainscape.circuits.io.openqasm.values import Register, Scope, Symbol

__all__ = ["Registers"]


class Registers:
    """Counts the qubits of a program, and finds those that its statements name.

    Qubits of registers are numbered in the order of declaration. The physical qubit ``$k`` is qubit
    k; a program has registers or physical qubits.

    Attributes
    ----------
    num_qubits : int
        Number of qubits so far.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.num_qubits = 0
        self._physical = False

    def declare(self, node: Any, scope: Scope) -> None:
        """Add the register of a declaration."""
        name = node.qubit.name
        size = 1 if node.size is None else integer(node.size, scope)
        if size < 1:
            raise self.source.error(
                node, f"the register {name!r} has {size} qubits; it needs at least one"
            )
        if self._physical:
            raise self._mixed(node)
        self.source.check_qubits(node, self.num_qubits + size)
        members = range(self.num_qubits, self.num_qubits + size)
        scope.declare(
            name,
            Symbol("register", node.span.start_line, Register(members, node.size is not None)),
        )
        self.num_qubits += size

    def declare_bits(self, node: Any, scope: Scope) -> None:
        """Add the classical register of a declaration."""
        size = node.type.size
        count = 1 if size is None else integer(size, scope)
        name = node.identifier.name
        if count < 1:
            raise self.source.error(
                node, f"the register {name!r} has {count} bits; it needs at least one"
            )
        scope.declare(
            name,
            Symbol(
                "classical register", node.span.start_line, Register(range(count), size is not None)
            ),
        )

    def declare_alias(self, node: Any, scope: Scope) -> None:
        """Add the alias of a statement ``let``."""
        kind, register = self._aliased(node.value, scope)
        if len(set(register.members)) != len(register.members):
            raise self.source.error(
                node, f"the alias {node.target.name!r} holds the same {kind} twice"
            )
        kind = "register" if kind == "qubit" else "classical register"
        scope.declare(node.target.name, Symbol(kind, node.span.start_line, register))

    def operand(self, node: Any, scope: Scope) -> Register:
        """Return the qubits of ``q``, ``q[0]``, ``q[0:2]``, ``q[{0, 2}]`` or ``$0``."""
        return self._operand(node, scope, "register")

    def bits(self, node: Any, scope: Scope) -> Register:
        """Return the bits of ``c``, ``c[0]``, ``c[0:2]`` or ``c[{0, 2}]``."""
        return self._operand(node, scope, "classical register")

    def _operand(self, node: Any, scope: Scope, kind: str) -> Register:
        if not isinstance(node, ast.IndexedIdentifier):
            return self._named(node, scope, kind)
        register = self._named(node.name, scope, kind)
        if len(node.indices) != 1:
            raise self.source.error(node, f"the register {node.name.name!r} takes one index")
        return self._part(register, node.indices[0], node, scope, node.name.name)

    def _aliased(self, node: Any, scope: Scope) -> tuple[str, Register]:
        """Return "qubit" or "bit", and the members of the value of an alias."""
        match node:
            case ast.Concatenation():
                kind, first = self._aliased(node.lhs, scope)
                other, second = self._aliased(node.rhs, scope)
                if kind != other:
                    raise self.source.error(node, "qubits and bits cannot be in one register")
                # Bits of several registers share no numbers; what they hold is never used.
                members = (
                    (*first.members, *second.members)
                    if kind == "qubit"
                    else range(len(first.members) + len(second.members))
                )
                self.source.spend(node, len(members))
                return kind, Register(members)
            case ast.IndexExpression(collection=collection, index=index):
                kind, register = self._aliased(collection, scope)
                name = getattr(collection, "name", "of the alias")
                return kind, self._part(register, index, node, scope, name)
            case ast.Identifier():
                symbol = scope.find(node.name)
                bits = symbol is not None and symbol.kind == "classical register"
                return (
                    "bit" if bits else "qubit",
                    self._named(node, scope, "classical register" if bits else "register"),
                )
        raise self.source.error(
            node,
            "an alias stands for a register, parts of one, as in 'q[0:2]', or several, as in 'q ++ "
            "r'",
        )

    def _named(self, node: Any, scope: Scope, kind: str) -> Register:
        name = node.name
        if name.startswith("$") and kind == "register":
            return self._hardware(node, scope)
        symbol = scope.find(name)
        if symbol is not None and symbol.kind == kind:
            return symbol.value  # type: ignore[no-any-return]
        if symbol is not None:
            raise self.source.error(
                node, f"{name!r} is a {symbol.kind} (line {symbol.line}), and not a {kind}"
            )
        known = [
            other
            for other, symbol in _visible(scope).items()
            if symbol.kind == kind and isinstance(symbol.value, Register)
        ]
        raise self.source.error(
            node, f"unknown {kind} {name!r}; declared are: {', '.join(known) or 'none'}"
        )

    def _hardware(self, node: Any, scope: Scope) -> Register:
        if scope.in_gate:
            raise self.source.error(
                node, f"a gate definition cannot use the physical qubit {node.name}"
            )
        if self.num_qubits and not self._physical:
            raise self._mixed(node)
        digits = node.name[1:]
        # Long numbers are not made.
        number = int(digits) if len(digits) < 12 else 10**12
        self.source.check_qubits(node, number + 1)
        self._physical = True
        self.num_qubits = max(self.num_qubits, number + 1)
        return Register((number,), whole=False)

    def _mixed(self, node: Any) -> Exception:
        return self.source.error(
            node,
            "a program cannot have registers and physical qubits both, as nothing says which of "
            "them are the same; use one of the two",
        )

    def _part(self, register: Register, index: Any, node: Any, scope: Scope, name: str) -> Register:
        """Return what an index selects."""
        length = len(register.members)

        def place(position: int) -> int:
            if not -length <= position < length:
                raise self.source.error(
                    node,
                    f"qubit {position} of {name!r} does not exist; it has {length} (0 to "
                    f"{length - 1})",
                )
            return position % length

        places: Sequence[int]
        match index:
            case ast.DiscreteSet(values=members):
                places = [place(integer(member, scope)) for member in members]
            case [ast.RangeDefinition(start=start, end=end, step=step)]:
                stride = 1 if step is None else integer(step, scope)
                if stride == 0:
                    raise self.source.error(node, "the step of a range must not be 0")
                first, last = (0, length - 1) if stride > 0 else (length - 1, 0)
                first = first if start is None else place(integer(start, scope))
                last = last if end is None else place(integer(end, scope))
                places = range(first, last + (1 if stride > 0 else -1), stride)
            case [ast.DiscreteSet(values=members)]:
                places = [place(integer(member, scope)) for member in members]
            case [single]:
                return Register((register.members[place(integer(single, scope))],), whole=False)
            case _:
                raise self.source.error(node, f"the register {name!r} takes one index")
        if not places:
            raise self.source.error(node, f"this selects no qubit of {name!r}")
        self.source.spend(node, len(places))
        return Register(tuple(register.members[position] for position in places))


def _visible(scope: Scope) -> dict[str, Symbol]:
    """Return all names in scope."""
    outer = {} if scope.outer is None else _visible(scope.outer)
    return {**outer, **scope.symbols}
