"""Read observables as people write them: ``0.5*ZZII - XIII``, ``Z0 Z1``, ``0.5 Z(0) @ X(3)``.

One rule tells the two forms apart. A letter with an index acts on the qubit of that index, counted
from 0, and on the others the term is the identity. Letters without an index are one for each qubit,
and the leftmost acts on qubit 0. A term has one form or the other; a sum may have both.

The size of the register is given, or that of the terms with one letter a qubit, or else one more
than the largest index. A number alone is a multiple of the identity, and so is ``I`` beside terms
with indices.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "PauliTerm",
    "observable_text",
    "parse_terms",
    "read_pauli_sum",
    "register_size",
    "sum_of",
]

LARGEST_GUESSED_REGISTER = 4096
"""Most qubits of a register whose size follows from an index alone."""
LARGEST_SUM = 2**28
"""Most letters of a sum, over all terms."""
_WIDEST_DENSE = 32
"""Most qubits for which one letter a qubit is easier to read than indices."""

# One character each, so that positions in messages are those of the text.
_PLAIN = str.maketrans("−–·×⊗∗₀₁₂₃₄₅₆₇₈₉", "--****0123456789")
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<complex>\(\s*[+-]?{_NUMBER}\s*[+-]\s*(?P<part>{_NUMBER})[jJ]\s*\))"
    r"|(?P<empty>\[\s*\]|I\(\s*\))"
    rf"|(?P<number>{_NUMBER}(?P<imaginary>[jJ](?![A-Za-z0-9]))?)"
    r"|(?P<letter>[IXYZ])(?:_?(?P<plain>[0-9]+)|_?\{\s*(?P<braced>[0-9]+)\s*\}"
    r"|\(\s*(?P<round>[0-9]+)\s*\)|\[\s*(?P<square>[0-9]+)\s*\])"
    r"|(?P<label>[A-Za-z]+)|(?P<sign>[+-])|(?P<operator>[*@/])|(?P<open>[(\[])|(?P<close>[)\]]))"
)
_KINDS = dict.fromkeys(("plain", "braced", "round", "square"), "letter")
_SPACE = re.compile(r"\s*")
_HELP = "write terms joined by + or -, as in '0.5*ZZII - XIII' or '0.5 Z0 Z1 - X0'"


@dataclass
class PauliTerm:
    """One term as it was written.

    Parameters
    ----------
    weight
        Product of its signs and numbers.
    label
        Its letters, one for each qubit, if they have no indices.
    letters
        Its letters by qubit, if they have indices.
    """

    weight: float = 1.0
    label: str = ""
    letters: dict[int, str] = field(default_factory=dict)


def read_pauli_sum(text: str, num_qubits: int | None = None) -> PauliSum:
    """Read a sum of Pauli strings with real weights; see the module for its forms.

    Parameters
    ----------
    text
        The sum. Equal strings are added.
    num_qubits
        Size of the register on which letters with indices act. Terms with one letter a qubit keep
        their length, so that one for another register is noticed where the two meet.

    Raises
    ------
    ValueError
        If it cannot be read; the message says where and why.

    Examples
    --------
    >>> str(read_pauli_sum("0.5 Z0 X2 + -1*YII"))
    '0.5*ZIX - 1.0*YII'
    """
    terms = parse_terms(text)
    return sum_of(terms, register_size(terms, num_qubits))


def observable_text(observable: PauliSum) -> str:
    """Return a sum as text that reads back to it: with indices if the register is wide."""
    if observable.num_qubits <= _WIDEST_DENSE:
        return str(observable)
    parts = []
    for weight, string in observable.terms:
        letters = " ".join(f"{string.label[qubit]}{qubit}" for qubit in string.support)
        parts.append(f"{weight!r}*{letters or 'I0'}")
    return " + ".join(parts).replace("+ -", "- ")


def register_size(terms: Sequence[PauliTerm], num_qubits: int | None = None) -> int:
    """Return the number of qubits that terms act on.

    Raises
    ------
    ValueError
        If neither `num_qubits` nor the terms tell, or an index lies outside.
    """
    indexed = [term for term in terms if term.letters]
    dense = [term for term in terms if term.label and not (indexed and term.label == "I")]
    largest = max((max(term.letters) for term in indexed), default=-1)
    size = num_qubits or (len(dense[0].label) if dense else largest + 1)
    if not size:
        raise ValueError(
            "a number alone does not say how many qubits there are; write the letters too, as in "
            "'0.5*II'"
        )
    if largest >= size:
        letter = next(term.letters[largest] for term in indexed if largest in term.letters)
        raise ValueError(
            f"the observable has {letter}{largest}, but there are {size} qubits, counted from 0 to "
            f"{size - 1} (qubit 0 = leftmost letter)"
        )
    if num_qubits is None and not dense and size > LARGEST_GUESSED_REGISTER:
        raise ValueError(
            f"the index {largest} would mean a register of {size} qubits; give the number of "
            "qubits, or a smaller index"
        )
    return size


def sum_of(terms: Sequence[PauliTerm], num_qubits: int) -> PauliSum:
    """Return terms as a sum on a register.

    Raises
    ------
    ValueError
        If terms have different lengths, or the sum is too large to be written out.
    """
    if num_qubits * len(terms) > LARGEST_SUM:
        raise ValueError(
            f"the observable has {len(terms)} terms on {num_qubits} qubits, more than "
            f"{LARGEST_SUM} letters in all; use fewer terms"
        )
    indexed = any(term.letters for term in terms)
    pairs: list[tuple[float, PauliString]] = []
    for term in terms:
        if term.label and not (indexed and term.label == "I"):
            string = PauliString(term.label)
        else:
            string = PauliString.on(num_qubits, term.letters)
        pairs.append((term.weight, string))
    return PauliSum.of(pairs)


def parse_terms(text: str) -> list[PauliTerm]:
    """Return the terms of a sum as they were written, before the register is known.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    if not text.strip():
        raise ValueError(f"the observable is empty; {_HELP}")
    return _Reader(text).terms()


