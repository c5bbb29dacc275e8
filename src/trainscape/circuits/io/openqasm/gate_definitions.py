"""The gates that an OpenQASM program can use: built in, defined by the program, and modified."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_powers import power
from trainscape.circuits.gate_templates import Rotation, Step, Template
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.io.openqasm.arithmetic import finite
from trainscape.circuits.io.openqasm.conditions import condition
from trainscape.circuits.io.openqasm.expressions import (
    CONSTANTS,
    affine,
    evaluate,
    integer,
    number,
)
from trainscape.circuits.io.openqasm.loops import loop_scopes
from trainscape.circuits.io.openqasm.syntax import OpenQASMError, Source, gate_arguments
from trainscape.circuits.io.openqasm.values import Scope, Symbol
from trainscape.circuits.standard_gates import standard_gates

__all__ = ["Gate", "GateDefinitions"]

_PHASE = Template(("gamma",), 0, (), Affine.argument("gamma"))


@dataclass
class Gate:
    """A gate that calls can name.

    Parameters
    ----------
    arguments
        Names of its angles.
    num_qubits
        Number of qubits.
    needed
        Arguments that have to be numbers, since angles of the definition are not linear in them.
    definition
        The definition, if the program has one.
    forms
        Templates by the numbers of the needed arguments, with the others left open: exact including
        the phase, and up to the phase, as Pauli rotations where Clifford gates cancel.
    """

    arguments: tuple[str, ...]
    num_qubits: int
    needed: frozenset[str] = frozenset()
    definition: Any = None
    forms: dict[tuple[float, ...], tuple[Template, Template | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, template: Template) -> Gate:
        """Return a gate that is given by its template."""
        return cls(template.arguments, template.num_qubits, forms={(): (template, template)})


class GateDefinitions:
    """Finds, defines and modifies the gates of a program.

    Parameters
    ----------
    source
        The program.
    scope
        Its global names.
    """

    def __init__(self, source: Source, scope: Scope) -> None:
        self.source = source
        self.scope = scope
        self._used: set[str] = set()
        self._known: Mapping[str, Gate] = {
            name: Gate.of(template) for name, template in standard_gates().items()
        }

    def find(self, node: Any) -> Gate:
        """Return the gate that a statement names."""
        if isinstance(node, ast.QuantumPhase):
            return Gate.of(_PHASE)
        name = node.name.name
        symbol = self.scope.find(name)
        if symbol is not None and isinstance(symbol.value, Gate):
            return symbol.value
        if symbol is not None and symbol.kind == "opaque gate":
            raise self.source.error(
                node,
                f"the gate {name!r} is opaque (line {symbol.line}): it has no definition to expand;"
                " define it as a gate",
            )
        if name in self._known:
            self._used.add(name)
            return self._known[name]
        gates = [key for key, value in self.scope.symbols.items() if isinstance(value.value, Gate)]
        close = difflib.get_close_matches(name, [*gates, *self._known], 1)
        hint = f"did you mean {close[0]!r}?" if close else "define it before its first use"
        raise self.source.error(node, f"unknown gate {name!r}; {hint}")

    def standard(self, name: str) -> Gate:
        """Return a gate of the libraries."""
        return self._known[name]

    def define(self, node: Any) -> None:
        """Add the gate of a definition."""
        arguments = tuple(argument.name for argument in node.arguments)
        qubits = [qubit.name for qubit in node.qubits]
        constants = CONSTANTS[self.source.version]
        taken: set[str] = set()
        for name in (*arguments, *qubits):
            if name in taken or name in constants:
                raise self.source.error(
                    node,
                    f"{name!r} is {'a constant' if name in constants else 'there twice'} in the "
                    f"definition of the gate {node.name.name!r}; choose another name",
                )
            taken.add(name)
        self.source.check_qubits(node, len(qubits))
        if node.name.name in self._used:
            raise self.source.error(
                node,
                f"the gate {node.name.name!r} is used before this definition; define a gate before "
                "its first use",
            )
        gate = Gate(arguments, len(qubits), definition=node)
        needed: set[str] = set()
        template = self._expanded(gate, {}, needed)
        gate.needed = frozenset(needed)
        if not needed:
            gate.forms[()] = template, None
        self.scope.declare(node.name.name, Symbol("gate", node.span.start_line, gate))

    def check_angles(self, node: Any, gate: Gate) -> None:
        """Raise if a gate is given the wrong number of angles."""
        given = gate_arguments(node)
        if len(given) != len(gate.arguments):
            hint = (
                "; decimals are written with a point"
                if len(given) > len(gate.arguments) and gate.arguments
                else ""
            )
            raise self.source.error(
                node,
                f"the gate {_name(node)!r} takes {len(gate.arguments)} angle(s), but was given "
                f"{len(given)}{hint}",
            )

    def exact(self, node: Any, gate: Gate, values: Mapping[str, Affine]) -> Template:
        """Return a gate exact including its phase; `values` has its needed arguments."""
        return self._forms(node, gate, values)[0]

    def shortest(self, node: Any, gate: Gate, values: Mapping[str, Affine]) -> Template:
        """Return a gate up to its phase."""
        exact, short = self._forms(node, gate, values)
        if short is None:
            short = exact.without_cliffords() or exact
            gate.forms[_numbers(gate, values)] = exact, short
        return short

    def modified(
        self, node: Any, template: Template, values: Sequence[Affine], scope: Scope
    ) -> Template:
        """Return a gate at the given arguments, with the modifiers of the statement."""
        template = self._finite(node, template.bind(values))
        for modifier in _ordered(node.modifiers):
            kind = modifier.modifier.name
            if kind == "inv":
                template = template.inverse()
            elif kind == "pow":
                template = self._power(node, template, modifier.argument, scope)
            else:
                count = 1 if modifier.argument is None else integer(modifier.argument, scope)
                if count < 1:
                    raise self.source.error(
                        node,
                        f"{kind}({count}) is no control; give a positive number of control qubits",
                    )
                self.source.check_qubits(node, template.num_qubits + count)
                for _ in range(count):
                    # Most gates double their steps.
                    self.source.spend(node, 2 * len(template.steps))
                    try:
                        template = template.controlled()
                    except ValueError as error:
                        raise self.source.error(node, str(error)) from error
                    if kind == "negctrl":
                        flip = FixedGate("X", (0,))
                        template = Template(
                            (), template.num_qubits, (flip, *template.steps, flip), template.phase
                        )
        return self._finite(node, template) if node.modifiers else template

    def _finite(self, node: Any, template: Template) -> Template:
        """Return a gate, if its angles are finite."""
        for step in template.steps:
            if isinstance(step, Rotation):
                finite(step.angle, node, self.source)
        finite(template.phase, node, self.source)
        return template

    def check_qubits(self, node: Any, template: Template, qubits: Sequence[int]) -> None:
        """Raise if a gate is given the wrong number of qubits, or a qubit twice."""
        if len(qubits) != template.num_qubits:
            raise self.source.error(
                node,
                f"the gate {_name(node)!r} acts on {template.num_qubits} qubit(s) here, but was "
                f"given {len(qubits)}",
            )
        if len(set(qubits)) != len(qubits):
            raise self.source.error(node, f"the gate {_name(node)!r} is given the same qubit twice")

    def _power(self, node: Any, template: Template, argument: Any, scope: Scope) -> Template:
        exponent = number(argument, scope)
        if _cut(argument, scope):
            raise self.source.error(
                node,
                f"the exponent is a division of integers, which gives {exponent} in OpenQASM 3; "
                "write a fraction as a decimal number, as in 0.5 or 1.0/3",
            )
        try:
            result = power(template, exponent, self.source.budget.steps)
        except ValueError as error:
            raise self.source.error(node, str(error)) from error
        self.source.spend(node, len(result.steps))
        return result

    def _forms(
        self, node: Any, gate: Gate, values: Mapping[str, Affine]
    ) -> tuple[Template, Template | None]:
        """Return the two forms of a gate at the numbers of its needed arguments."""
        for name in sorted(gate.needed):
            if values[name].terms:
                needed = [term for term, _ in values[name].terms]
                raise self.source.error(
                    node,
                    f"the gate {_name(node)!r} takes a number for {name!r}, since angles in its "
                    f"definition are not linear in it, and this depends on {needed[0]!r}: declare "
                    "a parameter of its own for such an angle",
                    needed,
                )
        key = _numbers(gate, values)
        if key not in gate.forms:
            numbers = {name: values[name].constant for name in gate.needed}
            try:
                gate.forms[key] = self._expanded(gate, numbers, None), None
            except OpenQASMError as error:
                # Once some arguments are numbers, others can turn out to be needed.
                more = error.needed & set(gate.arguments) - gate.needed
                if not more:
                    raise
                gate.needed |= more
                gate.forms.clear()
                return self._forms(node, gate, values)
        return gate.forms[key]

    def _expanded(
        self, gate: Gate, numbers: Mapping[str, float], needed: set[str] | None
    ) -> Template:
        """Return the template of a definition.

        Parameters
        ----------
        gate
            The gate.
        numbers
            Arguments with a value; the others are left open.
        needed
            Gathers the arguments that have to be numbers, in place of the error.
        """
        node = gate.definition
        line = node.span.start_line
        scope = Scope(self.source, self.scope, in_gate=True)
        for name in gate.arguments:
            value = numbers[name] if name in numbers else Affine.argument(name)
            scope.declare(name, Symbol("argument", line, value))
        for qubit in node.qubits:
            scope.declare(qubit.name, Symbol("qubit", line))
        place = {qubit.name: k for k, qubit in enumerate(node.qubits)}
        steps, phase = self._body(node.body, scope, place, needed)
        return Template(gate.arguments, gate.num_qubits, tuple(steps), phase)

    def _body(
        self,
        statements: Sequence[Any],
        scope: Scope,
        place: Mapping[str, int],
        needed: set[str] | None,
    ) -> tuple[list[Step], Affine]:
        """Return the steps and the phase of the statements in a gate definition."""
        steps: list[Step] = []
        phase = Affine()
        for node in statements:
            try:
                match node:
                    case ast.QuantumBarrier() | ast.DelayInstruction():
                        for qubit in node.qubits:
                            self._place(qubit, place)
                    case ast.ForInLoop():
                        for inner in loop_scopes(node, scope):
                            more, own = self._body(node.block, inner, place, needed)
                            steps += more
                            phase += own
                    case ast.BranchingStatement() if condition(node.condition, scope) is not None:
                        holds = condition(node.condition, scope)
                        block = node.if_block if holds else node.else_block
                        more, own = self._body(block, scope.inner({}), place, needed)
                        steps += more
                        phase += own
                    case ast.QuantumGate() | ast.QuantumPhase():
                        template, qubits = self._call(node, scope, place)
                        steps += template.on(qubits)
                        phase += template.phase
                    case _:
                        raise self.source.error(
                            node,
                            f"a {type(node).__name__} has no place in a gate definition; it may "
                            "hold gates only",
                        )
            except OpenQASMError as error:
                if needed is None or not error.needed:
                    raise
                needed |= error.needed
        return steps, phase

    def _call(
        self, node: Any, scope: Scope, place: Mapping[str, int]
    ) -> tuple[Template, list[int]]:
        """Return the gate of a call inside a definition, and its qubits."""
        gate = self.find(node)
        self.check_angles(node, gate)
        qubits = [self._place(qubit, place) for qubit in node.qubits]
        angles = [affine(argument, scope) for argument in gate_arguments(node)]
        named = dict(zip(gate.arguments, angles, strict=True))
        template = self.modified(node, self.exact(node, gate, named), angles, scope)
        self.check_qubits(node, template, qubits)
        self.source.spend(node, len(template.steps))
        return template, qubits

    def _place(self, qubit: Any, place: Mapping[str, int]) -> int:
        name = getattr(qubit, "name", None)
        if not isinstance(name, str) or name not in place:
            raise self.source.error(
                qubit,
                f"a gate definition may use its own qubits {', '.join(place)} only, without an "
                "index",
            )
        return place[name]


def _numbers(gate: Gate, values: Mapping[str, Affine]) -> tuple[float, ...]:
    return tuple(values[name].constant for name in sorted(gate.needed))


def _name(node: Any) -> str:
    return "gphase" if isinstance(node, ast.QuantumPhase) else node.name.name


def _ordered(modifiers: Sequence[Any]) -> list[Any]:
    """Return modifiers in the order in which they act, powers before controls.

    The power of a controlled gate is the controlled power, and easier to find: the control adds
    eigenvalues 1 alone.
    """
    ordered: list[Any] = []
    for modifier in reversed(modifiers):
        at = len(ordered)
        while (
            modifier.modifier.name == "pow"
            and at
            and ordered[at - 1].modifier.name in ("ctrl", "negctrl")
        ):
            at -= 1
        ordered.insert(at, modifier)
    return ordered


def _cut(node: Any, scope: Scope) -> bool:
    """Return whether a division of integers in an expression has a remainder."""
    if isinstance(node, ast.BinaryExpression):
        if node.op.name == "/":
            left, right = evaluate(node.lhs, scope), evaluate(node.rhs, scope)
            if isinstance(left, int) and isinstance(right, int) and left % right:
                return True
        return _cut(node.lhs, scope) or _cut(node.rhs, scope)
    if isinstance(node, ast.UnaryExpression):
        return _cut(node.expression, scope)
    if isinstance(node, ast.Cast):
        return _cut(node.argument, scope)
    return False
