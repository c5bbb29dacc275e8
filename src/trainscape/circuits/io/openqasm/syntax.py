"""Parse an OpenQASM program, and locate the errors in it."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openqasm3 import ast, parse
from openqasm3.parser import QASM3ParsingError

__all__ = ["OpenQASMError", "Source", "gate_arguments", "parsed"]


class OpenQASMError(ValueError):
    """A program that cannot be read, or that does what a parameterised circuit cannot.

    Parameters
    ----------
    line
        Line of the program, from 1.
    text
        That line.
    message
        What is wrong there and what to do.
    """

    def __init__(self, line: int, text: str, message: str) -> None:
        super().__init__(f"line {line}, {text!r}: {message}")
        self.line = line
        self.text = text


@dataclass(frozen=True)
class Source:
    """The lines of a program and its version, 2 or 3, for error messages."""

    lines: Sequence[str]
    version: int = 3

    def error(self, node: Any, message: str) -> OpenQASMError:
        """Return the error of a node of the syntax tree."""
        return self.error_at(node.span.start_line, message)

    def error_at(self, line: int, message: str) -> OpenQASMError:
        """Return the error of a line; one after the end stands for the last line."""
        line = min(line, max(1, len(self.lines)))
        return OpenQASMError(line, self.lines[line - 1].strip() if self.lines else "", message)


def parsed(text: str) -> Any:
    """Return the syntax tree of a program.

    Raises
    ------
    OpenQASMError
        If the program is empty or has a syntax error.
    """
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
        located = re.match(r"L(\d+):C\d+: (.*)", str(error))
        source = Source(text.splitlines())
        if token is not None:
            place = "at the end of the program" if token.text == "<EOF>" else f"at {token.text!r}"
            wrong = source.error_at(
                token.line,
                f"syntax error {place}; a likely cause is a semicolon, comma or bracket that is "
                "missing just before it",
            )
            if wrong.text.startswith("opaque"):
                wrong = source.error_at(
                    token.line,
                    "an opaque gate has no definition to expand; define it as a gate, or leave it "
                    "out",
                )
            raise wrong from error
        if located:
            raise source.error_at(int(located[1]), f"syntax error: {located[2]}") from error
        raise source.error_at(1, f"syntax error somewhere in the program: {error}") from error


def gate_arguments(node: Any) -> Sequence[Any]:
    """Return the angle expressions of a gate or a global phase."""
    return (node.argument,) if isinstance(node, ast.QuantumPhase) else tuple(node.arguments)
