"""Follow generators from a product state, breadth first, until nothing new appears.

If all Krylov spaces are spanned by product states, this is the Krylov space with its matrices, at
the cost of its dimension, and no algebra is needed. In a model whose fragments are entangled it
finds the connected component, which holds many sectors and many copies of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from trainscape.physics.bond_models import LocalTerm

__all__ = ["ProductSearch", "search_products"]


@dataclass(frozen=True, eq=False)
class ProductSearch:
    """What was reached from a product state.

    Parameters
    ----------
    states
        Digit strings in order of discovery; the first is the start.
    generators
        The generators on these states, real symmetric, sparse.
    operations
        Matrix elements looked at.
    """

    states: tuple[tuple[int, ...], ...]
    generators: tuple[sp.csr_array, ...]
    operations: int


def search_products(
    terms: Sequence[LocalTerm], site_dim: int, start: Sequence[int]
) -> ProductSearch:
    """Return the connected component of a product state.

    No operator on the full space is ever formed.

    Parameters
    ----------
    terms
        Local generators.
    site_dim
        Local dimension.
    start
        Digits of the start.
    """
    columns = [_columns(term) for term in terms]
    known = {tuple(int(digit) for digit in start): 0}
    queue = list(known)
    entries: list[list[tuple[int, int, float]]] = [[] for _ in terms]
    operations = 0
    for number, state in enumerate(queue):
        for term, column, elements in zip(terms, columns, entries, strict=True):
            inside = slice(term.first, term.first + term.width)
            index = 0
            for digit in state[inside]:
                index = index * site_dim + digit
            operations += 1 + len(column[index])
            for row, value in column[index]:
                digits = tuple(
                    row // site_dim**place % site_dim for place in range(term.width - 1, -1, -1)
                )
                target = (*state[: inside.start], *digits, *state[inside.stop :])
                if target not in known:
                    known[target] = len(known)
                    queue.append(target)
                elements.append((known[target], number, value))
    size = len(known)
    matrices = []
    for elements in entries:
        rows, places, values = (
            (np.array(part) for part in zip(*elements, strict=True))
            if elements
            else (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
        )
        matrices.append(sp.csr_array((values, (rows, places)), shape=(size, size)))
    return ProductSearch(tuple(queue), tuple(matrices), operations)


def _columns(term: LocalTerm) -> list[list[tuple[int, float]]]:
    """Return the nonzero elements of each column of a local matrix."""
    matrix = term.matrix.toarray()
    return [
        [(int(row), float(matrix[row, column])) for row in np.flatnonzero(matrix[:, column])]
        for column in range(len(matrix))
    ]
