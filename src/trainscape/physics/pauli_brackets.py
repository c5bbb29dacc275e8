r"""Brackets of Pauli strings, and of sums over their orbits, as sparse matrices of residues.

Strings have degrees. A linear function of the bits of a string, modulo 2, that has one value on all
strings of a generator adds up in brackets. So does transposition, where :math:`P^T = \pm P` with
minus for an odd number of Y: the number of Y plus 1 adds up modulo 2. A bracket with a generator
therefore takes strings of one degree to strings of one other degree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from trainscape.physics.exact_sums import Bits, ExactSum
from trainscape.physics.modular_kernels import take_residues
from trainscape.physics.qubit_orbits import QubitSymmetry

__all__ = ["anticommute", "bracket_matrix", "degree_parts", "pauli_digits"]

MOST_FUNCTIONS = 6
"""Degrees that are used at most: single strings have so many that every part would be one string,
and the parts' number would cost more than their size saves."""


def pauli_digits(x: Bits, z: Bits) -> Bits:
    """Return one digit for each letter: I, X, Z and Y are 0 to 3."""
    return np.asarray(x + 2 * z, dtype=np.uint8)


def anticommute(letters: Bits, term: Bits) -> NDArray[np.bool_]:
    """Return which strings anticommute with one."""
    crossed = ((letters & 1) & (term >> 1)) ^ ((letters >> 1) & (term & 1))
    return np.asarray(crossed.sum(axis=1) % 2 == 1)


def degree_parts(sums: Sequence[ExactSum], letters: Bits) -> NDArray[np.int64]:
    """Return the number of the part, by degrees, to which each string belongs."""
    differences = np.concatenate(
        [np.concatenate([exact.x ^ exact.x[:1], exact.z ^ exact.z[:1]], axis=1) for exact in sums]
    )
    functions = _null_space(differences)[:MOST_FUNCTIONS]
    bits = np.concatenate([letters & 1, letters >> 1], axis=1)
    keys = (bits.astype(np.int64) @ functions.T) % 2
    if all(len(set((exact.ys() % 2).tolist())) == 1 for exact in sums):
        keys = np.column_stack([keys, (letters == 3).sum(axis=1) % 2])
    _, parts = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(parts.ravel(), dtype=np.int64)


def _null_space(rows: Bits) -> NDArray[np.int64]:
    """Return a basis, as rows, of the vectors orthogonal modulo 2 to all rows."""
    reduced = np.unique(rows, axis=0).astype(np.int64)
    width = reduced.shape[1]
    pivots: list[int] = []
    for column in range(width):
        candidates = np.flatnonzero(reduced[len(pivots) :, column]) + len(pivots)
        if not len(candidates):
            continue
        here = len(pivots)
        reduced[[here, candidates[0]]] = reduced[[candidates[0], here]]
        others = np.flatnonzero(reduced[:, column])
        others = others[others != here]
        reduced[others] ^= reduced[here]
        pivots.append(column)
    free = [column for column in range(width) if column not in pivots]
    basis = np.zeros((len(free), width), dtype=np.int64)
    for row, column in enumerate(free):
        basis[row, column] = 1
        basis[row, pivots] = reduced[: len(pivots), column]
    return basis


def bracket_matrix(
    exact: ExactSum, symmetry: QubitSymmetry, codes: NDArray[np.int64], prime: int
) -> csr_array:
    """Return the brackets ``i[g, b] / 2`` with sums b over orbits.

    The coefficient of an orbit in a bracket is that of its smallest member r, which stems from the
    strings t r with t in g.
    """
    letters = symmetry.letters(codes, 4)
    rows, columns, entries = [], [], []
    weights = exact.residues(prime)
    for term, z, ys, weight in zip(
        pauli_digits(exact.x, exact.z), exact.z, exact.ys(), weights, strict=True
    ):
        images = np.flatnonzero(anticommute(letters, term))
        sources = letters[images] ^ term
        # P = i^y X^x Z^z, so that t s = i^(y_t + y_s - y_r + 2 z_t.x_s) r; times i it is real.
        power = (
            1
            + int(ys)
            + (sources == 3).sum(axis=1, dtype=np.int64)
            - (letters[images] == 3).sum(axis=1, dtype=np.int64)
            + 2 * ((sources & 1) & z).sum(axis=1, dtype=np.int64)
        )
        rows.append(images)
        columns.append(np.searchsorted(codes, symmetry.smallest(sources, 4)))
        entries.append(weight * (1.0 - (power % 4)))
    matrix = coo_array(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(codes), len(codes)),
    ).tocsr()
    take_residues(matrix.data[None], prime)
    return matrix
