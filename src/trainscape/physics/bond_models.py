"""Spin chains given as lists of local generators: the data classes, and functions to build them.

Site 0 is the most significant digit of a basis index. Charges are functions of the digits of all
basis states, shape ``(D, sites)``, to integers of shape ``(D, k)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = [
    "BondModel",
    "Charges",
    "LocalTerm",
    "Real",
    "chain",
    "counts",
    "domain_walls",
    "kronecker",
    "matrix_unit",
    "moments",
    "moves",
    "parity",
    "staggered_counts",
]

Real = NDArray[np.float64]
Charges = Callable[[NDArray[np.int64]], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class LocalTerm:
    """A Hermitian generator on neighbouring sites.

    Parameters
    ----------
    label
        Name for messages and tables.
    first
        First site of its support.
    width
        Number of sites of its support; they are neighbours.
    matrix
        Real symmetric matrix of order ``site_dim**width``.
    """

    label: str
    first: int
    width: int
    matrix: sp.csr_array


@dataclass(frozen=True, eq=False)
class BondModel:
    """Generators of a bond algebra on an open chain.

    Parameters
    ----------
    name
        Name in tables.
    sites, site_dim
        Length and local dimension.
    terms
        The generators.
    charges
        The model's conventional conserved quantities that are diagonal; None if there are none.
    """

    name: str
    sites: int
    site_dim: int
    terms: tuple[LocalTerm, ...]
    charges: Charges | None = None

    @property
    def dimension(self) -> int:
        """Dimension of the whole space, ``site_dim**sites``."""
        return int(self.site_dim**self.sites)

    @property
    def range(self) -> int:
        """Number of sites of the widest generator."""
        return max(term.width for term in self.terms)

    def digits(self) -> NDArray[np.int64]:
        """Return the digits of all basis states, shape ``(D, sites)``, most significant first."""
        places = self.site_dim ** np.arange(self.sites - 1, -1, -1, dtype=np.int64)
        return np.arange(self.dimension, dtype=np.int64)[:, None] // places % self.site_dim

    def symmetry_sectors(self) -> NDArray[np.intp]:
        """Return the label of the symmetry sector of every basis state, shape ``(D,)``.

        Sectors are those of all charges together; without charges, all labels are 0.
        """
        if self.charges is None:
            return np.zeros(self.dimension, dtype=np.intp)
        return np.unique(self.charges(self.digits()), axis=0, return_inverse=True)[1].reshape(-1)

    def generators(self) -> tuple[sp.csr_array, ...]:
        """Return the generators on the full space, sparse, in the order of `terms`."""
        d, sites = self.site_dim, self.sites
        return tuple(
            sp.csr_array(
                sp.kron(
                    sp.kron(sp.eye_array(d**term.first), term.matrix),
                    sp.eye_array(d ** (sites - term.first - term.width)),
                    format="csr",
                )
            )
            for term in self.terms
        )


def counts(digits: NDArray[np.int64], values: Iterable[int]) -> NDArray[np.int64]:
    """Return how often each digit occurs."""
    return np.stack([(digits == value).sum(axis=1) for value in values], axis=1)


def staggered_counts(colours: int, digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each colour occurs on even sites, minus how often on odd sites.

    Flipping the colour of two equal neighbours does not change these numbers.
    """
    sign = 1 - 2 * (np.arange(digits.shape[1]) % 2)
    return np.stack([((digits == colour) * sign).sum(axis=1) for colour in range(colours)], axis=1)


def moments(charge: NDArray[np.int64], digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the total charge and its dipole moment, where `charge` is that of each digit."""
    values = charge[digits]
    return np.stack([values.sum(axis=1), values @ np.arange(digits.shape[1])], axis=1)


def parity(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of excitations modulo 2."""
    return np.asarray(digits.sum(axis=1, keepdims=True) % 2)


def domain_walls(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the magnetisation and the number of domain walls."""
    return np.stack([digits.sum(axis=1), (digits[:, 1:] != digits[:, :-1]).sum(axis=1)], axis=1)


def matrix_unit(order: int, row: int, column: int) -> Real:
    """Return the square matrix with a single entry 1."""
    matrix = np.zeros((order, order))
    matrix[row, column] = 1
    return matrix


def kronecker(*factors: Real) -> Real:
    """Return the Kronecker product of the factors."""
    matrix: Real = np.ones((1, 1))
    for factor in factors:
        matrix = np.asarray(np.kron(matrix, factor))
    return matrix


def moves(site_dim: int, *pairs: tuple[str, str]) -> Real:
    """Return the sum of ``|target><source| + h.c.`` over `pairs` of digit strings of one length."""
    width = len(pairs[0][0])
    total = np.zeros((site_dim**width, site_dim**width))
    for source, target in pairs:
        matrix = matrix_unit(site_dim**width, int(target, site_dim), int(source, site_dim))
        total += matrix + matrix.T
    return total


def chain(
    name: str,
    sites: int,
    site_dim: int,
    local_matrices: Iterable[tuple[str, Real]],
    smallest: int,
    charges: Charges | None = None,
) -> BondModel:
    """Return a chain with every local matrix at every place where it fits.

    Parameters
    ----------
    name
        Name of the model.
    sites, site_dim
        Length and local dimension.
    local_matrices
        Pairs of a label and a real symmetric matrix on one or more neighbouring sites.
    smallest
        Smallest length that has a place for every matrix.
    charges
        As in `BondModel`.

    Raises
    ------
    ValueError
        If there are fewer than `smallest` sites, or their number is not an integer.
    """
    if int(sites) != sites or sites < smallest:
        raise ValueError(
            f"sites={sites}: the model {name} needs an integer of at least {smallest} sites, so "
            "that every kind of generator occurs"
        )
    terms = []
    for label, matrix in local_matrices:
        width = round(np.log(len(matrix)) / np.log(site_dim))
        sparse = sp.csr_array(matrix)
        terms += [
            LocalTerm(f"{label} at {first}", first, width, sparse)
            for first in range(sites - width + 1)
        ]
    return BondModel(name, int(sites), site_dim, tuple(terms), charges)
