"""Symmetries of a Pauli sum that are seen in its terms: Pauli strings and one-local charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "anticommute",
    "combinations_that_vanish",
    "commuting_strings",
    "local_charges",
    "string_product",
    "symmetry_eigenvalue",
]

_PRODUCTS = {
    **{("I", letter): (letter, 0) for letter in "IXYZ"},
    **{(letter, "I"): (letter, 0) for letter in "XYZ"},
    **{(letter, letter): ("I", 0) for letter in "XYZ"},
    **{(a, b): (c, 1) for a, b, c in (("X", "Y", "Z"), ("Y", "Z", "X"), ("Z", "X", "Y"))},
    **{(a, b): (c, 3) for a, b, c in (("Y", "X", "Z"), ("Z", "Y", "X"), ("X", "Z", "Y"))},
}
"""Letter of the product of two, and the power of i in front of it."""

NULL = 1e-9
"""Singular values below this, in units of the largest one, are zero."""


def anticommute(first: PauliString, second: PauliString) -> bool:
    """Return whether two strings anticommute; otherwise they commute."""
    crossed = (first.x_mask & second.z_mask) ^ (first.z_mask & second.x_mask)
    return crossed.bit_count() % 2 == 1


def string_product(first: PauliString, second: PauliString) -> tuple[int, PauliString]:
    """Return k and P of ``first second = i^k P``, with k from 0 to 3."""
    power = 0
    letters = []
    for a, b in zip(first.label, second.label, strict=True):
        letter, turns = _PRODUCTS[a, b]
        letters.append(letter)
        power += turns
    return power % 4, PauliString("".join(letters))


def commuting_strings(strings: Sequence[PauliString], start: str = "") -> tuple[PauliString, ...]:
    """Return independent Pauli strings that generate all those which commute with the given ones.

    Signs apart, they are a null space over the field of two elements: bits (x, z) of a string
    commute with (a, b) if ``x.b + z.a = 0``.

    Parameters
    ----------
    strings
        The strings, on the same qubits, at least one.
    start
        Letters of a start state, see `symmetry_eigenvalue`; then only strings of which it is an
        eigenstate are returned.

    Returns
    -------
    tuple of PauliString
        A basis in reduced echelon form, which does not depend on the order of `strings`.
    """
    n = strings[0].num_qubits
    unknown = [
        (kind, qubits)
        for kind in "XZ"
        for qubits in _units(start, n)
        if kind in _letters(start, qubits[0])
    ]
    rows = set()
    for string in strings:
        masks = {"X": string.z_mask, "Z": string.x_mask}
        row = 0
        for place, (kind, qubits) in enumerate(unknown):
            row |= sum(masks[kind] >> (n - 1 - qubit) & 1 for qubit in qubits) % 2 << place
        rows.add(row)
    pivots: dict[int, int] = {}
    for row in sorted(rows):
        for place, pivot in pivots.items():
            if row >> place & 1:
                row ^= pivot
        if row:
            place = row.bit_length() - 1
            for other, pivot in pivots.items():
                if pivot >> place & 1:
                    pivots[other] = pivot ^ row
            pivots[place] = row
    found = []
    for free in range(len(unknown)):
        if free in pivots:
            continue
        chosen = {free} | {place for place, pivot in pivots.items() if pivot >> free & 1}
        digits = [0] * n
        for kind, qubits in (unknown[place] for place in chosen):
            for qubit in qubits:
                digits[qubit] += 1 if kind == "X" else 2
        found.append(PauliString("".join("IXZY"[digit] for digit in digits)))
    return tuple(found)


def local_charges(hamiltonian: PauliSum, start: str = "") -> tuple[PauliSum, ...]:
    r"""Return independent sums of one-qubit Pauli matrices that commute with a Pauli sum.

    They are the null space of :math:`\sum_{q, p} a_{qp} p_q \mapsto [\sum_{qp} a_{qp} p_q, H]`.

    Parameters
    ----------
    hamiltonian
        The sum H.
    start
        Letters of a start state, see `symmetry_eigenvalue`; then only charges of which it is an
        eigenstate are returned.

    Returns
    -------
    tuple of PauliSum
        A basis in reduced echelon form, the first coefficient of each being 1.
    """
    n = hamiltonian.num_qubits
    unknown = [
        [PauliString.on(n, {qubit: letter}) for qubit in qubits]
        for qubits in _units(start, n)
        for letter in _letters(start, qubits[0])
    ]
    rows: dict[PauliString, dict[int, float]] = {}
    for column, singles in enumerate(unknown):
        for single, (weight, string) in product(singles, hamiltonian.terms):
            if anticommute(single, string):
                power, image = string_product(single, string)
                row = rows.setdefault(image, {})
                row[column] = row.get(column, 0.0) + (weight if power == 1 else -weight)
    charges = []
    for vector in combinations_that_vanish(rows.values(), range(len(unknown))):
        terms = [(value, single) for column, value in vector.items() for single in unknown[column]]
        charges.append(PauliSum(tuple(terms)))
    return tuple(charges)


def combinations_that_vanish(
    rows: Iterable[Mapping[int, float]], columns: Sequence[int]
) -> list[dict[int, float]]:
    """Return a basis of the null space of a sparse matrix, in reduced echelon form by parts.

    Columns that no row joins are treated apart, so that the vectors have few entries.

    Parameters
    ----------
    rows
        Column to entry, for each row.
    columns
        All columns.
    """
    known = list(rows)
    graph = nx.Graph()
    graph.add_nodes_from(columns)
    for row in known:
        nx.add_path(graph, row)
    part_of = {
        column: number
        for number, part in enumerate(nx.connected_components(graph))
        for column in part
    }
    parts: dict[int, tuple[list[int], list[Mapping[int, float]]]] = {}
    for column in columns:
        parts.setdefault(part_of[column], ([], []))[0].append(column)
    for row in known:
        parts[part_of[next(iter(row))]][1].append(row)
    found = []
    for members, touching in parts.values():
        matrix = np.array([[row.get(column, 0.0) for column in members] for row in touching])
        basis = _null_space(matrix.reshape(len(touching), len(members)))
        found += [
            {column: float(value) for column, value in zip(members, vector, strict=True) if value}
            for vector in basis
        ]
    return sorted(found, key=list)


def _null_space(matrix: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return a basis of the null space of a matrix in reduced echelon form, shape ``(columns,)``.

    Entries are rounded to 12 digits, so that simple ratios come out as they are.
    """
    columns = matrix.shape[1]
    if not matrix.any():
        return list(np.eye(columns))
    if columns == 1:
        return []
    if len(matrix) > columns:
        matrix = np.asarray(np.linalg.qr(matrix, mode="r"))
    _, values, vectors = np.linalg.svd(matrix)
    rank = int((values > NULL * values[0]).sum())
    basis = vectors[rank:].copy()
    row = 0
    for column in range(columns):
        if row == len(basis):
            break
        best = row + int(np.abs(basis[row:, column]).argmax())
        if abs(basis[best, column]) < NULL:
            continue
        basis[[row, best]] = basis[[best, row]]
        basis[row] /= basis[row, column]
        others = np.arange(len(basis)) != row
        basis[others] -= np.outer(basis[others, column], basis[row])
        row += 1
    basis[np.abs(basis) < NULL] = 0.0
    return list(basis.round(12) + 0.0)


