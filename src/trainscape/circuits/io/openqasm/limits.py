"""How much a program may ask for: short texts can describe circuits that no computer holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_MESSAGE",
    "MAX_QUBITS",
    "MAX_SHOWN",
    "MAX_STEPS",
    "MAX_WORDS",
    "Budget",
]

MAX_QUBITS = 100_000
"""Qubits of a program."""

MAX_STEPS = 500_000
"""Gates and rounds of loops, with those that are written out inside gate definitions."""

MAX_CHARACTERS: Mapping[int, int] = {2: 100_000_000, 3: 10_000_000}
"""Length of a program by version; the parser of OpenQASM 3 is the slower one."""

MAX_WORDS: Mapping[int, int] = {2: 5_000_000, 3: 1_200_000}
"""Words, numbers and signs of a program by version: what its parser reads in about 40 s."""

MAX_DEPTH = 100
"""Brackets inside each other, and in OpenQASM 2 signs and powers in turn."""

MAX_MESSAGE = 500
"""Characters of an error, which can hold names of any length."""

MAX_SHOWN = 120
"""Characters of a line that an error shows."""


@dataclass
class Budget:
    """What is left of `MAX_STEPS`.

    Attributes
    ----------
    steps : int
        Number of steps that are left.
    """

    steps: int = MAX_STEPS

    def spend(self, steps: int) -> bool:
        """Take steps off, and return whether there were as many."""
        self.steps -= steps
        return self.steps >= 0
