r"""Sectors of a bond algebra, found numerically from its generators alone.

Hermitian generators :math:`h_1 \dots h_m` generate an associative algebra ``A`` (with the identity), under which the space splits as
:math:`\bigoplus_\lambda \mathbb{C}^{N_\lambda} \otimes \mathbb{C}^{N'_\lambda}`; every generator is :math:`\bigoplus_\lambda M_\lambda \otimes 1`. Method:

1. The basis states fall into the connected components of the generators' matrix elements. Every later step works inside the components, so that its cost is that of the largest
   one: all there is to do in a classically fragmented model, and nothing in a basis without structure.
2. A random Hermitian element ``X`` of ``A``, of words up to length three (linear elements alone can have accidental degeneracies from chiral or particle-hole
   symmetry), has :math:`N_\lambda` distinct eigenvalues in sector :math:`\lambda`, each with one multiplicity inside a component.
3. Eigenspaces ``a, b`` of ``X`` in a component belong to one sector iff a path of nonzero blocks :math:`P_a Y P_b` of a second random element ``Y`` joins them.
   Such a block is a multiple of a unitary, which carries the basis of one eigenspace over to the next: the copies of a Krylov space are aligned.
4. In the eigenbasis of ``X``, with the phases that make ``Y`` positive along a spanning tree, the blocks of an irrep are unique numbers. So copies in different components
   are recognised, and aligned, by comparing all generators.
5. Nothing is believed unchecked: one multiplicity per eigenspace, dimensions that sum up, every generator equal to :math:`M_\lambda \otimes 1` in the basis found, and,
   with fresh random elements (a second seed), irreducible and pairwise inequivalent blocks. Together these prove the decomposition up to the tolerances.

Real generators are given real elements. An algebra of real matrices can have pairs of complex conjugate irreps, which no real symmetric element tells apart; step 5 then fails, and
the search goes on with the complex term :math:`i[B_1, B_2]`, which complex generators get at once.

Sources: Moudgalya and Motrunich, arXiv:2302.03028 (random elements, null space of the sum of squared adjoint actions); Maehara and Murota, Japan J. Indust. Appl. Math. 27,
263 (2010) (error-controlled block diagonalisation of matrix *-algebras). The proof by a second element inside the blocks, and steps 1 and 4, are derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from trainscape.physics._bond_algebra_search import (
    AMBIGUOUS,
    DETERMINED,
    TOLERANCE,
    AmbiguousGapError,
    DecompositionError,
    Operator,
    Piece,
    close_pairs,
    dense,
    fresh_check,
    random_element,
    search_component,
)

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
"""Order of a matrix above which its diagonalisation is announced."""


@dataclass(frozen=True, eq=False)
class Sector:
    """One sector.

    Parameters
    ----------
    dimension, multiplicity
        ``N_lambda`` (Krylov dimension) and ``N'_lambda`` (number of copies).
    generators
        Blocks ``M_lambda`` of the generators, shape ``(m, N, N)``: ``h_j basis[:, :, p] = basis[:, :, p] M_j`` for every ``p``.
    order
        Dimension ``D`` of the whole space.
    pieces
        The copies by connected component: pairs of basis-state indices ``(D_c,)`` and orthonormal vectors on them ``(D_c, N, n)``, with the ``n`` adding up to ``N'``.
    """

    dimension: int
    multiplicity: int
    generators: NDArray[Any]
    order: int
    pieces: tuple[tuple[NDArray[np.intp], NDArray[Any]], ...]

    @property
    def basis(self) -> NDArray[Any]:
        """Orthonormal basis with aligned copies, shape ``(D, N, N')``, made dense when asked for: ``basis[:, q, p]`` is state ``q`` of copy ``p``."""
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
    r"""All sectors of a bond algebra, in ascending order of (multiplicity, dimension), then of their generators' traces.

    Parameters
    ----------
    sectors
        The sectors.
    components
        Sizes of the connected components of the generators in the given basis, descending.
    gap
        Smallest gap between eigenvalues of the random element in one component that were called different; its norm is about 1.
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
    """What a search will cost.

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
        Hermitian matrices of one order ``D``, dense or scipy.sparse, real or complex. Sparse ones are multiplied as such. Their scale does not matter.
    rng
        Random stream of the random elements. Dimensions and block structure do not depend on it; the basis inside a Krylov space does.
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
    One dense diagonalisation and three dense products for each connected component of order ``c``; time goes like the sum of ``c^3``, memory like ``6 c^2`` numbers for the largest and
    ``D_c^2`` for each. See `search_cost`.
    """
    if attempts < 1:
        raise ValueError(f"attempts={attempts} must be at least 1")
    bonds, sizes = _checked(generators)
    components = _components(bonds, sizes)
    twisted = any(np.iscomplexobj(h) for h in bonds)
    for attempt in range(attempts):
        try:
            return _attempt(bonds, sizes, components, rng, twisted, progress or _silent)
        except DecompositionError as error:
            # An unlucky random element shows in the acceptance tests; a real obstacle shows every time.
            if attempt == attempts - 1:
                raise
            # Complex conjugate irreps of real generators are an obstacle to real elements only.
            twisted = twisted or not isinstance(error, AmbiguousGapError)
    raise AssertionError("unreachable")


def product_components(generators: Sequence[Operator]) -> tuple[NDArray[np.intp], ...]:
    """Return the connected components of the generators' matrix elements: arrays of basis-state indices, by smallest member.

    In a basis of product states these are the Krylov spaces of a classically fragmented model. Elements below 1e-14 of a generator's norm bound count as zero.
    """
    return _components(*_checked(generators))


def search_cost(generators: Sequence[Operator]) -> SearchCost:
    """Return a rough cost of `decompose`, from the sizes of the connected components."""
    bonds, sizes = _checked(generators)
    orders = np.array([len(rows) for rows in _components(bonds, sizes)], dtype=np.float64)
    twisted = any(np.iscomplexobj(h) for h in bonds)
    # A diagonalisation, and two products for each generator; as measured on one core (3 to 20 GFlop/s).
    seconds = float((orders**3).sum()) * (3e-10 + 1.5e-10 * len(bonds)) * (4 if twisted else 1)
    numbers = (
        6 * float(orders.max()) ** 2 + 2 * float((orders**2).sum()) + 3 * sum(h.size for h in bonds)
    )
    return SearchCost(int(orders.max()), seconds, numbers * (16 if twisted else 8))


def _components(bonds: Sequence[Operator], sizes: Sequence[float]) -> tuple[NDArray[np.intp], ...]:
    order = bonds[0].shape[0]
    pattern = sp.csr_array((order, order), dtype=np.int8)
    for h, size in zip(bonds, sizes, strict=True):
        entries = sp.coo_array(h)
        kept = np.abs(entries.data) > 1e-14 * size
        rows, columns = entries.coords
        link = sp.csr_array(
            (np.ones(int(kept.sum()), dtype=np.int8), (rows[kept], columns[kept])),
            shape=(order, order),
        )
        pattern = (pattern + link).astype(np.bool_).astype(np.int8)
    count, labels = connected_components(pattern, directed=False)
    by_label = np.argsort(labels, kind="stable")
    pieces = np.split(by_label, np.cumsum(np.bincount(labels, minlength=count))[:-1])
    return tuple(sorted(pieces, key=lambda rows: int(rows[0])))


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
    # All generators of one size: what is weak only because of its units must not look like noise.
    bonds = [h / unit for h, unit in zip(bonds, units, strict=True)]
    first, second = (random_element(bonds, rng, twisted) for _ in range(2))
    if len(components) > 1:
        ordered = np.concatenate(components)
        # Rows of one component next to each other: a component is then a slice.
        first, second, *bonds = [h[ordered][:, ordered] for h in (first, second, *bonds)]
    kinds: dict[tuple[int, int], list[_Kind]] = {}
    gap = np.inf
    deviation = 0.0
    start = 0
    for rows in components:
        part = slice(start, start + len(rows))
        start += len(rows)
        if len(rows) > LONG:
            progress(f"component of {len(rows)} of {order} states: diagonalising a random element")
        pieces, smallest = search_component(
            _block(first, part), _block(second, part), [_block(h, part) for h in bonds]
        )
        gap = min(gap, smallest)
        for piece in pieces:
            deviation = max(deviation, _place(piece, rows, kinds))
    found = [kind for same in kinds.values() for kind in same]
    total = sum(kind.blocks.shape[1] * kind.multiplicity for kind in found)
    if total != order:
        raise DecompositionError(
            f"the sectors have total dimension {total} instead of {order}; this is a programming error, please report it with the generators"
        )
    if not deviation <= TOLERANCE:
        raise DecompositionError(
            f"generators deviate from block form by {deviation:.2e} of their norm (allowed {TOLERANCE:.0e}): the random element had an accidental degeneracy, or the generators are "
            "Hermitian only approximately; check them, then call decompose again with another random stream"
        )
    if max(kind.blocks.shape[1] for kind in found) > LONG:
        progress(f"checking {len(found)} sectors with a second random element")
    fresh_check([kind.blocks for kind in found], rng, twisted)
    found.sort(
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
        for kind in found
    )
    return Decomposition(
        sectors, tuple(sorted((len(rows) for rows in components), reverse=True)), gap, deviation
    )


def _block(matrix: Operator, part: slice) -> Operator:
    """Return the diagonal block of a matrix on a component: an array if it is small or `matrix` is one, else CSR.

    Written out, because scipy's slicing takes a tenth of a millisecond, and there can be thousands of components of one state.
    """
    if not sp.issparse(matrix):
        return matrix[part, part]
    size = part.stop - part.start
    inside = slice(matrix.indptr[part.start], matrix.indptr[part.stop])
    rows = np.repeat(np.arange(size), np.diff(matrix.indptr[part.start : part.stop + 1]))
    columns, data = matrix.indices[inside] - part.start, matrix.data[inside]
    # What couples components is rounding error.
    kept = (columns >= 0) & (columns < size)
    if size > 64:
        return sp.csr_array((data[kept], (rows[kept], columns[kept])), shape=(size, size))
    block = np.zeros((size, size), dtype=matrix.dtype)
    block[rows[kept], columns[kept]] = data[kept]
    return block


class _Kind:
    """A sector under construction: its first piece, and those that turned out to be copies of it."""

    def __init__(self, piece: Piece, rows: NDArray[np.intp]) -> None:
        self.spectrum = piece.spectrum
        self.blocks = piece.blocks
        self.second = piece.second
        self.tree = piece.tree
        self.pieces = [(rows, piece.vectors)]

    @property
    def multiplicity(self) -> int:
        return sum(vectors.shape[2] for _, vectors in self.pieces)


def _place(
    piece: Piece, rows: NDArray[np.intp], kinds: dict[tuple[int, int], list[_Kind]]
) -> float:
    """Add a piece to the sector of which it is a copy, or start one; return its deviation from that sector's blocks."""
    # Equal spectra have equal means, so that copies lie in one bucket of means or in neighbouring ones.
    dimension, bucket = len(piece.spectrum), round(float(piece.spectrum.mean()) / 1e-6)
    for kind in (
        kind
        for near in (bucket - 1, bucket, bucket + 1)
        for kind in kinds.get((dimension, near), ())
    ):
        apart = float(np.abs(kind.spectrum - piece.spectrum).max())
        if apart >= AMBIGUOUS[1]:
            continue
        if apart > AMBIGUOUS[0]:
            raise AmbiguousGapError(
                f"two Krylov spaces of dimension {len(piece.spectrum)}, one with the basis state {rows[0]} and one with {kind.pieces[0][0][0]}, differ by {apart:.2e} only: whether "
                "they are copies cannot be decided in double precision. Call decompose again with another random stream; if this repeats, drop terms of that size from the "
                "generators, or rescale them to similar norms"
            )
        turned, vectors = _turned(piece, kind)
        distance = float(np.abs(turned - kind.blocks).max())
        # Equal spectra with other blocks start a sector of their own, which the second random element then has to tell apart.
        if distance <= TOLERANCE:
            kind.pieces.append((rows, vectors))
            return max(distance, piece.deviation)
    kinds.setdefault((dimension, bucket), []).append(_Kind(piece, rows))
    return piece.deviation


def _turned(piece: Piece, kind: _Kind) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return blocks and vectors of a piece in the basis of a sector of which it may be a copy.

    Phases first; then, to first order, the mixing of close eigenvectors by rounding, which in two components is not the same: with ``V = U (1 + K)`` the blocks of the second
    element differ by its commutator with ``K``.
    """
    phases = kind.tree.phases(piece.second)
    blocks = phases.conj()[:, None] * piece.blocks * phases
    vectors = piece.vectors * phases[None, :, None]
    for a, b in close_pairs(kind.spectrum):
        difference = phases[a].conj() * piece.second[a, b] * phases[b] - kind.second[a, b]
        apart = kind.second[a, a] - kind.second[b, b]
        # A larger difference is none of rounding: then this is no copy.
        if abs(apart) > DETERMINED and abs(difference) < 1e-6:
            mixing = difference / apart
            rotation = np.array([[1, -mixing], [np.conj(mixing), 1]])
            vectors[:, [a, b]] = np.einsum("dip,ij->djp", vectors[:, [a, b]], rotation)
            blocks[:, :, [a, b]] = blocks[:, :, [a, b]] @ rotation
            blocks[:, [a, b]] = rotation.conj().T @ blocks[:, [a, b]]
    return blocks, vectors


def commutant_null_space_dimension(generators: Sequence[Operator], tolerance: float = 1e-9) -> int:
    r"""Return the dimension of the commutant as that of the null space of :math:`\sum_j \mathrm{ad}_{h_j}^\dagger \mathrm{ad}_{h_j}`.

    Independent of `decompose`, with a dense matrix of order ``D^2``: a check for ``D <= 81``. `tolerance` is relative to the largest eigenvalue.
    """
    bonds, _ = _checked(generators)
    order = bonds[0].shape[0]
    if order > 81:
        raise ValueError(
            f"the null space of a commutator map on {order} x {order} matrices needs {order**4 * 8 / 2**30:.1f} GiB; use decompose(...).commutant_dimension"
        )
    one = np.eye(order)
    total: NDArray[Any] = np.zeros((order**2, order**2))
    for h in bonds:
        matrix = dense(h)
        adjoint = np.kron(matrix, one) - np.kron(one, matrix.T)
        total = total + adjoint @ adjoint
    values = np.linalg.eigvalsh(total)
    return int(np.count_nonzero(values <= tolerance * max(1e-300, float(values[-1]))))


def _norm_bound(matrix: Operator) -> float:
    """Return the largest row sum of moduli, a bound of the norm of a Hermitian matrix."""
    return float(abs(matrix).sum(axis=1).max())


def _checked(generators: Sequence[Operator]) -> tuple[list[Operator], list[float]]:
    """Return the generators as CSR, or as arrays if dense, of a common data type, and bounds of their norms."""
    if not len(generators):
        raise ValueError(
            "no generators were given: the bond algebra is empty; pass the local terms of the Hamiltonian"
        )
    shapes = [np.shape(h) for h in generators]
    for j, shape in enumerate(shapes):
        if len(shape) != 2 or shape[0] != shape[1] or shape != shapes[0] or not shape[0]:
            raise ValueError(
                f"generator {j} has shape {shape}, expected a square matrix{f' of shape {shapes[0]} like generator 0' if j else ''}; "
                "every generator acts on the whole space: multiply local terms with the identity on the other sites"
            )
    order = shapes[0][0]
    # Zero imaginary parts, as Pauli matrices leave them, would double the memory and take four times the time.
    kind = (
        np.complex128
        if any(np.iscomplexobj(h) and abs(h.imag).max() > 0 for h in generators)
        else np.float64
    )
    bonds: list[Operator] = []
    sizes = []
    for j, h in enumerate(generators):
        real = h if kind is np.complex128 or not np.iscomplexobj(h) else h.real
        matrix = real if sp.issparse(real) else np.asarray(real, dtype=kind)
        if sp.issparse(real) or np.count_nonzero(matrix) < order**2 / 8:
            matrix = sp.csr_array(matrix, dtype=kind)
        size = _norm_bound(matrix)
        if not np.isfinite(size):
            raise ValueError(f"generator {j} has entries that are not finite")
        skew = float(abs(matrix - matrix.conj().T).max())
        if skew > 1e-12 * max(size, 1e-300):
            raise ValueError(
                f"generator {j} is not Hermitian (h - h^dagger has an entry of {skew:.2e}): split it as h + h^dagger and i(h - h^dagger) and pass both. This is another algebra if h is not "
                "normal: a Temperley-Lieb generator with |d| < 2 on qubits is of this kind, and at roots of unity its own algebra has no sectors of the form meant here"
            )
        bonds.append(matrix)
        sizes.append(size)
    return bonds, sizes
