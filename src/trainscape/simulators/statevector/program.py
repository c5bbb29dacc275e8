"""The tables of a compiled circuit, and the names of their columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "BIT",
    "DIAGONAL",
    "END_OF_ENTRIES",
    "END_OF_EVOLUTIONS",
    "END_OF_GROUPS",
    "END_OF_STRINGS",
    "END_OF_SWEEPS",
    "END_OF_Z_STRINGS",
    "ENTRY_BIT",
    "ENTRY_PARAMETER",
    "EVOLUTION_PARAMETER",
    "FIRST_ENTRY",
    "FIRST_EVOLUTION",
    "FIRST_GATE",
    "FIRST_GROUP",
    "FIRST_STRING",
    "FIRST_SWEEP",
    "FIRST_Z_STRING",
    "FLIPS",
    "GATE_PARAMETER",
    "GROUP_Z_MASK",
    "HIGH_SIGNS",
    "INNER_BITS",
    "INNER_TIER",
    "LOW_SIGNS",
    "LOW_TIER",
    "NUM_GATES",
    "OUTER_BITS",
    "OUTER_TIER",
    "PERMUTATION",
    "PLAIN",
    "RADIUS",
    "SCALE",
    "SHARED_BITS",
    "SHARES",
    "SIDE",
    "SIGN_ROW",
    "STRING_PARAMETER",
    "SUMS",
    "TARGET_WEIGHT",
    "TIER",
    "WEIGHT",
    "WHOLE_TIER",
    "X_MASK",
    "Z_MASK",
    "Program",
    "Scratch",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]

INNER_BITS = 9
"""Blocks of psi and lambda of this many bits, 16 kB together, fit into the first-level cache."""

OUTER_BITS = 12
"""Blocks of this many bits, 128 kB for both, fit into the second-level cache."""

SUMS = 3 * WIDTH
"""Lanes for the derivatives of one sweep."""

SHARED_BITS = 20
"""States of at least this many bits are divided into shares, and each share has its own sums."""

SHARES = 8
"""Number of shares of a large state, and so the largest useful number of threads."""

# Columns of `Program.layers`. The end of a range is the index after its last element.
FIRST_SWEEP, END_OF_SWEEPS, DIAGONAL = 0, 1, 2
FIRST_Z_STRING, END_OF_Z_STRINGS = 3, 4
FIRST_STRING, END_OF_STRINGS = 5, 6
FIRST_EVOLUTION, END_OF_EVOLUTIONS = 7, 8
PERMUTATION = 9

# Columns of `Program.sweeps`, and the tiers. A sweep of the low tier rotates the three lowest bits,
# one of the inner or outer tier runs within blocks of `INNER_BITS` or `OUTER_BITS` bits, and one of
# the whole tier runs over the state.
TIER, FIRST_GATE, NUM_GATES, PLAIN = 0, 1, 2, 3
LOW_TIER, INNER_TIER, OUTER_TIER, WHOLE_TIER = 0, 1, 2, 3

# Columns of `Program.gates`.
BIT, GATE_PARAMETER = 0, 1

# First column of `Program.gate_angles` and `Program.times`: the factor of the parameter.
SCALE = 0

# Columns of `Program.diagonals`.
FIRST_ENTRY, END_OF_ENTRIES, FLIPS = 0, 1, 2

# Columns of `Program.entries`.
SIDE, SIGN_ROW, ENTRY_PARAMETER, ENTRY_BIT = 0, 1, 2, 3

# Columns of `Program.strings`: two for Z strings, the same two for other strings, and the last.
HIGH_SIGNS, LOW_SIGNS = 0, 1
X_MASK, Z_MASK = 0, 1
STRING_PARAMETER = 2

# Columns of `Program.evolutions`, and the second column of `Program.times`.
FIRST_GROUP, END_OF_GROUPS, EVOLUTION_PARAMETER = 0, 1, 2
RADIUS = 1

# Columns of `Program.group_strings`, after `HIGH_SIGNS` and `LOW_SIGNS`, and of
# `Program.group_weights`.
GROUP_Z_MASK = 2
WEIGHT, TARGET_WEIGHT = 0, 1


class Program(NamedTuple):
    """A compiled problem.

    Parameters
    ----------
    num_qubits
        Number n of bits of the index of a basis state, with idle bits.
    low_bits
        The index is split into a low half of this many bits and a high half.
    layers
        Shape (K, 10): sweeps from, to; diagonal or -1; Z strings from, to; other Pauli strings
        from, to; evolutions from, to; permutation or -1.
    sweeps
        Shape (W, 4): tier, first gate, number of gates, and whether the coefficients are plain.
    gates
        Shape (G, 2): bit, and parameter or -1.
    gate_angles
        Shape (G, 2): factor of the parameter, and constant angle in radians.
    diagonals
        Shape (D, 3): first entry, end of the entries, row of the flips. A diagonal multiplies
        amplitude x by ``flip(x) exp(i (offset + sum_e coefficient_e angle_e sign_e(x)))``. Every
        sign depends on one half of the index only, and angle_e is a parameter, or 1. The flip is a
        product of CZ gates.
    offsets
        Shape (D,).
    entries
        Shape (E, 4): half (0 low, 1 high), row of `signs`, parameter or -1, and the bit within the
        half, or -1 for several bits.
    coefficients
        Shape (E,).
    strings
        Shape (Z, 3): for Z strings the rows of `signs` for the high and the low half, for other
        strings the x and z masks; then the parameter.
    scales
        Shape (Z,): factor of the parameter.
    evolutions
        Shape (V, 3): first group, end of the groups, parameter.
    times
        Shape (V, 2): factor of the parameter, sum of the absolute weights of the generator.
    groups
        Shape (Q, 4): x mask, 1 if the strings have an odd number of Y else 0, first string, end of
        the strings.
    group_strings
        Shape (U, 3): rows of `signs` for the high and the low half, z mask.
    group_weights
        Shape (U, 2): weight w, and w or -w: amplitude y ^ x goes to y with the latter times
        sign(y), and times i if the number of Y is odd.
    permutations
        Shape (R, 2, 2, size of the larger half), for products of CX gates. The first pair is for
        the permutation and its inverse, the second for the low and the high half of the index.
        Amplitude x comes from ``low_part(x) ^ high_part(x)``, one entry of each half.
    signs
        Shape (R, size of the larger half): signs +-1.
    flip_low, flip_high
        Shape (F, size of the half): signs +-1 of the CZ gates within the half.
    flip_rows
        Shape (F, size of the high half): row of `signs` for the low half, by the CZ gates between
        the halves.
    diagonal
        Shape (2**n,): diagonal part of the observable. Empty if the observable is a projector on a
        vector, or not needed.
    terms
        Shape (T, 2): x and z masks of the other Pauli strings of the observable.
    weights
        Shape (T,): their weights.
    projector
        Shape (2**k,): the vector of a projector on k qubits, in ascending order of the chosen bits;
        empty if there is none.
    projector_mask
        The k bits.
    projector_weight
        Weight of the projector.
    """

    num_qubits: int
    low_bits: int
    layers: Int
    sweeps: Int
    gates: Int
    gate_angles: Real
    diagonals: Int
    offsets: Real
    entries: Int
    coefficients: Real
    strings: Int
    scales: Real
    evolutions: Int
    times: Real
    groups: Int
    group_strings: Int
    group_weights: Real
    permutations: Int
    signs: Real
    flip_low: Real
    flip_high: Real
    flip_rows: Int
    diagonal: Real
    terms: Int
    weights: Real
    projector: Complex
    projector_mask: int
    projector_weight: float


class Scratch(NamedTuple):
    """Work space of a program.

    Parameters
    ----------
    phases_low, phases_high
        Shape (D, 2, size of the half): real and imaginary parts of the phases of each diagonal.
    coefficients
        Shape (sweeps of the widest layer, 4 * WIDTH).
    variants
        Shape (sweeps of the widest layer,): forms of the rotations, see `rotation_vectors`.
    sums
        Shape (C, sweeps of the widest layer, SUMS), for each of the C shares of the state.
    over_high
        Shape (C, size of the low half): sums over the high half of the index.
    over_low
        Shape (size of the high half,): sums over the low half.
    lanes
        Shape (C, 16 * WIDTH). WIDTH lanes are used; the others keep shares on different cache
        lines.
    vectors
        Shape (2, 2 N) if there are evolutions, else (2, N) for permutations, else (2, 0).
    row
        Shape (3, size of the low half).
    """

    phases_low: Real
    phases_high: Real
    coefficients: Real
    variants: Int
    sums: Real
    over_high: Real
    over_low: Real
    lanes: Real
    vectors: Real
    row: Real
