r"""Build the Krylov space of one state from words of generators (the GNS construction).

A word :math:`h_{j_1} \dots h_{j_k} |s\rangle` is kept as a matrix product state. Nothing is known
but the generators and a matrix product form of the state. A word :math:`h_j w` is new if it is
independent of the words so far, by their overlaps; else its expansion is a column of the matrix of
:math:`h_j`. When no new word is left there are as many words as the Krylov dimension, and a
Cholesky factor of the overlaps gives the generators in an orthonormal basis. This succeeds whenever
the Krylov dimension and the bond dimensions of the words are small, whatever the multiplicity of
the sector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["WordSpace", "apply_bond", "word_space"]

Real = NDArray[np.float64]
Tensors = list[Real]

CUTOFF = 1e-13
"""Singular values below this, relative to the largest, are rounding errors of exact zeros."""
INDEPENDENT = 1e-8
"""Squared norm of the rest of a unit word above which it is independent of the others.

Rounding errors stay below 1e-11 for the Temperley-Lieb chain."""


@dataclass(frozen=True, eq=False)
class WordSpace:
    """The Krylov space of a state.

    Parameters
    ----------
    generators
        In an orthonormal basis, matrices of order `rank`.
    state
        The normalised start in that basis.
    rank
        Number of independent words.
    word_length, bond_dimension
        Largest of any independent word.
    operations
        Multiplications of all overlaps.
    numbers
        Numbers in all words kept.
    smallest_rest
        Smallest squared norm of a rest that counted as independent: the margin of the decision.
    """

    generators: Sequence[Real]
    state: Real
    rank: int
    word_length: int
    bond_dimension: int
    operations: int
    numbers: int
    smallest_rest: float


def apply_bond(state: Any, bond: Real, first: int, site_dim: int) -> tuple[Any, float]:
    """Apply a two-site operator to a matrix product state.

    Parameters
    ----------
    state
        Matrix product state of quimb.
    bond
        Matrix of order ``site_dim**2``.
    first
        The left one of the two sites.
    site_dim
        Local dimension.

    Returns
    -------
    state
        The product, normalised and compressed.
    norm
        Its norm before; zero if nothing is left.
    """
    moved = state.gate_split(
        bond.reshape((site_dim,) * 4),
        (first, first + 1),
        method="svd",
        cutoff=CUTOFF,
        cutoff_mode="rel",
    )
    norm = float(np.sqrt(max(0.0, _overlap(_tensors(moved), _tensors(moved))[0])))
    if norm < 1e-10:
        return moved, 0.0
    moved.compress(cutoff=CUTOFF, cutoff_mode="rel")
    moved.multiply_(1 / norm, spread_over=1)
    return moved, norm


def _tensors(state: Any) -> Tensors:
    """Return the tensors with axes left, right, physical; the ends get axes of length 1."""
    tensors = []
    for site in range(state.L):
        left = [state.bond(site - 1, site)] if site else []
        right = [state.bond(site, site + 1)] if site < state.L - 1 else []
        data = np.asarray(state[site].transpose(*left, *right, state.site_ind(site)).data)
        shape = (
            data.shape[0] if left else 1,
            data.shape[len(left)] if right else 1,
            data.shape[-1],
        )
        tensors.append(data.reshape(shape))
    return tensors


def _overlap(a: Tensors, b: Tensors) -> tuple[float, int]:
    """Return the overlap of two real states, and its multiplications."""
    environment = np.ones((1, 1))
    operations = 0
    for left, right in zip(a, b, strict=True):
        half = np.tensordot(environment, right, axes=(1, 0))
        operations += environment.shape[0] * right.size + left.size * right.shape[1]
        environment = np.tensordot(left, half, axes=((0, 2), (0, 2)))
    return float(environment[0, 0]), operations


def word_space(start: Any, bonds: Sequence[Real], site_dim: int, limit: int = 500) -> WordSpace:
    """Build the space of words from a state.

    Parameters
    ----------
    start
        Normalised real matrix product state of quimb.
    bonds
        Generator on each pair of neighbours, real symmetric matrices of order ``site_dim**2``, in
        the order of the bonds.
    site_dim
        Local dimension.
    limit
        Largest number of words.

    Raises
    ------
    ValueError
        If there are more independent words than `limit`.
    """
    words, tensors, lengths = [start], [_tensors(start)], [0]
    gram = np.ones((1, 1))
    columns: list[list[tuple[int, Real]]] = []
    operations, margin = 0, 1.0
    for number, word in enumerate(words):
        columns.append([])
        for first, bond in enumerate(bonds):
            moved, norm = apply_bond(word, bond, first, site_dim)
            if norm == 0:
                columns[number].append((-1, np.zeros(len(words))))
                continue
            word_tensors = _tensors(moved)
            counted = [_overlap(word_tensors, other) for other in tensors]
            operations += sum(count for _, count in counted)
            overlaps = np.array([value for value, _ in counted])
            expansion = np.linalg.solve(gram, overlaps)
            rest = 1 - float(overlaps @ expansion)
            if rest <= INDEPENDENT:
                columns[number].append((-1, norm * expansion))
                continue
            margin = min(margin, rest)
            if len(words) == limit:
                raise ValueError(
                    f"more than {limit} independent words: the Krylov space of this state is too "
                    "large; raise limit, or start from another sector"
                )
            gram = np.block([[gram, overlaps[:, None]], [overlaps[None, :], np.ones((1, 1))]])
            columns[number].append((len(words), np.array([norm])))
            words.append(moved)
            tensors.append(word_tensors)
            lengths.append(lengths[number] + 1)
    size = len(words)
    factor = np.linalg.cholesky(gram).T
    inverse = np.linalg.inv(factor)
    generators = []
    for j in range(len(bonds)):
        matrix = np.zeros((size, size))
        for number, column in enumerate(columns):
            target, values = column[j]
            if target >= 0:
                matrix[target, number] = values[0]
            else:
                matrix[: len(values), number] = values
        orthonormal = factor @ matrix @ inverse
        generators.append((orthonormal + orthonormal.T) / 2)
    return WordSpace(
        generators=generators,
        state=np.asarray(factor[:, 0], dtype=np.float64),
        rank=size,
        word_length=max(lengths),
        bond_dimension=max(max(tensor.shape[1] for tensor in word) for word in tensors),
        operations=operations + size**3 * (1 + 2 * len(bonds)),
        numbers=sum(tensor.size for word in tensors for tensor in word),
        smallest_rest=margin,
    )
