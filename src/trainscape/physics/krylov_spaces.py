r"""Count the Krylov spaces of a decomposition, and bound their dimensions from below.

A bond algebra ``A`` splits the space into sectors of Krylov dimension :math:`N_\lambda` with
:math:`N'_\lambda` copies. `summarise` gives the numbers of one decomposition,
`largest_krylov_share` relates the largest Krylov space to its symmetry sector, and
`krylov_sum_bound` shows why no chain with local generators has a polynomial sum
:math:`N = \sum_\lambda N_\lambda` on its full space. `trainscape.physics.fragmentation` judges
sequences of these numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from trainscape.physics.bond_algebra import Decomposition, decompose
from trainscape.physics.bond_models import BondModel, LocalTerm

__all__ = [
    "KrylovSummary",
    "krylov_sum_bound",
    "largest_krylov_share",
    "model_summary",
    "summarise",
]


@dataclass(frozen=True)
class KrylovSummary:
    """The dimensions and counts of one decomposition.

    Parameters
    ----------
    dimension
        Dimension ``D`` of the space.
    sectors
        Pairs ``(N_lambda, N'_lambda)``, ascending.
    krylov_dimension_sum
        ``N``, the sum of the ``N_lambda``.
    krylov_spaces
        The number of Krylov spaces with all copies, the sum of the ``N'_lambda``.
    algebra_dimension, commutant_dimension
        Sums of the squares.
    components, largest_component
        Number and largest size of the connected components of the basis states.
    product_basis
        Whether the Krylov spaces are spanned by states of the given basis: there are as many as
        components. One that is not may still be so in another product basis.
    largest_krylov
        Largest ``N_lambda``.
    """

    dimension: int
    sectors: tuple[tuple[int, int], ...]
    krylov_dimension_sum: int
    krylov_spaces: int
    algebra_dimension: int
    commutant_dimension: int
    components: int
    largest_component: int
    product_basis: bool
    largest_krylov: int


def summarise(decomposition: Decomposition) -> KrylovSummary:
    """Return the numbers of a decomposition."""
    sectors = decomposition.sectors
    spaces = sum(sector.multiplicity for sector in sectors)
    return KrylovSummary(
        dimension=sum(sector.dimension * sector.multiplicity for sector in sectors),
        sectors=tuple(sorted((sector.dimension, sector.multiplicity) for sector in sectors)),
        krylov_dimension_sum=decomposition.krylov_dimension_sum,
        krylov_spaces=spaces,
        algebra_dimension=decomposition.algebra_dimension,
        commutant_dimension=decomposition.commutant_dimension,
        components=len(decomposition.components),
        largest_component=decomposition.components[0],
        product_basis=spaces == len(decomposition.components),
        largest_krylov=max(sector.dimension for sector in sectors),
    )


def model_summary(model: BondModel, rng: np.random.Generator) -> KrylovSummary:
    """Decompose a model and return its numbers."""
    return summarise(decompose(model.generators(), rng))


def largest_krylov_share(model: BondModel, decomposition: Decomposition) -> float:
    """Return the share of the largest Krylov space in the largest symmetry sector.

    Symmetry sectors are those of the model's diagonal conventional charges (`BondModel.charges`);
    without charges, the whole space is one sector. Multiplets of a non-Abelian symmetry are not
    divided out: they change the share by a polynomial factor only.
    """
    labels = model.symmetry_sectors()
    sizes = np.bincount(labels)
    largest = np.flatnonzero(sizes == sizes.max())
    inside = [
        sector.dimension
        for sector in decomposition.sectors
        for rows, _ in sector.pieces
        if np.isin(labels[rows[0]], largest)
    ]
    return max(inside) / int(sizes.max())


def krylov_sum_bound(terms: Sequence[LocalTerm]) -> int:
    r"""Return a lower bound of ``N``, the sum of Krylov dimensions.

    Generators on disjoint supports commute. If the k-th has :math:`s_k` distinct eigenvalues, their
    joint eigenspaces are :math:`\prod_k s_k` orthogonal nonzero projectors, all of them polynomials
    in generators, hence elements of ``A``. In
    :math:`A = \bigoplus_\lambda \mathrm{End}(\mathbb{C}^{N_\lambda}) \otimes 1` each nonzero
    projector takes at least one dimension of some :math:`\mathbb{C}^{N_\lambda}`, and orthogonal
    ones take different dimensions. Therefore

    .. math:: N = \sum_\lambda N_\lambda \ge \prod_k s_k \ge 2^{\lfloor L/r \rfloor}

    for a chain of L sites with a nonscalar generator on each of :math:`\lfloor L/r \rfloor`
    disjoint places of r neighbours. The bound is derived here and used nowhere in the search.

    Parameters
    ----------
    terms
        Generators on intervals of a chain. One wider than 10 sites counts with two eigenvalues,
        unless it is scalar.

    Returns
    -------
    int
        The best bound over all choices of disjoint intervals.
    """
    best: dict[int, int] = {0: 1}
    ends = sorted({term.first + term.width for term in terms})
    reached = [0]
    for end in ends:
        value = best[reached[-1]]
        for term in terms:
            if term.first + term.width == end:
                before = max(place for place in reached if place <= term.first)
                value = max(value, best[before] * _levels(term))
        best[end] = value
        reached.append(end)
    return best[reached[-1]]


def _levels(term: LocalTerm) -> int:
    """Return the number of distinct eigenvalues of a local generator, or a lower bound.

    A matrix of order above 1024 counts 1 if it is a multiple of the identity, and else 2.
    """
    matrix = term.matrix
    if matrix.shape[0] > 1024:
        scalar = sp.eye_array(matrix.shape[0]) * matrix[0, 0]
        return 1 if abs(matrix - scalar).max() <= 1e-12 * abs(matrix).max() else 2
    values = np.linalg.eigvalsh(matrix.toarray())
    return 1 + int((np.diff(values) > 1e-9 * max(1e-300, float(np.abs(values).max()))).sum())
