r"""Find the sectors of a bond algebra numerically, from its generators alone.

Hermitian generators :math:`h_1 \dots h_m` generate an associative algebra ``A`` (with the
identity), under which the space splits as
:math:`\bigoplus_\lambda \mathbb{C}^{N_\lambda} \otimes \mathbb{C}^{N'_\lambda}`; every generator is
:math:`\bigoplus_\lambda M_\lambda \otimes 1`. The method has five steps:

1. The basis states fall into the connected components of the generators' matrix elements
   (`basis_components`). Every later step works inside one component, so that the largest one sets
   the cost. In a classically fragmented model this step already gives the Krylov spaces; in a basis
   without structure there is one component.
2. A random Hermitian element ``X`` of ``A``, of words up to length three (linear elements alone can
   have accidental degeneracies from chiral or particle-hole symmetry), has :math:`N_\lambda`
   distinct eigenvalues in sector :math:`\lambda`, each with one multiplicity inside a component.
3. Eigenspaces ``a, b`` of ``X`` in a component belong to one sector iff a path of nonzero blocks
   :math:`P_a Y P_b` of a second random element ``Y`` joins them. Such a block is a multiple of a
   unitary, which carries the basis of one eigenspace over to the next. This aligns the copies of a
   Krylov space. Steps 2 and 3 are in `random_elements` and `component_search`.
4. In the eigenbasis of ``X``, with the phases that make ``Y`` positive along a spanning tree, the
   blocks of an irrep are unique. Copies in different components are therefore recognised, and
   aligned, by comparing the blocks of all generators (`sector_copies`).
5. The result is checked: every eigenspace of a sector has the same multiplicity, the dimensions add
   up, every generator equals :math:`M_\lambda \otimes 1` in the new basis, and, for fresh random
   elements (a second seed), the blocks are irreducible and pairwise inequivalent. Together these
   checks prove the decomposition up to the tolerances.

Real generators are given real elements. An algebra of real matrices can have pairs of complex
conjugate irreps, which no real symmetric element tells apart. Step 5 then fails, and the search is
repeated with the complex term :math:`i[B_1, B_2]`. Complex generators have this term from the
start.

Sources: Moudgalya and Motrunich, arXiv:2302.03028 (random elements, null space of the sum of
squared adjoint actions); Maehara and Murota, Japan J. Indust. Appl. Math. 27, 263 (2010)
(error-controlled block diagonalisation of matrix *-algebras). The proof by a second element inside
the blocks, and steps 1 and 4, are derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.basis_components import (
    Operator,
    checked_generators,
    components_of,
    dense,
    diagonal_block,
)
from trainscape.physics.component_search import search_component
from trainscape.physics.random_elements import (
    TOLERANCE,
    AmbiguousGapError,
    DecompositionError,
    fresh_check,
    random_element,
)
from trainscape.physics.sector_copies import SectorCopies, add_piece

__all__ = [
    "AmbiguousGapError",
    "Decomposition",
    "DecompositionError",
    "Operator",
    "SearchCost",
    "Sector",
    "commutant_null_space_dimension",
    "decompose",
    "product_components",
    "search_cost",
]


LONG = 1000
"""Order of a matrix above which the search announces its diagonalisation."""


@dataclass(frozen=True, eq=False)
class Sector:
    """One sector of a bond algebra.

    Parameters
    ----------
    dimension, multiplicity
        ``N_lambda`` (Krylov dimension) and ``N'_lambda`` (number of copies).
    generators
        Blocks ``M_lambda`` of the generators, shape ``(m, N, N)``:
        ``h_j basis[:, :, p] = basis[:, :, p] M_j`` for every ``p``.
    order
        Dimension ``D`` of the whole space.
    pieces
        The copies by connected component: pairs of basis-state indices ``(D_c,)`` and orthonormal
        vectors on them ``(D_c, N, n)``, with the ``n`` adding up to ``N'``.
    """

    dimension: int
    multiplicity: int
    generators: NDArray[Any]
    order: int
    pieces: tuple[tuple[NDArray[np.intp], NDArray[Any]], ...]

    @property
    def basis(self) -> NDArray[Any]:
        """Orthonormal basis with aligned copies, a dense array of shape ``(D, N, N')``.

        ``basis[:, q, p]`` is state ``q`` of copy ``p``. The array is made at every access.
        """
        basis = np.zeros(
            (self.order, self.dimension, self.multiplicity),
            dtype=np.result_type(*(vectors for _, vectors in self.pieces)),
        )
        first = 0
        for rows, vectors in self.pieces:
            basis[rows, :, first : first + vectors.shape[2]] = vectors
            first += vectors.shape[2]
        return basis


@dataclass(frozen=True, eq=False)
class Decomposition:
    r"""All sectors of a bond algebra.

    Parameters
    ----------
    sectors
        The sectors, in ascending order of multiplicity, then dimension, then traces of their
        generators.
    components
        Sizes of the connected components of the generators in the given basis, descending.
    gap
        Smallest gap between eigenvalues of the random element, of norm about 1, that counted as
        different, over all components.
    deviation
        Largest deviation of a generator from :math:`M_\lambda \otimes 1`, relative to its norm.
    """

    sectors: tuple[Sector, ...]
    components: tuple[int, ...]
    gap: float
    deviation: float

    @property
    def krylov_dimension_sum(self) -> int:
        """``N = sum_lambda N_lambda``."""
        return sum(sector.dimension for sector in self.sectors)

    @property
    def algebra_dimension(self) -> int:
        """``dim A = sum_lambda N_lambda^2``, the identity included."""
        return sum(sector.dimension**2 for sector in self.sectors)

    @property
    def commutant_dimension(self) -> int:
        """``dim C = sum_lambda N'_lambda^2``."""
        return sum(sector.multiplicity**2 for sector in self.sectors)


@dataclass(frozen=True)
class SearchCost:
    """Estimated cost of a search.

    Parameters
    ----------
    largest_component
        Number of basis states in the largest connected component.
    seconds
        Core-seconds, to a factor of about three.
    memory
        Bytes at the peak.
    """

    largest_component: int
    seconds: float
    memory: float


def decompose(
    generators: Sequence[Operator],
    rng: np.random.Generator,
    *,
    attempts: int = 3,
    progress: Callable[[str], None] | None = None,
) -> Decomposition:
    """Split the space into the sectors of the algebra that `generators` and the identity generate.

    Parameters
    ----------
    generators
        Hermitian matrices of one order ``D``, dense or scipy.sparse, real or complex. Sparse ones
        are multiplied as such. Their scale does not matter.
    rng
        Random stream of the random elements. Dimensions and block structure do not depend on it;
        the basis inside a Krylov space does.
    attempts
        How many random elements are tried before an accidental degeneracy is reported.
    progress
        Called with a line of text before every long step.

    Raises
    ------
    AmbiguousGapError
        If degenerate and distinct eigenvalues cannot be told apart.
    DecompositionError
        If an acceptance test fails.
    ValueError
        If the generators are not Hermitian matrices of one order.

    Notes
    -----
    Each connected component of order ``c`` takes one dense diagonalisation and three dense
    products. The time grows like the sum of ``c^3``. The memory is about ``6 c^2`` numbers for the
    largest component and ``c^2`` for each. See `search_cost`.
    """
    if attempts < 1:
        raise ValueError(f"attempts={attempts} must be at least 1")
    bonds, sizes = checked_generators(generators)
    components = components_of(bonds, sizes)
    twisted = any(np.iscomplexobj(h) for h in bonds)
    for attempt in range(attempts):
        try:
            return _attempt(bonds, sizes, components, rng, twisted, progress or _silent)
        except DecompositionError as error:
            # An unlucky random element fails the acceptance tests once; a real obstacle, every
            # time.
            if attempt == attempts - 1:
                raise
            # Complex conjugate irreps of real generators are an obstacle to real elements only.
            twisted = twisted or not isinstance(error, AmbiguousGapError)
    raise AssertionError("unreachable")


def product_components(generators: Sequence[Operator]) -> tuple[NDArray[np.intp], ...]:
    """Return the connected components of the generators' matrix elements.

    In a basis of product states these are the Krylov spaces of a classically fragmented model.
    Elements below 1e-14 of a generator's norm bound count as zero.

    Parameters
    ----------
    generators
        As for `decompose`.

    Returns
    -------
    tuple of numpy.ndarray
        Basis-state indices of each component, ordered by smallest member.
    """
    return components_of(*checked_generators(generators))


def search_cost(generators: Sequence[Operator]) -> SearchCost:
    """Return a rough cost of `decompose`, from the sizes of the connected components."""
    bonds, sizes = checked_generators(generators)
    orders = np.array([len(rows) for rows in components_of(bonds, sizes)], dtype=np.float64)
    twisted = any(np.iscomplexobj(h) for h in bonds)
    # One diagonalisation, and two products for each generator, at 3 to 20 GFlop/s on one core.
    seconds = float((orders**3).sum()) * (3e-10 + 1.5e-10 * len(bonds)) * (4 if twisted else 1)
    numbers = (
        6 * float(orders.max()) ** 2 + 2 * float((orders**2).sum()) + 3 * sum(h.size for h in bonds)
    )
    return SearchCost(int(orders.max()), seconds, numbers * (16 if twisted else 8))


def _silent(_: str) -> None:
    pass


def _attempt(
    bonds: Sequence[Operator],
    sizes: Sequence[float],
    components: Sequence[NDArray[np.intp]],
    rng: np.random.Generator,
    twisted: bool,
    progress: Callable[[str], None],
) -> Decomposition:
    """Decompose with one pair of random elements, and check the result with another."""
    order = bonds[0].shape[0]
    units = np.array([size or 1.0 for size in sizes])
    # All generators get one size: a term that is weak only by its units must not look like noise.
    bonds = [h / unit for h, unit in zip(bonds, units, strict=True)]
    first, second = (random_element(bonds, rng, twisted) for _ in range(2))
    if len(components) > 1:
        ordered = np.concatenate(components)
        # The rows of one component come to lie next to each other, so that a component is a slice.
        first, second, *bonds = [h[ordered][:, ordered] for h in (first, second, *bonds)]
    kinds: dict[tuple[int, int], list[SectorCopies]] = {}
    gap = np.inf
    deviation = 0.0
    start = 0
    for rows in components:
        part = slice(start, start + len(rows))
        start += len(rows)
        if len(rows) > LONG:
            progress(f"component of {len(rows)} of {order} states: diagonalising a random element")
        pieces, smallest = search_component(
            diagonal_block(first, part),
            diagonal_block(second, part),
            [diagonal_block(h, part) for h in bonds],
        )
        gap = min(gap, smallest)
        for piece in pieces:
            deviation = max(deviation, add_piece(piece, rows, kinds))
    distinct = [kind for same in kinds.values() for kind in same]
    total = sum(kind.blocks.shape[1] * kind.multiplicity for kind in distinct)
    if total != order:
        raise DecompositionError(
            f"the sectors have total dimension {total} instead of {order}; this is a programming "
            "error, please report it with the generators"
        )
    if not deviation <= TOLERANCE:
        raise DecompositionError(
            f"generators deviate from block form by {deviation:.2e} of their norm (allowed "
            f"{TOLERANCE:.0e}): the random element had an accidental degeneracy, or the generators "
            "are Hermitian only approximately; check them, then call decompose again with another "
            "random stream"
        )
    if max(kind.blocks.shape[1] for kind in distinct) > LONG:
        progress(f"checking {len(distinct)} sectors with a second random element")
    fresh_check([kind.blocks for kind in distinct], rng, twisted)
    distinct.sort(
        key=lambda kind: (
            kind.multiplicity,
            kind.blocks.shape[1],
            *(round(float(np.trace(h).real), 7) + 0.0 for h in kind.blocks),
        )
    )
    sectors = tuple(
        Sector(
            kind.blocks.shape[1],
            kind.multiplicity,
            kind.blocks * units[:, None, None],
            order,
            tuple(kind.pieces),
        )
        for kind in distinct
    )
    return Decomposition(
        sectors, tuple(sorted((len(rows) for rows in components), reverse=True)), gap, deviation
    )


def commutant_null_space_dimension(generators: Sequence[Operator], tolerance: float = 1e-9) -> int:
    r"""Return the dimension of the commutant, as that of a null space.

    It is the null space of :math:`\sum_j \mathrm{ad}_{h_j}^\dagger \mathrm{ad}_{h_j}`, a dense
    matrix of order ``D^2``. This check is independent of `decompose` and possible for ``D <= 81``.

    Parameters
    ----------
    generators
        As for `decompose`.
    tolerance
        Eigenvalues up to this fraction of the largest count as zero.

    Raises
    ------
    ValueError
        If the space has more than 81 dimensions, or the generators do not fit, as in `decompose`.

    References
    ----------
    Moudgalya and Motrunich, arXiv:2302.03028.
    """
    bonds, _ = checked_generators(generators)
    order = bonds[0].shape[0]
    if order > 81:
        raise ValueError(
            f"the null space of a commutator map on {order} x {order} matrices needs "
            f"{order**4 * 8 / 2**30:.1f} GiB; use decompose(...).commutant_dimension"
        )
    one = np.eye(order)
    total: NDArray[Any] = np.zeros((order**2, order**2))
    for h in bonds:
        matrix = dense(h)
        adjoint = np.kron(matrix, one) - np.kron(one, matrix.T)
        total = total + adjoint @ adjoint
    values = np.linalg.eigvalsh(total)
    return int(np.count_nonzero(values <= tolerance * max(1e-300, float(values[-1]))))
