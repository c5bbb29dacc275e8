"""The network on the full space of the chain, as one block: nothing is known there about sectors.

States come as columns of a matrix over the chain, the ancilla starts in its first state, and a label is the number of an ancilla outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.bond_algebra import Decomposition, Sector
from trainscape.physics.temperley_lieb import full_space_generators
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.instances import load_network
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["FullSpace", "States", "join"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class States:
    """States of the chain with their labels.

    Parameters
    ----------
    vectors
        Columns, shape (d**L, M).
    sector, krylov
        Labels ``lambda`` and ``q`` of each, shape (M,); ``q`` is -1 where a state has none (superpositions).
    answer
        The ancilla outcome that is right, shape (M,).
    """

    vectors: NDArray[Any]
    sector: NDArray[np.int64]
    krylov: NDArray[np.int64]
    answer: NDArray[np.int64]


def join(parts: Sequence[States]) -> States:
    """Return several lists of states as one."""
    return States(
        np.concatenate([part.vectors for part in parts], axis=1),
        np.concatenate([part.sector for part in parts]),
        np.concatenate([part.krylov for part in parts]),
        np.concatenate([part.answer for part in parts]),
    )


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """Return complex vectors along the last axis, uniform on the unit sphere."""
    vectors = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


class FullSpace:
    """A stored instance on its full space.

    Parameters
    ----------
    instance
        Dataset of the stage of this family.
    label
        Label mode.
    site_dim, sites
        The chain.
    """

    def __init__(self, instance: xr.Dataset, label: str, site_dim: int, sites: int) -> None:
        qnn, blocks = load_network(instance)
        self.ancilla = len(qnn.ancilla_vector)
        self.label = label
        generators = full_space_generators(sites, site_dim)
        self.hamiltonian, self.gate = qnn_operators(qnn, generators)
        self.sectors: list[NDArray[Any]] = [
            instance[f"basis_{k}"].values for k in range(instance.sizes["sector"])
        ]
        restricted = [np.array(block) for block in blocks]
        order = site_dim**sites
        found = [
            Sector(basis.shape[1], basis.shape[2], block, order, ((np.arange(order), basis),))
            for basis, block in zip(self.sectors, restricted, strict=True)
        ]
        self.decomposition = Decomposition(tuple(found), (order,), 0.0, 0.0)
        self._first = np.cumsum([0, *(basis.shape[1] for basis in self.sectors)])
        one = np.eye(site_dim ** (sites - 1))
        number = np.zeros((site_dim, site_dim))
        number[0, 0] = 1.0
        self.outside: Real = np.kron(np.kron(number, one), np.eye(self.ancilla))
        self.inside: Real = np.kron(generators[-1].toarray() / site_dim, np.eye(self.ancilla))
        """Projectors of rank ``1/d`` and ``1/d**2``: on a state of the first site, which is outside the algebra, and on a singlet of the last bond, inside it."""

    @property
    def labels(self) -> list[tuple[int, int]]:
        """All ``(lambda, q)``."""
        return [(k, q) for k, basis in enumerate(self.sectors) for q in range(basis.shape[1])]

    def _answer(self, sector: int, krylov: int) -> int:
        return sector if self.label == "lambda" else int(self._first[sector]) + krylov

    def basis_states(self, labels: Sequence[tuple[int, int]], copies: int | None = None) -> States:
        """Return the Schur basis states of the labels: all copies of each, or the first and the last ones up to `copies` in number."""
        parts = []
        for sector, krylov in labels:
            vectors = self.sectors[sector][:, krylov, :]
            if copies is not None:
                chosen = np.unique(np.linspace(0, vectors.shape[1] - 1, copies).astype(int))
                vectors = vectors[:, chosen]
            parts.append(self._states(vectors, sector, krylov, self._answer(sector, krylov)))
        return join(parts)

    def copy_superpositions(
        self, labels: Sequence[tuple[int, int]], count: int, rng: np.random.Generator
    ) -> States:
        """Return for each label `count` random superpositions of its copies."""
        parts = []
        for sector, krylov in labels:
            weights = _normal(rng, (count, self.sectors[sector].shape[2]))
            parts.append(
                self._states(
                    self.sectors[sector][:, krylov, :] @ weights.T,
                    sector,
                    krylov,
                    self._answer(sector, krylov),
                )
            )
        return join(parts)

    def krylov_superpositions(self, count: int, rng: np.random.Generator) -> States:
        """Return for each sector `count` random superpositions of the Krylov states of a random copy."""
        parts = []
        for sector, basis in enumerate(self.sectors):
            weights = _normal(rng, (count, basis.shape[1]))
            vectors = [basis[:, :, int(rng.integers(basis.shape[2]))] @ row for row in weights]
            parts.append(self._states(np.stack(vectors, axis=1), sector, -1, sector))
        return join(parts)

    @staticmethod
    def _states(vectors: NDArray[Any], sector: int, krylov: int, answer: int) -> States:
        count = vectors.shape[1]
        return States(
            vectors, np.full(count, sector), np.full(count, krylov), np.full(count, answer)
        )

    def losses(
        self, states: States, theta: Real, times: Real, perturbation: Real | None = None
    ) -> Real:
        """Return the loss of every state, shape (M,), for one parameter vector, with an operator of the same shape added to the Hamiltonian if given."""
        space, count = states.vectors.shape
        inputs = np.zeros((space, self.ancilla, count), dtype=states.vectors.dtype)
        inputs[:, 0, :] = states.vectors
        outcomes = np.arange(self.ancilla)[None, :, None] == states.answer[None, None, :]
        accepted = np.broadcast_to(outcomes, (space, self.ancilla, count)).reshape(-1, count)
        hamiltonian = self.hamiltonian if perturbation is None else self.hamiltonian + perturbation
        block = SectorBlock(
            "full space", hamiltonian, self.gate, inputs.reshape(-1, count), accepted
        )
        losses: Real = Sectors(SectorProblem((block,), times)).losses_per_state(theta[None])[0]
        return losses
