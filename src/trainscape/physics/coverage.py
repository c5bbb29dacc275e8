r"""Check whether a training set reaches every Krylov state of a bond algebra.

A network whose Hamiltonian and gates lie in the algebra acts in the same way on all copies of a
Krylov space. One copy of each state :math:`|\lambda, q\rangle` is therefore enough to train on, and
it is also needed: training does not constrain what the network does to a direction along which no
training state has a component. In
:math:`\bigoplus_\lambda \mathbb{C}^{N_\lambda} \otimes \mathbb{C}^{N'_\lambda}` the directions that
states :math:`\psi_i` reach in sector :math:`\lambda` are the range of

.. math:: \rho_\lambda = \sum_i \mathrm{Tr}_{N'_\lambda} |\psi_i\rangle\langle\psi_i| ,

so that the training set is complete iff :math:`\mathrm{rank}\,\rho_\lambda = N_\lambda` for all
:math:`\lambda`, in whatever basis the states are given.

Missing sectors show in two sums: :math:`\sum_\lambda N_\lambda N'_\lambda` must be the dimension of
the space, and :math:`\sum_\lambda N'^2_\lambda` that of the commutant. `count_gap` compares them.

Source of the reduced training set: arXiv:2512.00751, Theorem 1. The rank criterion is derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.bond_algebra import Decomposition

__all__ = ["CountGap", "Coverage", "SectorCoverage", "count_gap", "coverage", "coverage_of_labels"]

TOLERANCE = 1e-9
"""Squared amplitude of normalised states below which a direction counts as not reached."""


@dataclass(frozen=True)
class SectorCoverage:
    """The part of one sector that a training set reaches.

    Parameters
    ----------
    position
        Position of the sector, its label.
    dimension, multiplicity
        ``N_lambda`` and ``N'_lambda``.
    rank
        Number of directions of the Krylov space that the training states reach.
    missing
        Basis states ``q`` that are orthogonal to all training states.
    """

    position: int
    dimension: int
    multiplicity: int
    rank: int
    missing: tuple[int, ...]

    @property
    def message(self) -> str | None:
        """The problem with the sector and its remedy, or None if it is covered."""
        if self.rank == self.dimension:
            return None
        title = (
            f"sector {self.position} (Krylov dimension {self.dimension}, "
            f"{self.multiplicity} copies)"
        )
        if self.rank == 0:
            return (
                f"{title} has no training state: its label is not learned at all, and its states "
                f"will be answered as by chance; add one copy of each of its {self.dimension} "
                "Krylov states"
            )
        if self.missing:
            return (
                f"{title} is trained on {self.rank} of {self.dimension} directions: no training "
                f"state has weight on q = {', '.join(map(str, self.missing))}, "
                "and the loss of the trained states bounds nothing there; add one copy of each"
            )
        return (
            f"{title} is trained on {self.rank} of {self.dimension} directions: every basis state "
            "q has some weight, but the training states are linearly dependent in the "
            f"Krylov space; add {self.dimension - self.rank} independent state(s)"
        )


@dataclass(frozen=True)
class Coverage:
    """The parts of all sectors that a training set reaches."""

    sectors: tuple[SectorCoverage, ...]

    @property
    def complete(self) -> bool:
        """Whether every direction of every Krylov space is reached."""
        return all(sector.rank == sector.dimension for sector in self.sectors)

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """Labels ``(lambda, q)`` whose basis states are orthogonal to all training states."""
        return tuple((sector.position, q) for sector in self.sectors for q in sector.missing)

    @property
    def messages(self) -> tuple[str, ...]:
        """One message for each sector that is not covered."""
        return tuple(message for sector in self.sectors if (message := sector.message) is not None)


@dataclass(frozen=True)
class CountGap:
    """The dimensions that the known sectors do not account for.

    Parameters
    ----------
    dimension
        Dimension of the space that lies in no known sector.
    commutant
        Dimension of the commutant that the known sectors do not explain.
    candidate
        ``(N, N')`` of the one sector that would explain both, or None.
    """

    dimension: int
    commutant: int
    candidate: tuple[int, int] | None

    @property
    def complete(self) -> bool:
        """Whether both sums agree."""
        return self.dimension == 0 and self.commutant == 0

    @property
    def message(self) -> str | None:
        """Description of the missing sectors, or None."""
        if self.complete:
            return None
        gap = (
            f"the known sectors leave {self.dimension} dimensions of the space and "
            f"{self.commutant} of the commutant unexplained"
        )
        if self.candidate is None:
            return f"{gap}: at least two sectors are missing"
        n, copies = self.candidate
        return (
            f"{gap}: one missing sector with Krylov dimension {n} and {copies} copies explains both"
        )


def coverage(decomposition: Decomposition, states: NDArray[Any]) -> Coverage:
    """Return which directions of the Krylov spaces the states of a training set reach.

    Parameters
    ----------
    decomposition
        All sectors of the bond algebra, with their bases.
    states
        Training states as columns, shape ``(D, M)``; they need be neither basis states nor
        orthogonal.

    Raises
    ------
    ValueError
        If the shape does not fit, or states are not normalised.
    """
    order = decomposition.sectors[0].basis.shape[0]
    states = np.asarray(states)
    if states.ndim != 2 or len(states) != order:
        raise ValueError(
            f"training states are the columns of a matrix with {order} rows, and this one has the "
            f"shape {states.shape}"
        )
    norms = np.linalg.norm(states, axis=0)
    if not np.all(np.abs(norms - 1) <= 1e-8):
        raise ValueError(
            f"training state {int(np.argmax(np.abs(norms - 1)))} is not normalised; divide it by "
            "its norm"
        )
    sectors = []
    for position, sector in enumerate(decomposition.sectors):
        amplitudes = np.tensordot(sector.basis.conj(), states, axes=(0, 0)).reshape(
            sector.dimension, -1
        )
        values = np.linalg.svd(amplitudes, compute_uv=False) ** 2
        weights = np.sum(np.abs(amplitudes) ** 2, axis=1)
        missing = tuple(np.flatnonzero(weights <= TOLERANCE).tolist())
        sectors.append(
            SectorCoverage(
                position,
                sector.dimension,
                sector.multiplicity,
                int(np.sum(values > TOLERANCE)),
                missing,
            )
        )
    return Coverage(tuple(sectors))


def coverage_of_labels(
    sectors: Sequence[tuple[int, int]], labels: Iterable[tuple[int, int]]
) -> Coverage:
    """Return the coverage of a training set of Schur basis states, given by their labels.

    Parameters
    ----------
    sectors
        ``(N_lambda, N'_lambda)`` of all sectors.
    labels
        ``(lambda, q)`` of the training states; the copy does not matter.

    Raises
    ------
    ValueError
        If a label does not exist.
    """
    present: list[set[int]] = [set() for _ in sectors]
    for position, q in labels:
        if not 0 <= position < len(sectors) or not 0 <= q < sectors[position][0]:
            raise ValueError(
                f"there is no Krylov state (lambda, q) = ({position}, {q}) in sectors with (N, N') "
                f"= {list(sectors)}"
            )
        present[position].add(q)
    return Coverage(
        tuple(
            SectorCoverage(
                position, n, copies, len(seen), tuple(q for q in range(n) if q not in seen)
            )
            for position, ((n, copies), seen) in enumerate(zip(sectors, present, strict=True))
        )
    )


def count_gap(
    sectors: Sequence[tuple[int, int]], space_dimension: int, commutant_dimension: int
) -> CountGap:
    """Compare sums over the known sectors with the dimensions of the space and the commutant.

    Parameters
    ----------
    sectors
        ``(N_lambda, N'_lambda)`` of the known sectors.
    space_dimension, commutant_dimension
        Dimensions of the full space (``d**L``) and of the commutant, exact.

    Raises
    ------
    ValueError
        If the known sectors are more than there can be.
    """
    dimension = space_dimension - sum(n * copies for n, copies in sectors)
    commutant = commutant_dimension - sum(copies**2 for _, copies in sectors)
    if dimension < 0 or commutant < 0 or (dimension == 0) != (commutant == 0):
        raise ValueError(
            f"sectors with (N, N') = {list(sectors)} do not fit into a space of dimension "
            f"{space_dimension} with a commutant of dimension {commutant_dimension} "
            f"(left over: {dimension} and {commutant}); check the decomposition, and that each "
            "sector is given once"
        )
    candidate = None
    if commutant:
        copies = isqrt(commutant)
        if copies**2 == commutant and dimension % copies == 0:
            candidate = (dimension // copies, copies)
    return CountGap(dimension, commutant, candidate)
