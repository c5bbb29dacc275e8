"""The tables of a compiled problem for Pauli propagation, its limits, and what a run reports."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FULL_TAPE",
    "FULL_TERMS",
    "LARGEST_SIZE",
    "NUMBER_BY_COEFFICIENT",
    "NUMBER_BY_SINES",
    "NUMBER_BY_WEIGHT",
    "OPERATIONS_DONE",
    "REPORT_LENGTH",
    "SLOT_BYTES",
    "SUM_BY_COEFFICIENT",
    "SUM_BY_SINES",
    "SUM_BY_WEIGHT",
    "TAPE_BYTES",
    "TOUCHED_TERMS",
    "VALUE",
    "Limits",
    "Program",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

FULL_TERMS = 1
"""Status of a run that needs more terms than the limit."""

FULL_TAPE = 2
"""Status of a run that needs a longer tape than the limit."""

SLOT_BYTES = 80
"""Bytes of a slot without its words.

They hold coefficient, reach, slope, hash, mate, stamp, order, work lists, and up to four entries of
the table.
"""

TAPE_BYTES = 20
"""Bytes of a touched term on the tape: source, target with sign, coefficient, and its removal."""

# Entries of a report: the value, the sums of the absolute coefficients and the numbers of branches
# dropped by each rule, the largest number of terms at one time, the number of touched terms summed
# over all rotations, and the number of operations done.
VALUE = 0
SUM_BY_COEFFICIENT, SUM_BY_WEIGHT, SUM_BY_SINES = 1, 2, 3
NUMBER_BY_COEFFICIENT, NUMBER_BY_WEIGHT, NUMBER_BY_SINES = 4, 5, 6
LARGEST_SIZE = 7
TOUCHED_TERMS = 8
OPERATIONS_DONE = 9
REPORT_LENGTH = 10


class Program(NamedTuple):
    """A compiled problem. Operations are in the order of propagation: last gate first.

    Parameters
    ----------
    kinds
        Kinds of the operations, shape (K,).
    strings
        Generators of rotations, and strings of PAULI operations, shape (K, 2 W).
    hashes
        Their hashes, shape (K,).
    later
        The x bits that a later operation can still change, shape (K, W).
    first, second
        Qubits of the other gates, shape (K,).
    parameters
        Parameter of a rotation, or -1, shape (K,).
    scales
        Factor of the parameter, with the sign of the generator, shape (K,).
    terms
        Strings of the observable, shape (M, 2 W).
    weights
        Their weights, shape (M,).
    bits
        A random word for each bit of a string, shape (2 W * 64,).
    """

    kinds: Int
    strings: Words
    hashes: Words
    later: Words
    first: Int
    second: Int
    parameters: Int
    scales: Real
    terms: Words
    weights: Real
    bits: Words


class Limits(NamedTuple):
    """What is dropped, and how much may be stored.

    Parameters
    ----------
    min_coefficient
        Smaller coefficients are dropped. 0: only exact zeros.
    max_weight
        Branches on more qubits are dropped. -1: none.
    max_sines
        Branches with more sine factors are dropped. -1: none, and the factors are not counted.
    slope_share
        With gradients, a branch stays if this share of its slope reaches `min_coefficient`.
    max_terms
        Largest number of terms.
    max_tape
        Largest number of touched terms on the tape.
    """

    min_coefficient: float
    max_weight: int
    max_sines: int
    slope_share: float
    max_terms: int
    max_tape: int
