"""Parse an OpenQASM 3 program, find the version of any, and locate the errors in it.

OpenQASM 3 is read by the parser of its authors, the package ``openqasm3``. OpenQASM 2 is another
language (other precedence, other keywords) with a parser of its own, in
`trainscape.circuits.io.openqasm.version2`, which makes nodes of the same kinds.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from trainscape.circuits.io.openqasm.limits import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_MESSAGE,
    MAX_QUBITS,
    MAX_SHOWN,
    MAX_STEPS,
    MAX_WORDS,
    Budget,
)

__all__ = ["OpenQASMError", "Source", "gate_arguments", "parse_3", "version_of"]

_COMMENTS = re.compile(r'("[^"\n]*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_WORD = re.compile(r"\w+|[^\w\s]")
_DECLARED = re.compile(r"\b(qubit|bit|int|uint|float|angle)\s+(\w+)\s*$")
_OF_VERSION_2 = re.compile(r"\b(qreg|creg|opaque)\b|qelib1\.inc")


class OpenQASMError(ValueError):
    """A program that cannot be read, or that does what a parameterised circuit cannot.

    Parameters
    ----------
    line
        Line of the program, from 1.
    text
        That line, cut after some length.
    message
        What is wrong there and what to do.
    needed
        Arguments of a gate that would have to be numbers for this to be right.
    """

    def __init__(self, line: int, text: str, message: str, needed: Sequence[str] = ()) -> None:
        sentence = " ".join(message.split())
        if len(sentence) > MAX_MESSAGE:
            sentence = sentence[:MAX_MESSAGE] + "..."
        super().__init__(f"line {line}, {text!r}: {sentence}")
        self.line = line
        self.text = text
        self.needed = frozenset(needed)


@dataclass(frozen=True)
class Source:
    """The lines of a program and its version, 2 or 3, for error messages.

    Parameters
    ----------
    lines
        The text by lines.
    version
        2 or 3.
    budget
        How much of what a program may ask for is used.
    """

    lines: Sequence[str]
    version: int = 3
    budget: Budget = field(default_factory=Budget)

    @classmethod
    def of(cls, text: str, version: int = 3) -> Source:
        """Return the source of a text, with line feeds at the ends of its lines."""
        lines = text.split("\n")
        return cls(lines[:-1] if len(lines) > 1 and not lines[-1] else lines, version)

    def error(self, node: Any, message: str, needed: Sequence[str] = ()) -> OpenQASMError:
        """Return the error of a node of the syntax tree."""
        return self.error_at(node.span.start_line, message, needed)

    def error_at(self, line: int, message: str, needed: Sequence[str] = ()) -> OpenQASMError:
        """Return the error of a line; one after the end stands for the last line."""
        line = min(line, len(self.lines))
        text = self.lines[line - 1].strip()
        shown = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
        return OpenQASMError(line, shown, message, needed)

    def spend(self, node: Any, steps: int = 1) -> None:
        """Count gates that are written out, or rounds of loops.

        Raises
        ------
        OpenQASMError
            If the program has made more of them than can be read.
        """
        if not self.budget.spend(max(1, steps)):
            raise self.error(
                node,
                f"written out, the program has more than {MAX_STEPS} gates and rounds of loops, "
                "which is more than can be read; use fewer repetitions, smaller powers or fewer "
                "controls",
            )

    def check_qubits(self, node: Any, count: int) -> None:
        """Raise if a circuit is wider than can be read."""
        if count > MAX_QUBITS:
            raise self.error(
                node,
                f"the program has {count} qubits, more than the {MAX_QUBITS} that can be read; "
                "declare only those that it uses",
            )


def _uncommented(text: str) -> str:
    """Return a program without comments, its lines in place."""
    return _COMMENTS.sub(lambda found: found[1] or "\n" * found[0].count("\n"), text)


def _check_words(code: str, version: int, line: int, source: Source) -> None:
    """Raise if a program, without its comments, is longer than its parser reads in good time."""
    most = MAX_WORDS[version]
    if sum(1 for _ in islice(_WORD.finditer(code), most + 1)) > most:
        raise source.error_at(
            line,
            f"the program has more than {most} words, numbers and signs, which is more than can be "
            "read; split it",
        )


def version_of(text: str) -> int:
    """Return the version of a program, 2 or 3.

    Raises
    ------
    OpenQASMError
        If it is empty or too long, names another version, or could be of either.
    """
    source = Source.of(text)
    if len(text) > MAX_CHARACTERS[2]:
        raise source.error_at(1, f"the program has more than {MAX_CHARACTERS[2]} characters")
    code = _uncommented(text)
    if not code.strip():
        raise source.error_at(1, "the program is empty")
    line = 1 + code[: len(code) - len(code.lstrip())].count("\n")
    named = re.match(r"\s*OPENQASM\s*(\d{1,9})(\.\d+)?", code)
    if named is None and code.lstrip().startswith("OPENQASM"):
        raise source.error_at(line, "the version line is 'OPENQASM 2.0;' or 'OPENQASM 3.0;'")
    if named is None:
        if (marked := _OF_VERSION_2.search(code)) is not None and not re.search(
            r"\b(qubit|bit|input|let|const)\b", code
        ):
            raise source.error_at(
                line,
                f"the program has no version line, and {marked[0]!r} is of OpenQASM 2; numbers "
                "mean other things in 2 (angles are parameters, 1/2 is a half) than in 3 (angles "
                "are constants, 1/2 is 0): begin with 'OPENQASM 2.0;' or 'OPENQASM 3.0;'",
            )
        version = 3
    else:
        version = _named_version(named, line, source)
    if len(text) > MAX_CHARACTERS[version]:
        raise source.error_at(
            line, f"the program has more than {MAX_CHARACTERS[version]} characters; split it"
        )
    _check_words(code, version, line, source)
    return version


def _named_version(named: re.Match[str], line: int, source: Source) -> int:
    version = int(named[1])
    if version not in (2, 3):
        raise source.error_at(
            line, f"OpenQASM {named[1]}{named[2] or ''} is not known; versions 2 and 3 are"
        )
    return version


def parse_3(text: str) -> Any:
    """Return the syntax tree of an OpenQASM 3 program.

    Raises
    ------
    OpenQASMError
        If the program has a syntax error.
    """
    from openqasm3 import parse
    from openqasm3.parser import QASM3ParsingError

    source = Source.of(text)
    _check_depth(text, source)
    try:
        # The parser also prints its messages.
        with contextlib.redirect_stderr(io.StringIO()):
            return parse(text)
    except QASM3ParsingError as error:
        raise _syntax_error(error, source) from error
    except RecursionError as error:
        raise source.error_at(
            1,
            "the program is nested too deeply to be read; use fewer brackets, shorter sums, and "
            "fewer blocks inside each other",
        ) from error
    except ValueError as error:
        raise source.error_at(1, "the program has a number with too many digits") from error
    except Exception as error:
        raise source.error_at(1, f"the program cannot be parsed: {error}") from error


def _check_depth(text: str, source: Source) -> None:
    """Raise if brackets are nested more deeply than the parser bears."""
    depth, line = 0, 1
    for found in re.finditer(r"[(\[{}\])\n]", _uncommented(text)):
        if found[0] == "\n":
            line += 1
        else:
            depth += 1 if found[0] in "([{" else -1
        if depth > MAX_DEPTH:
            raise source.error_at(line, f"more than {MAX_DEPTH} brackets are open here")


def _syntax_error(error: Exception, source: Source) -> OpenQASMError:
    """Return the error of the parser, with its likely cause."""
    token = getattr(next(iter(getattr(error.__cause__, "args", ())), None), "offendingToken", None)
    if token is None:
        located = re.match(r"L(\d+):C\d+: (.*)", str(error), re.DOTALL)
        if located:
            # The library shows its syntax tree behind this.
            message = located[2].split(", but received [")[0]
            return source.error_at(int(located[1]), f"syntax error: {message}")
        return source.error_at(1, f"syntax error somewhere in the program: {error}")
    if token.text == "<EOF>":
        place = "at the end of the program"
    else:
        place = f"at {token.text[:MAX_SHOWN]!r}"
    line = source.lines[min(token.line, len(source.lines)) - 1]
    cause = _cause(line, token.text, token.column) or (
        "a likely cause is a semicolon, comma or bracket that is missing just before it"
    )
    return source.error_at(token.line, f"syntax error {place}; {cause}")


def _cause(line: str, token: str, column: int) -> str | None:
    """Return the cause of a syntax error at a token, where the line tells."""
    declared = _DECLARED.search(line[:column])
    size = re.match(r"\[([^\]]*)\]", line[column:])
    if declared is not None and size is not None:
        return f"OpenQASM 3 writes the size first: '{declared[1]}[{size[1]}] {declared[2]}'"
    if re.search(r"(^|[;}])\s*opaque\b", line):
        return (
            "opaque gates are of OpenQASM 2 and have no definition to expand; define a gate, or "
            "leave the line out"
        )
    if token == "OPENQASM" or re.match(r"\s*(openqasm|(?i:ibmqasm))\b", line):
        return "the version line is 'OPENQASM 2.0;' or 'OPENQASM 3.0;', once, before all else"
    return None


def gate_arguments(node: Any) -> Sequence[Any]:
    """Return the angle expressions of a gate or a global phase."""
    from openqasm3 import ast

    return (node.argument,) if isinstance(node, ast.QuantumPhase) else tuple(node.arguments)