class _Reader:
    """Goes through a text once, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.translate(_PLAIN)
        self.position = 0

    def terms(self) -> list[PauliTerm]:
        """Return all terms."""
        terms: list[PauliTerm] = []
        while self.token() is not None:
            terms.append(self.term(first=not terms))
        return terms

    def term(self, first: bool) -> PauliTerm:
        """Return the term that begins here, with its signs."""
        term = PauliTerm()
        brackets: list[str] = []
        signed, missing, operator, begun = False, True, "", False
        while (token := self.token()) is not None:
            start, kind, match = token
            if kind == "sign":
                if not missing and not brackets:
                    break
                if not missing:
                    raise self.error(start, "has a sum in brackets; multiply it out")
                term.weight *= -1 if match["sign"] == "-" else 1
                signed = signed or not begun
            elif kind == "operator":
                if missing:
                    raise self.error(start, f"has {match['operator']!r} where a factor should be")
                missing, operator = True, match["operator"]
            elif kind == "close":
                if missing or not brackets or brackets.pop() != match["close"]:
                    raise self.error(start, f"has {match['close']!r} where it closes nothing")
            else:
                if not (first or signed):
                    raise self.error(start, "has no + or - between two terms")
                if operator == "/" and kind != "number":
                    raise self.error(start, "divides by something else than a number")
                if kind == "open":
                    brackets.append(")" if match["open"] == "(" else "]")
                    missing, operator = True, operator if operator == "/" else ""
                else:
                    if begun and not operator and kind in ("number", "complex"):
                        raise self.error(start, "has a number without * before it")
                    self.factor(term, start, match, kind, operator)
                    missing, operator, begun = False, "", True
            self.position = match.end()
        if missing or brackets:
            reason = "ends in the middle of a term" if missing else "lacks a closing bracket"
            raise self.error(self.position, reason)
        return term

    def token(self) -> tuple[int, str, re.Match[str]] | None:
        """Return start, kind and match of what comes next, None at the end."""
        match = _TOKEN.match(self.plain, self.position)
        if match is None:
            rest = _SPACE.match(self.plain, self.position)
            start = self.position if rest is None else rest.end()
            if start < len(self.plain):
                raise self.error(start, f"has {self.text[start]!r}")
            return None
        kind = match.lastgroup or ""
        return match.end() - len(match[0].lstrip()), _KINDS.get(kind, kind), match

    def factor(
        self, term: PauliTerm, start: int, match: re.Match[str], kind: str, operator: str
    ) -> None:
        """Multiply a term by one factor."""
        if kind in ("number", "complex"):
            value = match["number"] or match["complex"]
            imaginary = match["imaginary"] if kind == "number" else float(match["part"])
            if imaginary:
                raise self.error(
                    start, f"has the complex weight {value}; observables have real weights"
                )
            number = float(value) if kind == "number" else _real_part(value)
            if operator == "/":
                if not number:
                    raise self.error(start, "divides by zero")
                term.weight /= number
            else:
                term.weight *= number
            if not math.isfinite(term.weight):
                raise self.error(start, f"has the weight {value}, which is no finite number")
            return
        if kind == "empty":
            return
        if kind == "label":
            label = match["label"]
            if term.label or term.letters:
                raise self.error(
                    start,
                    "has letters without an index beside others in one term; write one letter for "
                    "each qubit without spaces, as in 'ZZI', or an index with each, as in 'Z0 Z1'",
                )
            if self.plain[match.end() : match.end() + 1].isdigit() and set(label) <= set("IXYZ"):
                raise self.error(
                    start, "has an index behind several letters; give each its own, as in 'Z0 Z1'"
                )
            PauliString(label)  # its error names the letters
            term.label = label
            return
        digits = match["plain"] or match["braced"] or match["round"] or match["square"]
        if len(digits) > 9:
            raise self.error(start, "has an index of more than nine digits")
        if len(digits) > 1 and digits.startswith("0"):
            raise self.error(start, "has an index that begins with 0; write 'Z0 Z1' or 'Z1'")
        qubit = int(digits)
        if term.label:
            raise self.error(
                start,
                "has letters with and without an index in one term; use one form for the term",
            )
        if qubit in term.letters:
            raise self.error(
                start, f"names qubit {qubit} twice in one term; write the product as one letter"
            )
        term.letters[qubit] = match["letter"]

    def error(self, position: int, reason: str) -> ValueError:
        """Return the error at a position."""
        shown = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        return ValueError(
            f"cannot read the observable {shown!r}: at position {position} "
            f"({self.text[position : position + 12]!r}) it {reason}; {_HELP}"
        )


def _real_part(text: str) -> float:
    match = re.match(rf"\(\s*([+-]?{_NUMBER})", text)
    assert match is not None  # the token says so
    return float(match[1])