def symmetry_eigenvalue(symmetry: PauliSum, start: str) -> float | None:
    """Return the eigenvalue of a start state of a Pauli sum, or None if it is no eigenstate.

    Parameters
    ----------
    symmetry
        A sum whose strings have one letter other than I, or a single string.
    start
        One letter a qubit: ``0``, ``1`` (eigenstates of Z), ``+``, ``-`` (of X); brackets ``()``
        for two neighbours in a singlet, an eigenstate of XX, YY and ZZ, which the sum of any letter
        on both annihilates.
    """
    values = {("Z", "0"): 1, ("Z", "1"): -1, ("X", "+"): 1, ("X", "-"): -1}
    values |= {(letter, "("): -1 for letter in "XYZ"} | {(letter, ")"): 1 for letter in "XYZ"}
    total = 0.0
    single = len(symmetry.terms) == 1
    for weight, string in symmetry.terms:
        eigenvalue = 1
        for qubit in string.support:
            eigenvalue *= values.get((string.label[qubit], start[qubit]), 0)
        pairs = [qubit for qubit, letter in enumerate(start) if letter == "("]
        broken = [q for q in pairs if string.label[q] != string.label[q + 1]]
        if not eigenvalue or (broken and single):
            return None
        total += 0.0 if broken else weight * eigenvalue
    return None if _unbalanced(symmetry, start) else total


def _unbalanced(symmetry: PauliSum, start: str) -> bool:
    """Return whether a sum of one-qubit strings acts unlike on the two qubits of a singlet."""
    if len(symmetry.terms) == 1 or "(" not in start:
        return False
    weights = {
        (string.support[0], string.label[string.support[0]]): weight
        for weight, string in symmetry.terms
    }
    return any(
        abs(weights.get((q, letter), 0.0) - weights.get((q + 1, letter), 0.0)) > NULL
        for q, mark in enumerate(start)
        if mark == "("
        for letter in "XYZ"
    )


def _units(start: str, num_qubits: int) -> list[tuple[int, ...]]:
    """Return qubits, or pairs of them in a singlet, whose letters are chosen together."""
    return [
        (qubit, qubit + 1) if start[qubit : qubit + 1] == "(" else (qubit,)
        for qubit in range(num_qubits)
        if start[qubit : qubit + 1] != ")"
    ]


def _letters(start: str, qubit: int) -> str:
    """Return the letters of which the state of a qubit is an eigenstate; all without a state."""
    if not start or start[qubit] in "()":
        return "XYZ"
    return "Z" if start[qubit] in "01" else "X"
