"""The qubit registers of an OpenQASM program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openqasm3 import ast

from trainscape.circuits.io.openqasm.expressions import Value, integer
from trainscape.circuits.io.openqasm.syntax import Source

__all__ = ["Registers"]


class Registers:
    """The registers that a program has declared so far.

    Attributes
    ----------
    qubits : dict of str to tuple of int
        Qubits of each register by name, numbered in the order of declaration.
    num_qubits : int
        Number of qubits in all registers.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.qubits: dict[str, tuple[int, ...]] = {}
        self.num_qubits = 0

    def declare(self, node: Any, names: Mapping[str, Value]) -> None:
        """Add the register of a declaration."""
        name = node.qubit.name
        size = 1 if node.size is None else integer(node.size, names, self.source)
        if name in self.qubits:
            raise self.source.error(
                node, f"the register {name!r} is declared twice; give the second one another name"
            )
        if size < 1:
            raise self.source.error(
                node, f"the register {name!r} has {size} qubits; it needs at least one"
            )
        self.qubits[name] = tuple(range(self.num_qubits, self.num_qubits + size))
        self.num_qubits += size

    def operand(self, node: Any, names: Mapping[str, Value]) -> tuple[int, ...]:
        """Return the qubits of ``q``, ``q[0]``, ``q[0:2]`` or ``q[{0, 2}]``."""
        indexed = isinstance(node, ast.IndexedIdentifier)
        name = node.name.name if indexed else node.name
        if name not in self.qubits:
            declared = ", ".join(self.qubits) or "none"
            hint = (
                "physical qubits are not known; declare a register"
                if name.startswith("$")
                else f"declared are: {declared}"
            )
            raise self.source.error(node, f"unknown register {name!r}; {hint}")
        register = self.qubits[name]
        if not indexed:
            return register
        (index,) = node.indices if len(node.indices) == 1 else (None,)
        places: Iterable[int]
        match index:
            case ast.DiscreteSet(values=members):
                places = [integer(member, names, self.source) for member in members]
            case [ast.RangeDefinition(start=start, end=end, step=step)]:
                stride = 1 if step is None else integer(step, names, self.source)
                first = 0 if start is None else integer(start, names, self.source)
                last = len(register) - 1 if end is None else integer(end, names, self.source)
                places = range(first, last + (1 if stride > 0 else -1), stride or 1)
            case [single]:
                places = [integer(single, names, self.source)]
            case _:
                raise self.source.error(node, f"the register {name!r} takes one index")
        for place in places:
            if not -len(register) <= place < len(register):
                raise self.source.error(
                    node,
                    f"qubit {place} of {name!r} does not exist; it has {len(register)} (0 to "
                    f"{len(register) - 1})",
                )
        return tuple(register[place] for place in places)
