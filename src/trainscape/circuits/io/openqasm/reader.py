"""Read OpenQASM 2 and 3.

The program must be a fixed list of gates followed by measurements, which are left out. The gates of
``qelib1.inc`` and ``stdgates.inc`` are built in. Gates that the program defines are expanded, into
Pauli rotations if their Clifford gates cancel. Bit 0 of the register declared first is qubit 0.

* OpenQASM 3: the inputs are the parameters, numbered in the order in which gates use them first.
  Angles must be affine in the parameters. Numbers are constants; a turn about one axis by a
  multiple of pi/2 becomes a Clifford gate.
* OpenQASM 2 has numbers only: every angle of a gate in the program is a parameter of its own,
  theta0, theta1, ... in the order of the text, and the numbers are returned as its angles. Angles
  inside gate definitions stay constants.

References
----------
A. W. Cross et al., Open quantum assembly language, arXiv:1707.03429 (2017); OpenQASM 3: a broader
and deeper quantum assembly language, ACM Trans. Quantum Comput. 3, 12 (2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openqasm3 import ast

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.openqasm.expressions import (
    CONSTANTS,
    Value,
    affine,
    evaluate,
    loop_scopes,
    number,
)
from trainscape.circuits.io.openqasm.gate_definitions import GateDefinitions
from trainscape.circuits.io.openqasm.registers import Registers
from trainscape.circuits.io.openqasm.syntax import OpenQASMError, Source, gate_arguments, parsed
from trainscape.circuits.io.recorder import Recorder

__all__ = ["OpenQASMError", "read_openqasm"]

_LIBRARIES = ("qelib1.inc", "stdgates.inc")

_UNSUPPORTED: Mapping[str, str] = {
    "AliasStatement": "aliases are not read; use the name of the register",
    "BranchingStatement": (
        "a gate that depends on a measurement is not part of a fixed circuit; "
        "write out the branch that you mean"
    ),
    "ClassicalAssignment": (
        "variables that change are not read; declare a const, or use the variable of a for loop"
    ),
    "QuantumReset": (
        "a reset is not unitary; leave it out where the qubits are still in |0>, and use further "
        "qubits elsewhere"
    ),
    "SubroutineDefinition": "subroutines are not read; define a gate instead",
    "SwitchStatement": (
        "a gate that depends on a measurement is not part of a fixed circuit; "
        "write out the case that you mean"
    ),
    "WhileLoop": "loops of unknown length are not read; use 'for int i in [first:last]'",
}


def read_openqasm(text: str) -> ImportedCircuit:
    """Read an OpenQASM 2 or 3 program; one without a version line is read as OpenQASM 3.

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
        A ValueError with the line, if the program has an error or is not a fixed list of gates.

    Examples
    --------
    >>> imported = read_openqasm("OPENQASM 3.0; input float t; qubit[2] q; h q; rx(2 * t) q[1];")
    >>> imported.parameter_names, imported.circuit.gates[-1]
    (('t',), PauliRotation(pauli='X', qubits=(1,), parameter=0, scale=2.0))
    """
    program = parsed(text)
    version = int(float(program.version or 3))
    source = Source(text.splitlines(), version)
    if version not in (2, 3):
        raise source.error_at(1, f"OpenQASM {program.version} is not known; versions 2 and 3 are")
    reader = _Reader(source)
    for statement in program.statements:
        if isinstance(statement, ast.EndStatement):
            break
        reader.statement(statement, reader.names)
    return reader.result()


class _Reader:
    """Walks through the statements of a program.

    Attributes
    ----------
    names : dict of str to Value
        Variables and inputs outside of loops.
    inputs : dict of str to int
        Line of the declaration of each input.
    measured : dict of int to int
        Line of the first measurement of each qubit.
    angles : list of float
        Angles of an OpenQASM 2 program.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.names: dict[str, Value] = {}
        self.inputs: dict[str, int] = {}
        self.registers = Registers(source)
        self.gates = GateDefinitions(source)
        self.measured: dict[int, int] = {}
        self.recorder = Recorder()
        self.angles: list[float] = []

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

    def statement(self, node: Any, names: dict[str, Value]) -> None:
        """Read one statement; `names` are the variables in scope."""
        match node:
            case ast.QuantumGate() | ast.QuantumPhase():
                self.apply(node, names)
            case ast.QuantumBarrier() | ast.DelayInstruction() | ast.Pragma():
                pass
            case ast.QuantumMeasurementStatement():
                self.measure(node.measure, names)
            case ast.Include():
                if node.filename not in _LIBRARIES:
                    raise self.source.error(
                        node,
                        f"the file {node.filename!r} is not known (only {' and '.join(_LIBRARIES)} "
                        "are); paste its text here",
                    )
            case ast.QubitDeclaration():
                self.registers.declare(node, names)
            case ast.IODeclaration():
                self.declare_parameter(node)
            case ast.ConstantDeclaration() | ast.ClassicalDeclaration():
                self.declare_value(node, names)
            case ast.QuantumGateDefinition():
                self.gates.define(node, self.names)
            case ast.ForInLoop():
                for scope in loop_scopes(node, names, self.source):
                    for inner in node.block:
                        self.statement(inner, scope)
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

    def declare_parameter(self, node: Any) -> None:
        if node.io_identifier.name == "output":
            return
        name = node.identifier.name
        if not isinstance(node.type, ast.FloatType | ast.AngleType):
            raise self.source.error(
                node,
                f"the input {name!r} is not an angle; declare it as float or angle, or write its "
                "value into the program",
            )
        self.declare_name(node, self.names)
        self.names[name] = Affine.argument(name)
        self.inputs[name] = node.span.start_line

    def declare_name(self, node: Any, names: Mapping[str, Value]) -> None:
        name = node.identifier.name
        if name in CONSTANTS or name in names:
            raise self.source.error(
                node,
                f"{name!r} {'is a constant' if name in CONSTANTS else 'is declared twice'}; choose "
                "another name",
            )

    def declare_value(self, node: Any, names: dict[str, Value]) -> None:
        value = node.init_expression
        if isinstance(value, ast.QuantumMeasurement):
            self.measure(value, names)
        elif value is not None and not isinstance(node.type, ast.BitType | ast.BoolType):
            self.declare_name(node, names)
            names[node.identifier.name] = evaluate(value, names, self.source)

    def apply(self, node: Any, names: Mapping[str, Value]) -> None:
        """Append a gate of the program, on all the qubits that its operands stand for."""
        if isinstance(node, ast.QuantumPhase) and not node.modifiers:
            affine(node.argument, names, self.source)
            return
        # The shortest forms have lost the phase, which modifiers need.
        definition = (
            self.gates.exact_form(node) if node.modifiers else self.gates.shortest_form(node)
        )
        values: list[Affine] = []
        used = {
            name
            for step in definition.steps
            if isinstance(step, Rotation)
            for name, _ in step.angle.terms
        }
        used |= {name for name, _ in definition.phase.terms if node.modifiers}
        for argument, name in zip(gate_arguments(node), definition.arguments, strict=False):
            if self.source.version == 2 and name in used:
                value = self.recorder.parameter(f"theta{len(self.angles)}")
                self.angles.append(float(number(argument, names, self.source)))
            else:
                value = affine(argument, names, self.source)
                for parameter, _ in value.terms if name in used else ():
                    self.recorder.parameter(parameter)
            values.append(value)
        template = self.gates.modified(node, definition, values, names)
        operands = [self.registers.operand(qubit, names) for qubit in node.qubits]
        lengths = {len(operand) for operand in operands if len(operand) > 1}
        if len(lengths) > 1:
            raise self.source.error(
                node,
                f"registers of {' and '.join(map(str, sorted(lengths)))} qubits cannot be paired; "
                "index them, or use equal sizes",
            )
        for k in range(max(lengths, default=1)):
            qubits = [operand[k] if len(operand) > 1 else operand[0] for operand in operands]
            self.gates.check_qubits(node, template, qubits)
            for qubit in qubits:
                if qubit in self.measured:
                    raise self.source.error(
                        node,
                        f"a gate on qubit {qubit} after its measurement in line "
                        f"{self.measured[qubit]}; only final measurements can be left out: "
                        "move the measurement to the end",
                    )
            self.recorder.add(template.on(qubits))

    def measure(self, node: Any, names: Mapping[str, Value]) -> None:
        for qubit in self.registers.operand(node.qubit, names):
            self.measured.setdefault(qubit, node.span.start_line)
