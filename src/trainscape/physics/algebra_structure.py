r"""Split the Lie algebra of Hermitian matrices into its centre and simple ideals, and name them.

A random element x of the algebra has a Cartan subalgebra as its centraliser, and the eigenvectors
:math:`E` of :math:`\operatorname{ad}_x` outside of it are one for each root. With the form
:math:`\operatorname{tr}(AB)`, which brackets leave invariant, the root is the vector
:math:`[E, E^\dagger]` of the Cartan subalgebra for an E of norm 1. Roots of different ideals are
orthogonal, and those of one ideal are joined by chains of roots that are not: the ideals are the
connected components. The numbers of roots, of dimensions that they span, and of long and short
roots are whole numbers that determine the Cartan type.

The basis is found in floating point (`lie_algebra.lie_basis`), for algebras of some hundred
dimensions. For generators given as Pauli sums its dimension, and that of the centre, are held
against the exact ones (`sum_lie_algebra`). The commutant is counted modulo primes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components

from trainscape.physics.algebra_names import SimpleAlgebra
from trainscape.physics.lie_algebra import LieAlgebraError, lie_basis
from trainscape.physics.pauli import PauliSum
from trainscape.physics.sum_lie_algebra import sum_lie_dimensions

__all__ = ["Ideal", "LieStructure", "lie_structure", "sum_lie_structure"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

NOISE, CLEAR = 1e-9, 1e-6
"""Bounds, in units of the largest, of what counts as zero and as not zero."""


@dataclass(frozen=True)
class Ideal:
    """A simple ideal.

    Parameters
    ----------
    algebra
        Its name.
    basis
        Hermitian matrices, orthonormal in ``tr(A B)``, shape ``(dimension, N, N)``.
    """

    algebra: SimpleAlgebra
    basis: Complex

    def squared_norm(self, matrix: ArrayLike) -> float:
        """Return the squared Hilbert-Schmidt norm of the projection of a Hermitian matrix."""
        flat = self.basis.reshape(len(self.basis), -1)
        overlaps = (flat.conj() @ np.asarray(matrix, dtype=np.complex128).ravel()).real
        return float(overlaps @ overlaps)


@dataclass(frozen=True)
class LieStructure:
    """A Lie algebra of Hermitian matrices as a sum of ideals.

    Parameters
    ----------
    ideals
        The simple ideals, in order of name.
    centre
        Basis of the centre, orthonormal in ``tr(A B)``, shape ``(c, N, N)``.
    """

    ideals: tuple[Ideal, ...]
    centre: Complex

    @property
    def dimension(self) -> int:
        """Dimension of the algebra."""
        return len(self.centre) + sum(ideal.algebra.dimension for ideal in self.ideals)

    def __str__(self) -> str:
        parts = [str(ideal.algebra) for ideal in self.ideals] + ["u(1)"] * len(self.centre)
        return " + ".join(parts) if parts else "0"


def sum_lie_structure(
    generators: Sequence[PauliSum],
    rng: np.random.Generator,
    permutations: Sequence[Sequence[int]] = (),
) -> LieStructure:
    """Return the structure of the Lie algebra of Pauli sums, with its dimensions checked.

    Parameters
    ----------
    generators
        Pauli sums on one number of qubits, at most about seven.
    rng
        Random stream. Names and dimensions do not depend on it.
    permutations
        See `sum_lie_algebra.sum_lie_dimensions`.

    Raises
    ------
    LieAlgebraError
        If floating point has not found what modular elimination has, or cannot tell zero from
        small.
    """
    exact = sum_lie_dimensions(generators, permutations)
    structure = lie_structure([generator.matrix() for generator in generators], rng)
    if (structure.dimension, len(structure.centre)) != (exact.total, exact.centre):
        raise LieAlgebraError(
            f"floating point found {structure.dimension} dimensions with a centre of "
            f"{len(structure.centre)}, and exact elimination {exact.total} with {exact.centre}; "
            "call again with another random stream"
        )
    return structure


def lie_structure(generators: Sequence[ArrayLike], rng: np.random.Generator) -> LieStructure:
    """Return the structure of the Lie algebra of Hermitian matrices.

    Parameters
    ----------
    generators
        Hermitian matrices of one order N.
    rng
        Random stream. Names and dimensions do not depend on it.

    Raises
    ------
    LieAlgebraError
        If floating point cannot tell zero from small.
    """
    matrices = [np.asarray(generator, dtype=np.complex128) for generator in generators]
    basis = lie_basis(matrices, rng)
    flat = basis.reshape(len(basis), matrices[0].size)
    element = np.tensordot(rng.standard_normal(len(basis)), basis, axes=1)
    brackets = 1j * (element @ basis - basis @ element)
    adjoint = (flat.conj() @ brackets.reshape(flat.shape).T).real
    values, vectors = np.linalg.eigh(1j * (adjoint - adjoint.T) / 2)
    scale = np.abs(values).max(initial=0.0)
    if np.any((np.abs(values) > NOISE * scale) & (np.abs(values) < CLEAR * scale)):
        raise LieAlgebraError(
            "a root of the Lie algebra is nearly zero on the random element; call again with "
            "another random stream"
        )
    positive = vectors[:, values > CLEAR * scale].T if scale > 0 else vectors[:, :0].T
    steps = np.tensordot(positive, basis, axes=1)
    # In coordinates of the basis: roots are elements of the Cartan subalgebra.
    adjoints = steps.conj().swapaxes(1, 2)
    duals = (steps @ adjoints - adjoints @ steps).reshape(len(steps), flat.shape[1])
    roots = (duals @ flat.conj().T).real
    products = roots @ roots.T
    linked = np.abs(products) > CLEAR * np.abs(products).max(initial=0.0)
    count, labels = connected_components(linked, directed=False)
    ideals = []
    inside = np.zeros((0, len(basis)))
    for number in range(count):
        chosen = labels == number
        cartan = _row_space(roots[chosen], np.abs(roots[chosen]).max())
        algebra = _named(roots[chosen], len(cartan))
        pairs = positive[chosen] * np.sqrt(2)
        coordinates = np.concatenate([pairs.real, pairs.imag, cartan])
        ideals.append(Ideal(algebra, np.tensordot(coordinates, basis, axes=1)))
        inside = np.concatenate([inside, coordinates])
    # What is orthogonal to all commutators: a projector, of singular values 0 and 1.
    outside = np.eye(len(basis)) - inside.T @ inside
    centre = np.tensordot(_row_space(outside, 1.0), basis, axes=1)
    return LieStructure(tuple(sorted(ideals, key=lambda ideal: ideal.algebra)), centre)


def _row_space(rows: Real, scale: float) -> Real:
    """Return orthonormal rows that span the same space, up to singular values far below `scale`."""
    _, values, directions = np.linalg.svd(rows)
    return np.asarray(directions[: int(np.sum(values > CLEAR * scale))])


def _named(roots: Real, rank: int) -> SimpleAlgebra:
    """Return the simple algebra with these positive roots."""
    lengths = np.sum(roots**2, axis=1)
    count = 2 * len(roots)
    ratio = round(float(lengths.max() / lengths.min()))
    long = 2 * int(np.sum(lengths > lengths.max() * 0.75))
    if ratio == 1:
        for family, number in (("A", rank * (rank + 1)), ("D", 2 * rank * (rank - 1))):
            if count == number and (family == "A" or rank > 3):
                return SimpleAlgebra(family, rank)
        if count == {6: 72, 7: 126, 8: 240}.get(rank):
            return SimpleAlgebra("E", rank)
    if ratio == 2 and count == 2 * rank**2:
        # B and C are told apart by which roots are few; they agree at rank 2.
        return SimpleAlgebra("C" if rank == 2 or long == 2 * rank else "B", rank)
    if ratio == 2 and (rank, count) == (4, 48):
        return SimpleAlgebra("F", 4)
    if ratio == 3 and (rank, count) == (2, 12):
        return SimpleAlgebra("G", 2)
    raise LieAlgebraError(
        f"{count} roots that span {rank} dimensions, with squared lengths in the ratio "
        f"{lengths.max() / lengths.min():.3g}, are no root system of a simple algebra; call again "
        "with another random stream"
    )
