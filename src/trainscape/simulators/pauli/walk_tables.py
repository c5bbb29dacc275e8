"""Tables and results of the Pauli walk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LANES", "Chances", "Counts", "Starts", "Steps"]

Int = NDArray[np.int64]
Short = NDArray[np.int32]
Bool = NDArray[np.bool_]
Real = NDArray[np.float64]

LANES = 64
"""Walkers in a word."""


class Steps(NamedTuple):
    """A compiled circuit, in the order of the walk: last gate first.

    It is made of parts, each walked as often as it is repeated: layers that are alike are held
    once.

    Parameters
    ----------
    kinds
        Kinds of gates as in `string_kernels`, shape (K,). CX has control and target.
    classes
        Class of each rotation, which sets its probability of a flip, shape (K,); 0 for fixed gates.
    starts
        First entry of each step in the following arrays, shape (K + 1,).
    qubits
        Shape (E,).
    has_x
        Whether the letter is X or Y, shape (E,).
    has_z
        Whether the letter is Z or Y, shape (E,).
    parts
        First step of each part, and the number of all steps K, shape (S + 1,).
    repetitions
        How often each part is walked before the next one, shape (S,).
    """

    kinds: NDArray[np.uint8]
    classes: Short
    starts: Short
    qubits: Short
    has_x: Bool
    has_z: Bool
    parts: Int
    repetitions: Int

    @property
    def length(self) -> int:
        """Number of steps of a walk, repetitions included."""
        return int(np.diff(self.parts) @ self.repetitions)

    def place(self, step: int) -> int:
        """Return the entry of a step that is counted over all repetitions."""
        for first, last, count in zip(
            self.parts[:-1].tolist(),
            self.parts[1:].tolist(),
            self.repetitions.tolist(),
            strict=True,
        ):
            if step < (last - first) * count:
                return int(first + step % (last - first))
            step -= (last - first) * count
        raise IndexError(f"a walk of {self.length} steps has no such step")


class Starts(NamedTuple):
    """The pairs of strings from which walkers start.

    The first string of a pair walks. The product of both tells where it must not flip.

    Parameters
    ----------
    first, second
        The strings of each pair, shape (N,).
    cumulative
        Cumulative sums of the weights of the pairs, shape (N,). If empty, walker w takes pair w.
    crossed
        Whether any pair has two different strings.
    x, z
        The strings, shape (M, n).
    """

    first: Int
    second: Int
    cumulative: Real
    crossed: bool
    x: Bool
    z: Bool


class Chances(NamedTuple):
    """Probabilities of a flip.

    Parameters
    ----------
    classes
        For each class of rotations, shape (C,).
    target
        Step at which walkers that do not meet an anticommuting generator die, counted over all
        repetitions, or -1.
    at_target
        Probability at that step.
    """

    classes: Real
    target: int
    at_target: float


class Counts(NamedTuple):
    """What happened to each walker.

    Parameters
    ----------
    pairs
        Pair from which it started, shape (S,).
    diagonal
        Whether it survived and ended in a product of I and Z, shape (S,).
    flips
        Number of flips for each class, without the one at the target, shape (S, C).
    at_target
        Whether it flipped at the target, shape (S,).
    encounters
        Number of anticommuting rotations of each class, without the target, shape (S, C).
    """

    pairs: Int
    diagonal: Bool
    flips: Int
    at_target: Bool
    encounters: Int
