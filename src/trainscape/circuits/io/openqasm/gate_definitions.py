"""The gates that an OpenQASM program can use: built in, defined by the program, and modified."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Step, Template
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.io.openqasm.expressions import Value, affine, integer, loop_scopes, number
from trainscape.circuits.io.openqasm.syntax import OpenQASMError, Source, gate_arguments
from trainscape.circuits.standard_gates import standard_gates

__all__ = ["GateDefinitions"]


class GateDefinitions:
    """The gates that are known so far, each in two forms.

    Attributes
    ----------
    exact : dict of str to Template
        Gates by name, exact including the phase, as modifiers need them.
    shortest : dict of str to Template
        Gates by name up to the phase, as Pauli rotations where their Clifford gates cancel.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.exact: dict[str, Template] = dict(standard_gates())
        self.shortest: dict[str, Template] = dict(self.exact)

    def exact_form(self, node: Any) -> Template:
        """Return the gate that a statement names, exact including the phase."""
        return self._named(node, self.exact)

    def shortest_form(self, node: Any) -> Template:
        """Return the gate that a statement names, up to the phase."""
        return self._named(node, self.shortest)

    def define(self, node: Any, names: Mapping[str, Value]) -> None:
        """Add the gate of a definition; of the variables in `names` it can use the numbers."""
        arguments = tuple(argument.name for argument in node.arguments)
        numbers = {name: value for name, value in names.items() if not isinstance(value, Affine)}
        place = {qubit.name: k for k, qubit in enumerate(node.qubits)}
        steps, phase = self._body(
            node.body, {**numbers, **{name: Affine.argument(name) for name in arguments}}, place
        )
        template = Template(arguments, len(place), steps, phase)
        self.exact[node.name.name] = template
        self.shortest[node.name.name] = template.without_cliffords() or template

    def modified(
        self, node: Any, template: Template, values: Sequence[Affine], names: Mapping[str, Value]
    ) -> Template:
        """Return a gate at the given arguments, with the modifiers of the statement."""
        if len(values) != len(template.arguments):
            raise self.source.error(
                node,
                f"the gate {node.name.name!r} takes {len(template.arguments)} angle(s), but was "
                f"given {len(values)}",
            )
        template = template.bind(values)
        for modifier in reversed(node.modifiers):
            kind = modifier.modifier.name
            if kind == "inv":
                template = template.inverse()
            elif kind == "pow":
                try:
                    template = template.power(number(modifier.argument, names, self.source))
                except ValueError as error:
                    if isinstance(error, OpenQASMError):
                        raise
                    raise self.source.error(node, str(error)) from error
            else:
                count = (
                    1
                    if modifier.argument is None
                    else integer(modifier.argument, names, self.source)
                )
                if count < 1:
                    raise self.source.error(
                        node,
                        f"{kind}({count}) is no control; give a positive number of control qubits",
                    )
                for _ in range(count):
                    template = template.controlled()
                    if kind == "negctrl":
                        flip = FixedGate("X", (0,))
                        template = Template(
                            (), template.num_qubits, (flip, *template.steps, flip), template.phase
                        )
        return template

    def check_qubits(self, node: Any, template: Template, qubits: Sequence[int]) -> None:
        """Raise if a gate is given the wrong number of qubits, or a qubit twice."""
        name = "gphase" if isinstance(node, ast.QuantumPhase) else node.name.name
        if len(qubits) != template.num_qubits:
            raise self.source.error(
                node,
                f"the gate {name!r} acts on {template.num_qubits} qubit(s) here, but was given "
                f"{len(qubits)}",
            )
        if len(set(qubits)) != len(qubits):
            raise self.source.error(node, f"the gate {name!r} is given the same qubit twice")

    def _body(
        self, statements: Sequence[Any], names: Mapping[str, Value], place: Mapping[str, int]
    ) -> tuple[tuple[Step, ...], Affine]:
        """Return the steps and the phase of the statements in a gate definition."""
        steps: list[Step] = []
        phase = Affine()
        for node in statements:
            match node:
                case ast.QuantumBarrier():
                    continue
                case ast.ForInLoop():
                    for scope in loop_scopes(node, names, self.source):
                        inner, more = self._body(node.block, scope, place)
                        steps += inner
                        phase += more
                case ast.QuantumGate() | ast.QuantumPhase():
                    angles = [
                        affine(argument, names, self.source) for argument in gate_arguments(node)
                    ]
                    template = self.modified(node, self.exact_form(node), angles, names)
                    given = [getattr(qubit, "name", None) for qubit in node.qubits]
                    qubits = [
                        place[name] for name in given if isinstance(name, str) and name in place
                    ]
                    if len(qubits) < len(given):
                        raise self.source.error(
                            node,
                            f"a gate definition may use its own qubits {', '.join(place)} only, "
                            "without an index",
                        )
                    self.check_qubits(node, template, qubits)
                    steps += template.on(qubits)
                    phase += template.phase
                case _:
                    raise self.source.error(
                        node,
                        f"a {type(node).__name__} has no place in a gate definition; it may hold "
                        "gates only",
                    )
        return tuple(steps), phase

    def _named(self, node: Any, table: Mapping[str, Template]) -> Template:
        """Return the gate that a statement names."""
        if isinstance(node, ast.QuantumPhase):
            return Template(("gamma",), 0, (), Affine.argument("gamma"))
        name = node.name.name
        if name not in table:
            close = difflib.get_close_matches(name, table, 1)
            hint = f"did you mean {close[0]!r}?" if close else "define it before its first use"
            raise self.source.error(node, f"unknown gate {name!r}; {hint}")
        return table[name]
