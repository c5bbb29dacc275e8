"""Reads OpenQASM 2 and 3.

The program must be a fixed list of gates followed by measurements, which are left out. The gates of ``qelib1.inc`` and ``stdgates.inc`` are built in; gates
that the program defines are expanded, into Pauli rotations where their Clifford gates cancel. Bit 0 of the register declared first is qubit 0.

* OpenQASM 3: the inputs are the parameters, numbered in the order in which gates use them first. Angles must be affine in the parameters. Numbers are
  constants; a turn about one axis by a multiple of pi/2 becomes a Clifford gate.
* OpenQASM 2 has numbers only: every angle of a gate in the program is a parameter of its own, theta0, theta1, ... in the order of the text, and the numbers are
  returned as its angles. Angles inside gate definitions stay constants.

References
----------
A. W. Cross et al., Open quantum assembly language, arXiv:1707.03429 (2017); OpenQASM 3: a broader and deeper quantum assembly language,
ACM Trans. Quantum Comput. 3, 12 (2022).
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openqasm3 import ast, parse
from openqasm3.parser import QASM3ParsingError

from trainscape.circuits.gate_templates import (
    Affine,
    Recorder,
    Rotation,
    Step,
    Template,
    standard_gates,
)
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.openqasm.expressions import (
    CONSTANTS,
    OpenQASMError,
    Source,
    Value,
    affine,
    evaluate,
    integer,
    number,
)

__all__ = ["OpenQASMError", "read_openqasm"]

_LIBRARIES = ("qelib1.inc", "stdgates.inc")

_UNSUPPORTED: Mapping[str, str] = {
    "AliasStatement": "aliases are not read; use the name of the register",
    "BranchingStatement": "a gate that depends on a measurement is not part of a fixed circuit; write out the branch that you mean",
    "ClassicalAssignment": "variables that change are not read; declare a const, or use the variable of a for loop",
    "QuantumReset": "a reset is not unitary; leave it out where the qubits are still in |0>, and use further qubits elsewhere",
    "SubroutineDefinition": "subroutines are not read; define a gate instead",
    "SwitchStatement": "a gate that depends on a measurement is not part of a fixed circuit; write out the case that you mean",
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
        The circuit, up to its global phase, with the names of its parameters. The angles are those of the text for OpenQASM 2, and None for OpenQASM 3.

    Raises
    ------
    OpenQASMError
        A ValueError with the line, if the program has an error or is not a fixed list of gates.

    Examples
    --------
    >>> found = read_openqasm("OPENQASM 3.0; input float t; qubit[2] q; h q; rx(2 * t) q[1];")
    >>> found.parameter_names, found.circuit.gates[-1]
    (('t',), PauliRotation(pauli='X', qubits=(1,), parameter=0, scale=2.0))
    """
    program = _parsed(text)
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


def _parsed(text: str) -> Any:
    # The parser fails on a program without a token.
    if not re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL).strip():
        raise Source(text.splitlines()).error_at(1, "the program is empty")
    try:
        # The parser also prints its messages.
        with contextlib.redirect_stderr(io.StringIO()):
            return parse(text)
    except QASM3ParsingError as error:
        token = getattr(
            next(iter(getattr(error.__cause__, "args", ())), None), "offendingToken", None
        )
        found = re.match(r"L(\d+):C\d+: (.*)", str(error))
        source = Source(text.splitlines())
        if token is not None:
            where = "at the end of the program" if token.text == "<EOF>" else f"at {token.text!r}"
            wrong = source.error_at(
                token.line,
                f"syntax error {where}; a likely cause is a semicolon, comma or bracket that is missing just before it",
            )
            if wrong.text.startswith("opaque"):
                wrong = source.error_at(
                    token.line,
                    "an opaque gate has no definition to expand; define it as a gate, or leave it out",
                )
            raise wrong from error
        if found:
            raise source.error_at(int(found[1]), f"syntax error: {found[2]}") from error
        raise source.error_at(1, f"syntax error somewhere in the program: {error}") from error


