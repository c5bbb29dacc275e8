"""Read OpenQASM 2 and 3.

The program must be a fixed list of gates followed by measurements, which are left out. The gates of
``qelib1.inc`` and ``stdgates.inc`` are built in. Gates that the program defines are expanded, into
Pauli rotations if their Clifford gates cancel. Bit 0 of the register declared first is qubit 0; the
physical qubit ``$k`` is qubit k. A reset of a qubit that no gate has touched does nothing.

* OpenQASM 3: the inputs are the parameters, numbered in the order in which gates use them first.
  Angles must be affine in the parameters. Numbers are constants; a turn about one axis by a
  multiple of pi/2 becomes a Clifford gate. An input of type angle is a real number like any other.
* OpenQASM 2 has numbers only: every angle of a gate in the program is a parameter of its own,
  theta0, theta1, ... in the order of the text, and the numbers are returned as its angles. Angles
  inside gate definitions stay constants, and so does an angle of a call on which the definition
  depends in a way that is not linear.

References
----------
A. W. Cross et al., Open quantum assembly language, arXiv:1707.03429 (2017); OpenQASM 3: a broader
and deeper quantum assembly language, ACM Trans. Quantum Comput. 3, 12 (2022).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation, Template
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.openqasm.conditions import condition
from trainscape.circuits.io.openqasm.conversions import converted, type_name
from trainscape.circuits.io.openqasm.expressions import (
    CONSTANTS,
    affine,
    evaluate,
    integer,
)
from trainscape.circuits.io.openqasm.gate_definitions import Gate, GateDefinitions
from trainscape.circuits.io.openqasm.libraries import BUILT_IN, LIBRARIES
from trainscape.circuits.io.openqasm.loops import loop_scopes
from trainscape.circuits.io.openqasm.registers import Registers
from trainscape.circuits.io.openqasm.syntax import (
    OpenQASMError,
    Source,
    gate_arguments,
    parse_3,
    version_of,
)
from trainscape.circuits.io.openqasm.values import Scope, Symbol
from trainscape.circuits.io.openqasm.version2 import OpaqueDeclaration, parse_2
from trainscape.circuits.io.recorder import Recorder

__all__ = ["OpenQASMError", "read_openqasm"]

_UNSUPPORTED: Mapping[str, str] = {
    "BranchingStatement": (
        "a gate that depends on a measurement is not part of a fixed circuit; "
        "write out the branch that you mean"
    ),
    "ClassicalAssignment": (
        "variables that change are not read; declare a const, or use the variable of a for loop"
    ),
    "SubroutineDefinition": "subroutines are not read; define a gate instead",
    "SwitchStatement": (
        "a gate that depends on a measurement is not part of a fixed circuit; "
        "write out the case that you mean"
    ),
    "WhileLoop": "loops of unknown length are not read; use 'for int i in [first:last]'",
}


def read_openqasm(text: str) -> ImportedCircuit:
    """Read an OpenQASM 2 or 3 program.

    One without a version line is read as OpenQASM 3, unless it has words of OpenQASM 2.

    Parameters
    ----------
    text
        The program. Of includes, only ``qelib1.inc`` and ``stdgates.inc`` are known.

    Returns
    -------
    ImportedCircuit
        The circuit, up to its global phase, with the names of its parameters. The angles are those
        of the text for OpenQASM 2, and None for OpenQASM 3.

    Raises
    ------
    OpenQASMError
        A ValueError with the line, if the program has an error, is not a fixed list of gates, or
        describes a circuit that is too large to be read.

    Examples
    --------
    >>> imported = read_openqasm("OPENQASM 3.0; input float t; qubit[2] q; h q; rx(2 * t) q[1];")
    >>> imported.parameter_names, imported.circuit.gates[-1]
    (('t',), PauliRotation(pauli='X', qubits=(1,), parameter=0, scale=2.0))
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    version = version_of(text)
    source = Source.of(text, version)
    try:
        statements = parse_2(text) if version == 2 else parse_3(text).statements
        reader = _Reader(source)
        with contextlib.suppress(_Ended):
            reader.block(statements, reader.scope)
        return reader.result()
    except RecursionError as error:
        raise source.error_at(
            1,
            "the program is nested too deeply to be read; use fewer brackets, shorter sums, and "
            "fewer blocks and definitions inside each other",
        ) from error


class _Ended(Exception):
    """The program has come to its end statement."""


