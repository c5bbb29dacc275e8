r"""Sectors of a bond algebra, found numerically from its generators alone.

Hermitian generators :math:`h_1 \dots h_m` generate an associative algebra ``A`` (with the identity), under which the space splits as
:math:`\bigoplus_\lambda \mathbb{C}^{N_\lambda} \otimes \mathbb{C}^{N'_\lambda}`; every generator is :math:`\bigoplus_\lambda M_\lambda \otimes 1`. Method:

1. A random Hermitian element ``X`` of ``A``, of words up to length three (linear elements alone can have accidental degeneracies from chiral or particle-hole
   symmetry), has :math:`N_\lambda` distinct eigenvalues in sector :math:`\lambda`, each with multiplicity :math:`N'_\lambda`.
2. Eigenspaces ``a, b`` of ``X`` belong to one sector iff a path of nonzero blocks :math:`P_a Y P_b` of a second random element ``Y`` joins them.
3. Such a block is a multiple of a unitary, which carries the basis of one eigenspace over to the next: the copies of a Krylov space are aligned.
4. Nothing is believed unchecked: one multiplicity per component, dimensions that sum up, every generator equal to :math:`M_\lambda \otimes 1` in the basis found, and,
   with fresh random elements (a second seed), irreducible and pairwise inequivalent blocks. Together these prove the decomposition up to the tolerances.

Sources: Moudgalya and Motrunich, arXiv:2302.03028 (random elements, null space of the sum of squared adjoint actions); Maehara and Murota, Japan J. Indust. Appl. Math. 27,
263 (2010) (error-controlled block diagonalisation of matrix *-algebras). The proof by a second element inside the blocks is derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, connected_components

__all__ = ["AmbiguousGapError", "Decomposition", "DecompositionError", "Sector", "commutant_null_space_dimension", "decompose"]

Operator = Any
"""A Hermitian matrix, dense or scipy.sparse."""

CUT = 1e-10
"""Eigenvalues of a random element (of norm about 1) closer than this are degenerate."""
AMBIGUOUS = (1e-12, 3e-9)
"""Gaps in this interval are neither clearly noise (about 3e-15) nor clearly real (above 1e-6 in all models tested): refuse to decide."""
TOLERANCE = 1e-9
"""Largest accepted deviation of a generator from its block form, relative to its norm."""


class DecompositionError(RuntimeError):
    """A decomposition failed one of its acceptance tests."""


class AmbiguousGapError(DecompositionError):
    """A gap of a random element is too small to be called real and too large to be called noise."""


@dataclass(frozen=True)
class Sector:
    """One sector.

    Parameters
    ----------
    dimension, multiplicity
        ``N_lambda`` (Krylov dimension) and ``N'_lambda`` (number of copies).
    basis
        Orthonormal basis with aligned copies, shape ``(D, N, N')``: ``basis[:, q, p]`` is state ``q`` of copy ``p``.
    generators
        Blocks ``M_lambda`` of the generators, shape ``(m, N, N)``: ``h_j basis[:, :, p] = basis[:, :, p] M_j`` for every ``p``.
    """

    dimension: int
    multiplicity: int
    basis: NDArray[Any]
    generators: NDArray[Any]


@dataclass(frozen=True)
class Decomposition:
    r"""All sectors of a bond algebra, in ascending order of (multiplicity, dimension), then of their generators' traces.

    Parameters
    ----------
    sectors
        The sectors.
    gap
        Smallest gap between eigenvalues of the random element that were called different; its norm is about 1.
    deviation
        Largest deviation of a generator from :math:`M_\lambda \otimes 1`, relative to the largest norm of a generator.
    """

    sectors: tuple[Sector, ...]
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


def decompose(generators: Sequence[Operator], rng: np.random.Generator, *, attempts: int = 3) -> Decomposition:
    """Split the space into the sectors of the algebra that `generators` and the identity generate.

    Parameters
    ----------
    generators
        Hermitian matrices of one order ``D``, dense or scipy.sparse, real or complex. Sparse ones are multiplied as such. Their scale does not matter.
    rng
        Random stream of the random elements. Dimensions and block structure do not depend on it; the basis inside a Krylov space does.
    attempts
        How many random elements are tried before an accidental degeneracy is reported.

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
    One dense diagonalisation of order ``D`` and three dense products; memory about ``6 D^2`` numbers. Seconds at ``D = 729``, minutes at 4096.
    """
    bonds, sizes = _checked(generators)
    for attempt in range(attempts):
        try:
            return _attempt(bonds, sizes, rng)
        except DecompositionError:
            # An unlucky random element shows in the acceptance tests; a real obstacle shows every time.
            if attempt == attempts - 1:
                raise
    raise ValueError(f"attempts={attempts} must be at least 1")


def _attempt(bonds: Sequence[Operator], sizes: Sequence[float], rng: np.random.Generator) -> Decomposition:
    """Decompose with one pair of random elements, and check the result with another."""
    order = bonds[0].shape[0]
    scaled = [h / size for h, size in zip(bonds, sizes, strict=True) if size > 0]
    if scaled:
        values, vectors = np.linalg.eigh(_dense(_random_element(scaled, rng)))
        second = _random_element(scaled, rng)
        image = second @ vectors
        mixed = vectors.conj().T @ image
    else:
        values, vectors, mixed = np.zeros(order), np.eye(order), np.zeros((order, order))
    starts, gap = _groups(values, "a random element of the algebra")
    multiplicities = np.diff(np.append(starts, order))
    norms = np.sqrt(np.add.reduceat(np.add.reduceat(np.abs(mixed) ** 2, starts, axis=0), starts, axis=1))
    norms /= np.sqrt(np.outer(multiplicities, multiplicities)) ** 0.5
    labels = _components(norms, gap)

    sectors = []
    scale = max(sizes, default=1.0) or 1.0
    deviation = 0.0
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        if len(set(multiplicities[members].tolist())) > 1:
            raise DecompositionError(
                f"one sector got eigenspaces of different dimensions {sorted(set(multiplicities[members].tolist()))}: two sectors share an eigenvalue of the random element "
                "by accident; call decompose again with another random stream"
            )
        basis = _aligned_basis(vectors, mixed, norms, starts, members, int(multiplicities[members[0]]))
        blocks, error = _restrict(bonds, basis)
        deviation = max(deviation, error / scale)
        sectors.append(Sector(basis.shape[1], basis.shape[2], basis, blocks))
    total = sum(sector.dimension * sector.multiplicity for sector in sectors)
    if total != order:
        raise DecompositionError(
            f"the sectors have total dimension {total} instead of {order}; this is a programming error, please report it with the generators"
        )
    if not deviation <= TOLERANCE:
        raise DecompositionError(
            f"generators deviate from block form by {deviation:.2e} of their norm (allowed {TOLERANCE:.0e}): the random element had an accidental degeneracy, or the generators are "
            "Hermitian only approximately; check them, then call decompose again with another random stream"
        )
    if scaled:
        _check_irreducible([[h / scale for h in sector.generators] for sector in sectors], rng)
    sectors.sort(key=lambda s: (s.multiplicity, s.dimension, *(round(float(np.trace(h).real) / scale, 7) + 0.0 for h in s.generators)))
    return Decomposition(tuple(sectors), gap, deviation)


def commutant_null_space_dimension(generators: Sequence[Operator], tolerance: float = 1e-9) -> int:
    r"""Return the dimension of the commutant as that of the null space of :math:`\sum_j \mathrm{ad}_{h_j}^\dagger \mathrm{ad}_{h_j}`.

    Independent of `decompose`, with a dense matrix of order ``D^2``: a check for ``D <= 64``. `tolerance` is relative to the largest eigenvalue.
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
        dense = _dense(h)
        adjoint = np.kron(dense, one) - np.kron(one, dense.T)
        total = total + adjoint @ adjoint
    values = np.linalg.eigvalsh(total)
    return int(np.count_nonzero(values <= tolerance * max(1e-300, float(values[-1]))))


def _dense(matrix: Operator) -> NDArray[Any]:
    return np.asarray(matrix.toarray() if sp.issparse(matrix) else matrix)


def _checked(generators: Sequence[Operator]) -> tuple[list[Operator], list[float]]:
    """Return the generators as arrays or CSR, of a common data type, and their largest row sums (bounds of their norms)."""
    if not generators:
        raise ValueError("no generators were given: the bond algebra is empty; pass the local terms of the Hamiltonian")
    kind = np.complex128 if any(np.iscomplexobj(h) for h in generators) else np.float64
    bonds = [sp.csr_array(h, dtype=kind) if sp.issparse(h) else np.asarray(h, dtype=kind) for h in generators]
    order = bonds[0].shape[0]
    sizes = []
    for j, h in enumerate(bonds):
        if h.shape != (order, order):
            raise ValueError(f"generator {j} has shape {h.shape}, expected {(order, order)} like generator 0")
        size = float(abs(h).sum(axis=1).max())
        if not np.isfinite(size):
            raise ValueError(f"generator {j} has entries that are not finite")
        if float(abs(h - h.conj().T).max()) > 1e-12 * max(size, 1e-300):
            raise ValueError(f"generator {j} is not Hermitian: split it as (h + h^dagger) and i(h - h^dagger) and pass both")
        sizes.append(size)
    return bonds, sizes


def _random_element(bonds: Sequence[Operator], rng: np.random.Generator) -> Operator:
    """Return ``B_1 + 0.37 {B_1, B_2} + 0.21 (B_3 B_1 B_2 + h.c.)`` with random real combinations ``B`` and each term of unit norm bound."""

    def unit(matrix: Operator) -> Operator:
        size = float(abs(matrix).sum(axis=1).max())
        return matrix / size if size > 0 else matrix

    def combination() -> Operator:
        weights = rng.standard_normal(len(bonds))
        total = weights[0] * bonds[0]
        for weight, h in zip(weights[1:], bonds[1:], strict=True):
            total = total + weight * h
        return unit(total)

    one, two, three = combination(), combination(), combination()
    product = one @ two
    word = three @ product
    element = one + 0.37 * unit(product + product.conj().T) + 0.21 * unit(word + word.conj().T)
    return (element + element.conj().T) / 2


def _groups(values: NDArray[np.float64], where: str) -> tuple[NDArray[np.intp], float]:
    """Return the first index of every group of degenerate values (ascending), and the smallest gap between groups."""
    scale = max(1e-300, float(np.abs(values).max(initial=0.0)))
    gaps = np.diff(values) / scale
    doubtful = gaps[(gaps > AMBIGUOUS[0]) & (gaps < AMBIGUOUS[1])]
    if doubtful.size:
        raise AmbiguousGapError(
            f"{where} of order {len(values)} has {doubtful.size} relative gap(s) between {AMBIGUOUS[0]:.0e} and {AMBIGUOUS[1]:.0e} (one is {doubtful[0]:.2e}): degenerate or not "
            "cannot be decided in double precision. Call decompose again with another random stream; if this repeats, the generators break a symmetry very weakly: "
            "drop terms of that size, or rescale the generators to similar norms"
        )
    return np.concatenate([[0], np.flatnonzero(gaps > CUT) + 1]).astype(np.intp), float(gaps[gaps > CUT].min(initial=np.inf))


def _components(norms: NDArray[np.float64], gap: float) -> NDArray[np.int32]:
    """Return the component of every eigenspace; refuse if it depends on where noise is cut.

    Eigenvectors of different sectors mix by rounding errors of about (machine epsilon) / (gap of the element that was diagonalised).
    """
    scale = max(1e-300, float(norms.max(initial=0.0)))
    noise = max(1e-11, float(np.finfo(np.float64).eps) / max(gap, 1e-300))
    results = [connected_components(sp.csr_array(norms > cut * scale), directed=False) for cut in (noise, 1000 * noise)]
    if results[0][0] != results[1][0]:
        raise AmbiguousGapError(
            f"between cuts of {noise:.0e} and {1000 * noise:.0e} the number of sectors changes from {results[0][0]} to {results[1][0]}: a random element couples sectors only at "
            "noise level, or noise couples them. Call decompose again with another random stream; if this repeats, drop very weak terms from the generators"
        )
    return np.asarray(results[0][1], dtype=np.int32)


def _aligned_basis(
    vectors: NDArray[Any], mixed: NDArray[Any], norms: NDArray[np.float64], starts: NDArray[np.intp], members: NDArray[np.intp], copies: int
) -> NDArray[Any]:
    """Carry the basis of one eigenspace over to all others of its sector along strong blocks of ``mixed``; return shape (D, N, N')."""
    basis = np.empty((len(vectors), len(members), copies), dtype=vectors.dtype)
    inside = norms[np.ix_(members, members)]
    # The largest cut at which the sector still hangs together: transport only ever divides by well-determined norms.
    low, high = 0.0, float(inside.max(initial=0.0))
    for _ in range(30):
        middle = (low + high) / 2
        whole = connected_components(sp.csr_array(inside > middle), directed=False)[0] == 1
        low, high = (middle, high) if whole else (low, middle)
    order, parents = breadth_first_order(sp.csr_array(inside > low), 0, directed=False)
    frames: dict[int, NDArray[Any]] = {}
    for node in order.tolist():
        if node == 0:
            frame = np.eye(copies, dtype=vectors.dtype)
        else:
            parent = int(parents[node])
            rows, columns = starts[members[node]], starts[members[parent]]
            frame = mixed[rows : rows + copies, columns : columns + copies] @ frames[parent]
            frame = frame * (np.sqrt(copies) / np.linalg.norm(frame))
            # One Newton step towards the nearest unitary takes the rounding errors of the transport out.
            frame = frame @ (1.5 * np.eye(copies) - 0.5 * frame.conj().T @ frame)
        frames[node] = frame
        first = starts[members[node]]
        basis[:, node, :] = vectors[:, first : first + copies] @ frame
    return basis


def _restrict(bonds: Sequence[Operator], basis: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return the blocks of the generators, taken from copy 0, and the largest deviation of an image of a basis vector, over all copies."""
    order, dimension, _ = basis.shape
    blocks = np.empty((len(bonds), dimension, dimension), dtype=basis.dtype)
    flat = basis.reshape(order, -1)
    deviation = 0.0
    for j, h in enumerate(bonds):
        image = np.asarray(h @ flat).reshape(basis.shape)
        block = basis[:, :, 0].conj().T @ image[:, :, 0]
        blocks[j] = (block + block.conj().T) / 2
        expected = np.matmul(blocks[j].T, basis)
        deviation = max(deviation, float(np.sqrt((np.abs(image - expected) ** 2).sum(axis=0)).max()))
    return blocks, deviation


def _check_irreducible(sectors: Sequence[Sequence[NDArray[Any]]], rng: np.random.Generator) -> None:
    """Prove with fresh random elements that the blocks are irreducible and pairwise inequivalent.

    All sectors must be given the same element, so the words are formed from the direct sum, one sector at a time with the same weights.
    """
    seed = int(rng.integers(2**63))
    spectra, owners = [], []
    for k, blocks in enumerate(sectors):
        fresh = np.random.default_rng(seed)
        first, second = _unscaled_element(blocks, fresh), _unscaled_element(blocks, fresh)
        values, vectors = np.linalg.eigh(first)
        spectra.append(values)
        owners.append(np.full(len(values), k))
        couplings = np.abs(vectors.conj().T @ second @ vectors)
        if len(values) > 1 and _components(couplings, float(np.diff(values).min())).max() > 0:
            raise DecompositionError(
                f"a block of dimension {len(values)} is reducible under a second random element; call decompose again with another random stream"
            )
    values = np.concatenate(spectra)
    order = np.argsort(values)
    starts, _ = _groups(values[order], "a second random element in the blocks found")
    if len(starts) != len(values):
        shared = np.setdiff1d(np.arange(len(values)), starts)
        dimensions = sorted({len(sectors[int(np.concatenate(owners)[order][i])][0]) for i in shared})
        raise DecompositionError(
            f"blocks of dimensions {dimensions} share eigenvalues of a second random element: two of them are copies of one irrep that were not recognised, or are reducible; "
            "call decompose again with another random stream"
        )


def _unscaled_element(blocks: Sequence[NDArray[Any]], rng: np.random.Generator) -> NDArray[Any]:
    """Return an element of the form of `_random_element` without normalisation, so that it is the same word in every sector."""
    stack = np.asarray(blocks)
    one, two, three = (np.tensordot(rng.standard_normal(len(stack)) / np.sqrt(len(stack)), stack, axes=1) for _ in range(3))
    product = one @ two
    word = three @ product
    return np.asarray(one + 0.7 * (product + product.conj().T) + 0.4 * (word + word.conj().T))