class _Reader:
    """Walks through the statements of a program."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.names: dict[str, Value] = {}
        self.inputs: dict[str, int] = {}
        self.registers: dict[str, tuple[int, ...]] = {}
        self.num_qubits = 0
        self.gates: dict[str, Template] = dict(standard_gates())
        self.shorter: dict[str, Template] = dict(self.gates)
        self.measured: dict[int, int] = {}
        self.recorder = Recorder()
        self.angles: list[float] = []

    def result(self) -> ImportedCircuit:
        """Return the circuit once all statements are read."""
        if not self.num_qubits:
            raise self.source.error_at(
                1, "the program declares no qubits; declare a register, as in 'qubit[3] q;'"
            )
        found = self.recorder.imported(
            self.num_qubits, self.angles if self.source.version == 2 else None
        )
        unused = set(found.circuit.unused_parameters)
        used = {name for k, name in enumerate(found.parameter_names) if k not in unused}
        for name, line in self.inputs.items():
            if name not in used:
                raise self.source.error_at(
                    line,
                    f"unused parameter {name!r}: no gate depends on it; remove the input, or use it in an angle",
                )
        return found

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
                        f"the file {node.filename!r} is not known (only {' and '.join(_LIBRARIES)} are); paste its text here",
                    )
            case ast.QubitDeclaration():
                self.declare_qubits(node, names)
            case ast.IODeclaration():
                self.declare_parameter(node)
            case ast.ConstantDeclaration() | ast.ClassicalDeclaration():
                self.declare_value(node, names)
            case ast.QuantumGateDefinition():
                self.define(node)
            case ast.ForInLoop():
                for scope in self.iterations(node, names):
                    for inner in node.block:
                        self.statement(inner, scope)
            case _:
                kind = type(node).__name__
                raise self.source.error(
                    node,
                    _UNSUPPORTED.get(
                        kind,
                        f"a {kind} is not read; only declarations, gates, for loops and final measurements are",
                    ),
                )

    # Declarations

    def declare_qubits(self, node: Any, names: Mapping[str, Value]) -> None:
        name = node.qubit.name
        size = 1 if node.size is None else integer(node.size, names, self.source)
        if name in self.registers:
            raise self.source.error(
                node, f"the register {name!r} is declared twice; give the second one another name"
            )
        if size < 1:
            raise self.source.error(
                node, f"the register {name!r} has {size} qubits; it needs at least one"
            )
        self.registers[name] = tuple(range(self.num_qubits, self.num_qubits + size))
        self.num_qubits += size

    def declare_parameter(self, node: Any) -> None:
        if node.io_identifier.name == "output":
            return
        name = node.identifier.name
        if not isinstance(node.type, ast.FloatType | ast.AngleType):
            raise self.source.error(
                node,
                f"the input {name!r} is not an angle; declare it as float or angle, or write its value into the program",
            )
        self.declare_name(node, self.names)
        self.names[name] = Affine.argument(name)
        self.inputs[name] = node.span.start_line

    def declare_name(self, node: Any, names: Mapping[str, Value]) -> None:
        name = node.identifier.name
        if name in CONSTANTS or name in names:
            raise self.source.error(
                node,
                f"{name!r} {'is a constant' if name in CONSTANTS else 'is declared twice'}; choose another name",
            )

    def declare_value(self, node: Any, names: dict[str, Value]) -> None:
        value = node.init_expression
        if isinstance(value, ast.QuantumMeasurement):
            self.measure(value, names)
        elif value is not None and not isinstance(node.type, ast.BitType | ast.BoolType):
            self.declare_name(node, names)
            names[node.identifier.name] = evaluate(value, names, self.source)

    def iterations(self, node: Any, names: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
        """Give the variables in scope for each round of a for loop."""
        values: Iterable[int]
        match node.set_declaration:
            case ast.RangeDefinition(start=start, end=end, step=step) if (
                start is not None and end is not None
            ):
                stride = 1 if step is None else integer(step, names, self.source)
                if stride == 0:
                    raise self.source.error(node, "the step of a loop must not be 0")
                # Both ends belong to an OpenQASM range.
                last = integer(end, names, self.source)
                values = range(
                    integer(start, names, self.source), last + (1 if stride > 0 else -1), stride
                )
            case ast.DiscreteSet(values=members):
                values = [integer(member, names, self.source) for member in members]
            case _:
                raise self.source.error(
                    node,
                    "a loop runs over a range of integers, 'for int i in [first:last]', or a set, 'in {0, 2, 5}'",
                )
        for value in values:
            yield {**names, node.identifier.name: value}

    # Gates

    def define(self, node: Any) -> None:
        arguments = tuple(argument.name for argument in node.arguments)
        numbers = {
            name: value for name, value in self.names.items() if not isinstance(value, Affine)
        }
        place = {qubit.name: k for k, qubit in enumerate(node.qubits)}
        steps, phase = self.body(
            node.body, {**numbers, **{name: Affine.argument(name) for name in arguments}}, place
        )
        template = Template(arguments, len(place), steps, phase)
        self.gates[node.name.name] = template
        self.shorter[node.name.name] = template.without_cliffords() or template

    def body(
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
                    for scope in self.iterations(node, names):
                        inner, more = self.body(node.block, scope, place)
                        steps += inner
                        phase += more
                case ast.QuantumGate() | ast.QuantumPhase():
                    angles = [affine(argument, names, self.source) for argument in _arguments(node)]
                    template = self.modified(node, self.template(node, self.gates), angles, names)
                    given = [getattr(qubit, "name", None) for qubit in node.qubits]
                    qubits = [
                        place[name] for name in given if isinstance(name, str) and name in place
                    ]
                    if len(qubits) < len(given):
                        raise self.source.error(
                            node,
                            f"a gate definition may use its own qubits {', '.join(place)} only, without an index",
                        )
                    self.check_qubits(node, template, qubits)
                    steps += template.on(qubits)
                    phase += template.phase
                case _:
                    raise self.source.error(
                        node,
                        f"a {type(node).__name__} has no place in a gate definition; it may hold gates only",
                    )
        return tuple(steps), phase

    def modified(
        self, node: Any, template: Template, values: Sequence[Affine], names: Mapping[str, Value]
    ) -> Template:
        """Return a gate with its modifiers at the given arguments."""
        if len(values) != len(template.arguments):
            raise self.source.error(
                node,
                f"the gate {node.name.name!r} takes {len(template.arguments)} angle(s), but was given {len(values)}",
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

    def template(self, node: Any, table: Mapping[str, Template]) -> Template:
        """Return the gate that a statement names."""
        if isinstance(node, ast.QuantumPhase):
            return Template(("gamma",), 0, (), Affine.argument("gamma"))
        name = node.name.name
        if name not in table:
            close = difflib.get_close_matches(name, table, 1)
            hint = f"did you mean {close[0]!r}?" if close else "define it before its first use"
            raise self.source.error(node, f"unknown gate {name!r}; {hint}")
        return table[name]

    def apply(self, node: Any, names: Mapping[str, Value]) -> None:
        """Append a gate of the program, on all the qubits that its operands stand for."""
        if isinstance(node, ast.QuantumPhase) and not node.modifiers:
            affine(node.argument, names, self.source)
            return
        # The forms without Clifford gates have lost the phase, which modifiers need.
        definition = self.template(node, self.gates if node.modifiers else self.shorter)
        values: list[Affine] = []
        used = {
            name
            for step in definition.steps
            if isinstance(step, Rotation)
            for name, _ in step.angle.terms
        }
        used |= {name for name, _ in definition.phase.terms if node.modifiers}
        for argument, name in zip(_arguments(node), definition.arguments, strict=False):
            if self.source.version == 2 and name in used:
                value = self.recorder.parameter(f"theta{len(self.angles)}")
                self.angles.append(float(number(argument, names, self.source)))
            else:
                value = affine(argument, names, self.source)
                for parameter, _ in value.terms if name in used else ():
                    self.recorder.parameter(parameter)
            values.append(value)
        template = self.modified(node, definition, values, names)
        operands = [self.operand(qubit, names) for qubit in node.qubits]
        lengths = {len(operand) for operand in operands if len(operand) > 1}
        if len(lengths) > 1:
            raise self.source.error(
                node,
                f"registers of {' and '.join(map(str, sorted(lengths)))} qubits cannot be paired; index them, or use equal sizes",
            )
        for k in range(max(lengths, default=1)):
            qubits = [operand[k] if len(operand) > 1 else operand[0] for operand in operands]
            self.check_qubits(node, template, qubits)
            for qubit in qubits:
                if qubit in self.measured:
                    raise self.source.error(
                        node,
                        f"a gate on qubit {qubit} after its measurement in line {self.measured[qubit]}; only final measurements can be left out: "
                        "move the measurement to the end",
                    )
            self.recorder.add(template.on(qubits))

    def check_qubits(self, node: Any, template: Template, qubits: Sequence[int]) -> None:
        name = "gphase" if isinstance(node, ast.QuantumPhase) else node.name.name
        if len(qubits) != template.num_qubits:
            raise self.source.error(
                node,
                f"the gate {name!r} acts on {template.num_qubits} qubit(s) here, but was given {len(qubits)}",
            )
        if len(set(qubits)) != len(qubits):
            raise self.source.error(node, f"the gate {name!r} is given the same qubit twice")

    def measure(self, node: Any, names: Mapping[str, Value]) -> None:
        for qubit in self.operand(node.qubit, names):
            self.measured.setdefault(qubit, node.span.start_line)

    def operand(self, node: Any, names: Mapping[str, Value]) -> tuple[int, ...]:
        """Return the qubits of ``q``, ``q[0]``, ``q[0:2]`` or ``q[{0, 2}]``."""
        indexed = isinstance(node, ast.IndexedIdentifier)
        name = node.name.name if indexed else node.name
        if name not in self.registers:
            declared = ", ".join(self.registers) or "none"
            hint = (
                "physical qubits are not known; declare a register"
                if name.startswith("$")
                else f"declared are: {declared}"
            )
            raise self.source.error(node, f"unknown register {name!r}; {hint}")
        register = self.registers[name]
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
                    f"qubit {place} of {name!r} does not exist; it has {len(register)} (0 to {len(register) - 1})",
                )
        return tuple(register[place] for place in places)


def _arguments(node: Any) -> Sequence[Any]:
    """Return the angle expressions of a gate or a global phase."""
    return (node.argument,) if isinstance(node, ast.QuantumPhase) else tuple(node.arguments)
