r"""States of a space that a bond algebra splits into sectors, with the labels that they carry.

Sector :math:`\lambda` has orthonormal basis states :math:`|\lambda, q, p\rangle` with :math:`q` in
its Krylov space and :math:`p` counting its copies. An operator of the algebra acts on :math:`q`
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.bond_algebra import Decomposition, Sector

__all__ = [
    "LabelledStates",
    "basis_states",
    "copy_superpositions",
    "decomposition",
    "join",
    "krylov_superpositions",
    "unit_vectors",
]

Complex = NDArray[np.complex128]
Bases = Sequence[NDArray[Any]]
"""For each sector the basis, shape (D, N, N'): ``basis[:, q, p]`` is state ``q`` of copy ``p``."""


@dataclass(frozen=True)
class LabelledStates:
    """States with their labels.

    Parameters
    ----------
    vectors
        Columns, shape (D, M).
    sector, krylov
        Labels ``lambda`` and ``q`` of each, shape (M,); ``q`` is -1 for superpositions over it.
    """

    vectors: NDArray[Any]
    sector: NDArray[np.int64]
    krylov: NDArray[np.int64]


def unit_vectors(rng: np.random.Generator, shape: tuple[int, ...]) -> Complex:
    """Return complex vectors along the last axis, uniform on the unit sphere."""
    vectors = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def join(parts: Sequence[LabelledStates]) -> LabelledStates:
    """Return several lists of states as one."""
    return LabelledStates(
        np.concatenate([part.vectors for part in parts], axis=1),
        np.concatenate([part.sector for part in parts]),
        np.concatenate([part.krylov for part in parts]),
    )


def _labelled(vectors: NDArray[Any], sector: int, krylov: int) -> LabelledStates:
    count = vectors.shape[1]
    return LabelledStates(vectors, np.full(count, sector), np.full(count, krylov))


def basis_states(
    bases: Bases, labels: Sequence[tuple[int, int]], copies: int | None = None
) -> LabelledStates:
    """Return the basis states of labels ``(lambda, q)``.

    Parameters
    ----------
    bases
        Bases of the sectors.
    labels
        The labels.
    copies
        Number of copies, spread from the first to the last; None for all.
    """
    parts = []
    for sector, krylov in labels:
        vectors = bases[sector][:, krylov, :]
        if copies is not None:
            chosen = np.unique(np.linspace(0, vectors.shape[1] - 1, copies).astype(int))
            vectors = vectors[:, chosen]
        parts.append(_labelled(vectors, sector, krylov))
    return join(parts)


def copy_superpositions(
    bases: Bases, labels: Sequence[tuple[int, int]], count: int, rng: np.random.Generator
) -> LabelledStates:
    """Return for each label `count` random superpositions of its copies."""
    parts = []
    for sector, krylov in labels:
        weights = unit_vectors(rng, (count, bases[sector].shape[2]))
        parts.append(_labelled(bases[sector][:, krylov, :] @ weights.T, sector, krylov))
    return join(parts)


def krylov_superpositions(bases: Bases, count: int, rng: np.random.Generator) -> LabelledStates:
    """Return for each sector `count` random superpositions of the states of a random copy."""
    parts = []
    for sector, basis in enumerate(bases):
        weights = unit_vectors(rng, (count, basis.shape[1]))
        vectors = [basis[:, :, int(rng.integers(basis.shape[2]))] @ row for row in weights]
        parts.append(_labelled(np.stack(vectors, axis=1), sector, -1))
    return join(parts)


def decomposition(bases: Bases, generators: Sequence[NDArray[Any]]) -> Decomposition:
    """Return the decomposition that stored bases stand for, as one component without deviations.

    Parameters
    ----------
    bases
        Bases of the sectors.
    generators
        For each sector the generators restricted to it, shape (m, N, N).
    """
    order = len(bases[0])
    sectors = tuple(
        Sector(basis.shape[1], basis.shape[2], block, order, ((np.arange(order), basis),))
        for basis, block in zip(bases, generators, strict=True)
    )
    return Decomposition(sectors, (order,), 0.0, 0.0)
