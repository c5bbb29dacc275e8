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
    """

    kinds: NDArray[np.uint8]
    classes: Short
    starts: Short
    qubits: Short
    has_x: Bool
    has_z: Bool


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
        Step at which walkers that do not meet an anticommuting generator die, or -1.
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