class _Reader:
    """Walks through the statements of a program.

    Attributes
    ----------
    scope : Scope
        Names outside of loops.
    inputs : dict of str to int
        Line of the declaration of each input.
    touched : set of int
        Qubits that a gate has acted on.
    measured : dict of int to int
        Line of the first measurement of each qubit.
    angles : list of float
        Angles of an OpenQASM 2 program.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.scope = Scope(source)
        self.inputs: dict[str, int] = {}
        self.registers = Registers(source)
        self.gates = GateDefinitions(source, self.scope)
        self.touched: set[int] = set()
        self.measured: dict[int, int] = {}
        self.recorder = Recorder()
        self.angles: list[float] = []
        self.included: set[str] = set()

    def result(self) -> ImportedCircuit:
        """Return the circuit once all statements are read."""
        if not self.registers.num_qubits:
            raise self.source.error_at(
                1, "the program declares no qubits; declare a register, as in 'qubit[3] q;'"
            )
        imported = self.recorder.imported(
            self.registers.num_qubits, self.angles if self.source.version == 2 else None
        )
        unused = set(imported.circuit.unused_parameters)
        used = {name for k, name in enumerate(imported.parameter_names) if k not in unused}
        for name, line in self.inputs.items():
            if name not in used:
                raise self.source.error_at(
                    line,
                    f"unused parameter {name!r}: no gate depends on it; remove the input, or use "
                    "it in an angle",
                )
        return imported

    def block(self, statements: Sequence[Any], scope: Scope) -> None:
        """Read statements; `scope` has the variables they can use."""
        for node in statements:
            self.statement(node, scope)

    def statement(self, node: Any, scope: Scope) -> None:
        """Read one statement."""
        match node:
            case ast.QuantumGate() | ast.QuantumPhase():
                self.apply(node, scope)
            case ast.QuantumBarrier() | ast.DelayInstruction():
                for qubit in node.qubits:
                    self.registers.operand(qubit, scope)
            case ast.Pragma():
                pass
            case ast.EndStatement():
                raise _Ended
            case ast.QuantumMeasurementStatement():
                self.measure(node.measure, node.target, scope)
            case ast.QuantumReset():
                self.reset(node, scope)
            case ast.IODeclaration():
                self.declare_parameter(node, scope)
            case ast.ConstantDeclaration() | ast.ClassicalDeclaration():
                self.declare_value(node, scope)
            case ast.AliasStatement():
                self.check_name(node.target.name, node)
                self.registers.declare_alias(node, scope)
            case ast.ForInLoop():
                for inner in loop_scopes(node, scope):
                    self.block(node.block, inner)
            case ast.BranchingStatement() if self.source.version == 3:
                self.branch(node, scope)
            case ast.Include():
                self.include(node)
            case ast.QubitDeclaration():
                self.check_name(node.qubit.name, node)
                self.registers.declare(node, scope)
            case ast.QuantumGateDefinition():
                self.check_name(node.name.name, node)
                self.gates.define(node)
            case OpaqueDeclaration():
                self.check_name(node.name.name, node)
                scope.declare(node.name.name, Symbol("opaque gate", node.span.start_line))
            case _:
                kind = type(node).__name__
                raise self.source.error(
                    node,
                    _UNSUPPORTED.get(
                        kind,
                        f"a {kind} is not read; only declarations, gates, for loops and final "
                        "measurements are",
                    ),
                )

    def branch(self, node: Any, scope: Scope) -> None:
        """Read the branch of a condition that is known."""
        holds = condition(node.condition, scope)
        if holds is None:
            raise self.source.error(node, _UNSUPPORTED["BranchingStatement"])
        self.block(node.if_block if holds else node.else_block, scope.inner({}))

    def include(self, node: Any) -> None:
        name = node.filename
        if name not in LIBRARIES:
            raise self.source.error(
                node,
                f"the file {name!r} is not known (only {' and '.join(LIBRARIES)} are); paste its "
                "text here",
            )
        if name in self.included:
            raise self.source.error(
                node, f"{name!r} is included twice, which declares its gates twice; remove one"
            )
        for gate in sorted(LIBRARIES[name]):
            earlier = self.scope.symbols.get(gate)
            # Two libraries give a gate the same meaning.
            if gate not in BUILT_IN[self.source.version] and not (earlier and not earlier.line):
                if earlier is not None:
                    raise self.source.error(
                        node,
                        f"{gate!r} is declared twice: it is a {earlier.kind}, declared in line "
                        f"{earlier.line}, and a gate of {name!r}; choose another name",
                    )
                self.scope.declare(gate, Symbol("gate", 0, self.gates.standard(gate)))
        self.included.add(name)

    def check_name(self, name: str, node: Any) -> None:
        """Raise for a name that the language has given away."""
        if name in CONSTANTS[self.source.version]:
            raise self.source.error(node, f"{name!r} is a constant; choose another name")
        if name in BUILT_IN[self.source.version]:
            raise self.source.error(
                node, f"{name!r} is a gate of the language; choose another name"
            )

    def declare_parameter(self, node: Any, scope: Scope) -> None:
        name = node.identifier.name
        self.check_name(name, node)
        if node.io_identifier.name == "output":
            self.declare_other(node, scope)
            return
        if not isinstance(node.type, ast.FloatType | ast.AngleType):
            raise self.source.error(
                node,
                f"the input {name!r} is not an angle; declare it as float or angle, or write its "
                "value into the program",
            )
        scope.declare(name, Symbol("input", node.span.start_line, Affine.argument(name)))
        self.inputs[name] = node.span.start_line

    def declare_value(self, node: Any, scope: Scope) -> None:
        name, value = node.identifier.name, node.init_expression
        self.check_name(name, node)
        numeric = ast.IntType | ast.UintType | ast.FloatType | ast.AngleType | ast.BoolType
        if value is None or not isinstance(node.type, numeric):
            self.declare_other(node, scope)
            if isinstance(value, ast.QuantumMeasurement):
                self.measure(value, node.identifier, scope)
            return
        size = getattr(node.type, "size", None)
        number_ = converted(
            evaluate(value, scope),
            node.type,
            node,
            scope,
            None if size is None else integer(size, scope),
        )
        kind = "constant" if isinstance(node, ast.ConstantDeclaration) else "variable"
        scope.declare(name, Symbol(kind, node.span.start_line, number_))

    def declare_other(self, node: Any, scope: Scope) -> None:
        """Add a name without a value that is known: bits, times, variables that are not set."""
        if isinstance(node.type, ast.BitType):
            self.registers.declare_bits(node, scope)
        else:
            kind = f"variable of type {type_name(node.type)} without a value that is known"
            scope.declare(node.identifier.name, Symbol(kind, node.span.start_line))

    def apply(self, node: Any, scope: Scope) -> None:
        """Append a gate of the program, on all the qubits that its operands stand for."""
        gate = self.gates.find(node)
        self.gates.check_angles(node, gate)
        values = [affine(argument, scope) for argument in gate_arguments(node)]
        named = dict(zip(gate.arguments, values, strict=True))
        # The shortest forms have lost the phase, which modifiers need.
        form = self.gates.exact if node.modifiers else self.gates.shortest
        definition = form(node, gate, named)
        values = self.parameters(node, gate, definition, values)
        template = self.gates.modified(node, definition, values, scope)
        operands = [self.registers.operand(qubit, scope) for qubit in node.qubits]
        lengths = {len(operand.members) for operand in operands if operand.whole}
        if len(lengths) > 1:
            raise self.source.error(
                node,
                f"registers of {' and '.join(map(str, sorted(lengths)))} qubits cannot be paired; "
                "index them, or use equal sizes",
            )
        for k in range(max(lengths, default=1)):
            qubits = [operand.members[k if operand.whole else 0] for operand in operands]
            self.gates.check_qubits(node, template, qubits)
            for qubit in qubits:
                if qubit in self.measured:
                    raise self.source.error(
                        node,
                        f"a gate on qubit {qubit} after its measurement in line "
                        f"{self.measured[qubit]}; only final measurements can be left out: "
                        "move the measurement to the end",
                    )
            self.source.spend(node, len(template.steps))
            self.touched.update(qubits)
            self.recorder.add(template.on(qubits))

    def parameters(
        self, node: Any, gate: Gate, definition: Template, values: Sequence[Affine]
    ) -> list[Affine]:
        """Return the angles of a call, once their parameters have an index.

        In OpenQASM 2, numbers on which the gate depends become parameters.
        """
        used = {
            name
            for step in definition.steps
            if isinstance(step, Rotation)
            for name, _ in step.angle.terms
        }
        used |= {name for name, _ in definition.phase.terms if node.modifiers}
        result = []
        for value, name in zip(values, gate.arguments, strict=True):
            if name in used and self.source.version == 2:
                result.append(self.recorder.parameter(f"theta{len(self.angles)}"))
                self.angles.append(value.constant)
                continue
            for parameter, _ in value.terms if name in used else ():
                self.recorder.parameter(parameter)
            result.append(value)
        return result

    def measure(self, node: Any, target: Any, scope: Scope) -> None:
        measured = self.registers.operand(node.qubit, scope)
        if target is not None:
            bits = self.registers.bits(target, scope)
            if len(bits.members) != len(measured.members):
                raise self.source.error(
                    node,
                    f"{len(measured.members)} qubit(s) are measured into {len(bits.members)} "
                    "bit(s); use equal sizes",
                )
        self.source.spend(node, len(measured.members))
        for qubit in measured.members:
            self.measured.setdefault(qubit, node.span.start_line)

    def reset(self, node: Any, scope: Scope) -> None:
        qubits = self.registers.operand(node.qubits, scope).members
        self.source.spend(node, len(qubits))
        for qubit in qubits:
            if qubit in self.touched or qubit in self.measured:
                raise self.source.error(
                    node,
                    f"a reset is not unitary, and qubit {qubit} is not in |0> any more; leave it "
                    "out where the qubits are still in |0>, and use further qubits elsewhere",
                )
