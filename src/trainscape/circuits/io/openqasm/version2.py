"""Parse OpenQASM 2.

The grammar is that of A. W. Cross et al., Open quantum assembly language, arXiv:1707.03429 (2017),
appendix A, which leaves the precedence of operators open; as in Qiskit's parser, ``^`` binds most
tightly and to the right, then signs, then ``*`` and ``/``, then ``+`` and ``-``. Numbers are real.
Block comments and names that begin with a capital are taken too. The tree has the nodes of
`openqasm3.ast`, so that one reader walks through both languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from openqasm3 import ast

from trainscape.circuits.io.openqasm.limits import MAX_DEPTH, MAX_SHOWN
from trainscape.circuits.io.openqasm.syntax import Source

__all__ = ["KEYWORDS", "OpaqueDeclaration", "parse_2"]

T = TypeVar("T")

# The last three are of later readers of the language, and stay possible as names.
_FUNCTIONS = ("sin", "cos", "tan", "exp", "ln", "sqrt", "asin", "acos", "atan")
KEYWORDS = frozenset(
    (
        *("OPENQASM", "include", "qreg", "creg", "gate", "opaque", "barrier", "measure", "reset"),
        *("if", "pi", *_FUNCTIONS[:6]),
    )
)
"""Words that cannot be names."""

_OF_VERSION_3 = frozenset(
    (
        *("angle", "bit", "bool", "box", "cal", "const", "ctrl", "def", "defcal", "delay"),
        *("duration", "end", "extern", "float", "for", "gphase", "input", "int", "inv", "let"),
        *("negctrl", "output", "pow", "pragma", "qubit", "stretch", "switch", "uint", "while"),
    )
)

_TOKENS = re.compile(
    r"""(?P<space>[ \t\n\f\v]+|//[^\n]*|/\*.*?\*/)
    |(?P<real>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    |(?P<integer>\d+)
    |(?P<name>[^\W\d]\w*)
    |(?P<string>"[^"\n]*")
    |(?P<symbol>->|==|[-+*/^()\[\]{};,])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


@dataclass
class OpaqueDeclaration:
    """The declaration of a gate without a definition."""

    name: Any
    span: Any


def parse_2(text: str) -> list[Any]:
    """Return the statements of an OpenQASM 2 program.

    Raises
    ------
    OpenQASMError
        If the program has a syntax error.
    """
    source = Source.of(text, 2)
    return _Parser(_tokens(text, source), source).program()


def _tokens(text: str, source: Source) -> Iterator[_Token]:
    position, line = 0, 1
    while position < len(text):
        found = _TOKENS.match(text, position)
        if found is None or (found[0] == "/" and text.startswith("/*", position)):
            if found is not None:
                raise source.error_at(line, "syntax error: a comment '/*' has no end '*/'")
            if text[position] == '"':
                raise source.error_at(line, "syntax error: a quotation mark is missing")
            raise source.error_at(
                line, f"syntax error: the character {text[position]!r} has no place in OpenQASM 2"
            )
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Token(kind, found[0], line)
        line += found[0].count("\n")
        position = found.end()
    yield _Token("end", "", line)


class _Parser:
    """Parses by recursive descent, with one token of look-ahead."""

    def __init__(self, tokens: Iterator[_Token], source: Source) -> None:
        self.tokens = tokens
        self.source = source
        self.token = next(tokens)
        self.depth = 0

    # Tokens

    def take(self) -> _Token:
        token = self.token
        if token.kind != "end":
            self.token = next(self.tokens)
        return token

    def fail(self, cause: str | None = None) -> NoReturn:
        token = self.token
        place = f"at {token.text[:MAX_SHOWN]!r}" if token.text else "at the end of the program"
        cause = cause or (
            "a likely cause is a semicolon, comma or bracket that is missing just before it"
        )
        raise self.source.error_at(token.line, f"syntax error {place}; {cause}")

    def at(self, text: str) -> bool:
        return self.token.text == text and self.token.kind in ("symbol", "name")

    def accept(self, text: str) -> bool:
        if self.at(text):
            self.take()
            return True
        return False

    def expect(self, text: str, cause: str | None = None) -> None:
        if not self.accept(text):
            self.fail(cause)

    def span(self, node: T, line: int) -> T:
        node.span = ast.Span(line, 0, line, 0)  # type: ignore[attr-defined]
        return node

    def identifier(self) -> Any:
        token = self.token
        if token.kind != "name":
            self.fail()
        if token.text in KEYWORDS:
            self.fail(f"{token.text!r} is a word of the language; choose another name")
        self.take()
        return self.span(ast.Identifier(token.text), token.line)

    def several(self, read: Callable[[], T], end: str) -> list[T]:
        """Return a list with commas; a comma may also follow the last item."""
        items = [read()]
        while self.accept(",") and not self.at(end):
            items.append(read())
        return items

    def index(self) -> Any:
        token = self.token
        if token.kind != "integer" or len(token.text) > 18:
            self.fail("sizes and indices are numerals, as in 'q[3]'")
        self.take()
        return self.span(ast.IntegerLiteral(int(token.text)), token.line)

    # Statements

    def program(self) -> list[Any]:
        self.expect("OPENQASM")
        if self.take().kind not in ("real", "integer"):
            self.fail("the version line is 'OPENQASM 2.0;'")
        self.expect(";")
        statements = []
        while self.token.kind != "end":
            if not self.accept(";"):
                statements.append(self.statement())
        return statements

    def statement(self) -> Any:
        token = self.token
        if token.kind != "name":
            self.fail()
        readers: dict[str, Callable[[], Any]] = {
            "qreg": self.quantum_register,
            "creg": self.classical_register,
            "gate": self.definition,
            "opaque": self.opaque,
            "include": self.include,
            "measure": self.measurement,
            "reset": self.reset,
            "barrier": self.barrier,
            "if": self.condition,
        }
        if token.text in readers:
            self.take()
            return self.span(readers[token.text](), token.line)
        if token.text == "OPENQASM":
            self.fail("the version line is there once, before all else")
        return self.call()

    def include(self) -> Any:
        token = self.token
        if token.kind != "string":
            self.fail("the name of a file is in quotation marks, as in 'include \"qelib1.inc\";'")
        self.take()
        self.expect(";")
        return ast.Include(token.text[1:-1])

    def sized(self) -> tuple[Any, Any]:
        name = self.identifier()
        self.expect("[", f"the size is missing, as in '{name.name}[3]'")
        size = self.index()
        self.expect("]")
        self.expect(";")
        return name, size

    def quantum_register(self) -> Any:
        name, size = self.sized()
        return ast.QubitDeclaration(name, size)

    def classical_register(self) -> Any:
        name, size = self.sized()
        return ast.ClassicalDeclaration(ast.BitType(size), name, None)

    def head(self) -> tuple[Any, list[Any], list[Any]]:
        """Return the name, the arguments and the qubits of a definition."""
        name = self.identifier()
        arguments: list[Any] = []
        if self.accept("(") and not self.accept(")"):
            arguments = self.several(self.identifier, ")")
            self.expect(")")
        return name, arguments, self.several(self.identifier, "{")

    def definition(self) -> Any:
        name, arguments, qubits = self.head()
        self.expect("{")
        body: list[Any] = []
        while not self.accept("}"):
            token = self.token
            if token.kind != "name":
                self.fail()
            if self.accept("barrier"):
                body.append(self.span(self.barrier(), token.line))
            elif token.text in KEYWORDS:
                self.fail("a gate definition may hold gates only")
            else:
                body.append(self.call())
        return ast.QuantumGateDefinition(name, arguments, qubits, body)

    def opaque(self) -> Any:
        name, _, _ = self.head()
        self.expect(";")
        return OpaqueDeclaration(name, None)

    def operand(self) -> Any:
        name = self.identifier()
        if not self.accept("["):
            return name
        index = self.index()
        self.expect("]", "OpenQASM 2 takes one index, as in 'q[3]'")
        return self.span(ast.IndexedIdentifier(name, [[index]]), name.span.start_line)

    def operands(self, cause: str | None = None) -> list[Any]:
        operands = self.several(self.operand, ";")
        self.expect(";", cause)
        return operands

    def measurement(self) -> Any:
        qubit = self.operand()
        self.expect("->", "a measurement is 'measure q[0] -> c[0];'")
        target = self.operand()
        self.expect(";")
        measure = self.span(ast.QuantumMeasurement(qubit), qubit.span.start_line)
        return ast.QuantumMeasurementStatement(measure, target)

    def reset(self) -> Any:
        qubit = self.operand()
        self.expect(";")
        return ast.QuantumReset(qubit)

    def barrier(self) -> Any:
        return ast.QuantumBarrier([] if self.accept(";") else self.operands())

    def condition(self) -> Any:
        self.expect("(")
        register = self.identifier()
        self.expect("==")
        value = self.index()
        self.expect(")")
        return ast.BranchingStatement(
            self.span(
                ast.BinaryExpression(ast.BinaryOperator["=="], register, value),
                register.span.start_line,
            ),
            [self.statement()],
            [],
        )

    def call(self) -> Any:
        token = self.token
        name = self.identifier()
        arguments: list[Any] = []
        if self.accept("(") and not self.accept(")"):
            arguments = self.several(self.expression, ")")
            self.expect(")")
        cause = (
            f"{token.text!r} is a word of OpenQASM 3, and the program says that it is of version 2"
            if token.text in _OF_VERSION_3
            else None
        )
        if self.token.kind != "name":
            self.fail(cause)
        return self.span(ast.QuantumGate([], name, arguments, self.operands(cause)), token.line)

    # Expressions

    def expression(self, power: int = 0) -> Any:
        """Return an expression whose operators bind more tightly than `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"an expression has more than {MAX_DEPTH} brackets, signs or powers in turn")
        left = self.factor()
        while (operator := _OPERATORS.get(self.token.text)) and self.token.kind == "symbol":
            name, binds, right_binds = operator
            if binds <= power:
                break
            line = self.take().line
            left = self.span(
                ast.BinaryExpression(ast.BinaryOperator[name], left, self.expression(right_binds)),
                line,
            )
        self.depth -= 1
        return left

    def factor(self) -> Any:
        token = self.token
        if self.accept("-"):
            return self.span(
                ast.UnaryExpression(ast.UnaryOperator["-"], self.expression(_SIGN)), token.line
            )
        if self.accept("+"):
            return self.expression(_SIGN)
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if token.kind in ("real", "integer"):
            self.take()
            return self.span(ast.FloatLiteral(float(token.text)), token.line)
        if token.kind == "name" and token.text not in KEYWORDS - {"pi", *_FUNCTIONS}:
            self.take()
            name = self.span(ast.Identifier(token.text), token.line)
            if token.text not in _FUNCTIONS or not self.accept("("):
                return name
            arguments = self.several(self.expression, ")")
            self.expect(")")
            return self.span(ast.FunctionCall(name, arguments), token.line)
        return self.fail(
            "a power is written 'a^b' in OpenQASM 2"
            if self.at("*")
            else "an angle is an expression in numbers, pi and the arguments of the gate"
        )


_SIGN = 5
# The operator of the tree, how tightly it binds, and what binds more tightly on its right.
_OPERATORS = {
    "+": ("+", 1, 1),
    "-": ("-", 1, 1),
    "*": ("*", 3, 3),
    "/": ("/", 3, 3),
    "^": ("**", 7, 6),
}
