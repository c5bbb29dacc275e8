"""The values that expressions of OpenQASM have, and the scopes that give them names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.openqasm.syntax import OpenQASMError, Source

__all__ = ["Angle", "Integer", "NotLinear", "Real", "Register", "Scope", "Symbol", "Value"]


class Integer(int):
    """An integer whose type is uint, or has a width; others are plain.

    Attributes
    ----------
    unsigned : bool
        Whether its type is uint.
    bits : int or None
        Width of its type, if the program gives one.
    """

    unsigned: bool
    bits: int | None

    @classmethod
    def of(cls, value: int, unsigned: bool, bits: int | None) -> int:
        """Return an integer of a type, which has to hold it."""
        if not unsigned and bits is None:
            return int(value)
        typed = cls(value)
        typed.unsigned = unsigned
        typed.bits = bits
        return typed


class Real(float):
    """A real number whose type is narrower than float[64]; others are plain.

    Attributes
    ----------
    bits : int
        Width of its type, 16 or 32.
    """

    bits: int

    @classmethod
    def of(cls, value: float, bits: int | None) -> float:
        """Return the number of a type that is next to a value; infinite if that is too large."""
        if bits not in (16, 32):
            return float(value)
        with np.errstate(over="ignore"):
            narrow = cls(np.float16(value) if bits == 16 else np.float32(value))
        narrow.bits = bits
        return narrow


class Angle(float):
    """A value of type angle: a number of radians, at least 0 and below 2 pi.

    Attributes
    ----------
    bits : int or None
        Width of its type, if the program gives one: it is a multiple of ``2 pi / 2**bits``.
    """

    bits: int | None

    @classmethod
    def of(cls, radians: float, bits: int | None) -> Angle:
        """Return the angle that is equal to a number modulo 2 pi, or next to it in its type."""
        value = math.fmod(radians, math.tau)
        value = value + math.tau if value < 0 else value
        if bits is not None:
            value = round(value / math.tau * 2**bits) / 2**bits * math.tau
        angle = cls(0.0 if value >= math.tau else value)
        angle.bits = bits
        return angle


@dataclass(frozen=True)
class NotLinear:
    """A number that depends on parameters in a way that is not linear.

    Parameters
    ----------
    names
        The parameters.
    error
        What is wrong with it where an angle is needed.
    """

    names: frozenset[str]
    error: OpenQASMError


Value = int | float | Affine | NotLinear
"""Value of an expression; bool is one of the integers."""


@dataclass(frozen=True)
class Register:
    """Qubits or bits that have a name.

    Parameters
    ----------
    members
        Numbers of the qubits, or places of the bits.
    whole
        Whether it is a register, as against one qubit or bit; a register may have length 1.
    """

    members: Sequence[int]
    whole: bool = True


@dataclass(frozen=True)
class Symbol:
    """What a name stands for.

    Parameters
    ----------
    kind
        In words, as ``"constant"``.
    line
        Line of its declaration.
    value
        A value, a register, a gate; None for what cannot be used in a fixed circuit.
    """

    kind: str
    line: int
    value: Any = None


@dataclass
class Scope:
    """Names, inside of those of an outer scope.

    Parameters
    ----------
    source
        The program.
    outer
        The scope around it.
    in_gate
        Whether it belongs to a gate definition, which cannot see inputs and qubits outside.
    """

    source: Source
    outer: Scope | None = None
    in_gate: bool = False
    symbols: dict[str, Symbol] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        """Return what a name stands for."""
        holder = self.holder(name)
        return None if holder is None else holder.symbols[name]

    def holder(self, name: str) -> Scope | None:
        """Return the innermost scope that has a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.symbols:
            scope = scope.outer
        return scope

    def inner(self, values: Mapping[str, Symbol]) -> Scope:
        """Return a scope inside this one."""
        return Scope(self.source, self, self.in_gate, dict(values))

    def declare(self, name: str, symbol: Symbol) -> None:
        """Add a name.

        Raises
        ------
        OpenQASMError
            If it is there already.
        """
        earlier = self.symbols.get(name)
        if earlier is not None:
            where = f"in line {earlier.line}" if earlier.line else "by the library it includes"
            raise self.source.error_at(
                symbol.line,
                f"{name!r} is declared twice: it is a {earlier.kind} already, declared {where}; "
                "choose another name",
            )
        self.symbols[name] = symbol
