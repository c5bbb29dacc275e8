"""The network on the full space of the chain, as one block: nothing is known there about sectors.

The ancilla starts in its first state, and a label is the number of an ancilla outcome.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.sector_states import LabelledStates, decomposition
from trainscape.physics.temperley_lieb import full_space_generators
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.instances import load_network
from trainscape.studies.fragmentation.network import qnn_operators

__all__ = ["FullSpace"]

Real = NDArray[np.float64]


class FullSpace:
    """A stored instance on its full space.

    Parameters
    ----------
    instance
        Dataset of an instance with the bases of its sectors.
    label
        Label mode.
    site_dim, sites
        The chain.

    Attributes
    ----------
    outside, inside
        Projectors of rank ``1/d`` and ``1/d**2`` of the space: on a state of the first site, which
        is outside the algebra, and on a singlet of the last bond, inside it.
    """

    def __init__(self, instance: xr.Dataset, label: str, site_dim: int, sites: int) -> None:
        qnn, blocks = load_network(instance)
        self.ancilla = len(qnn.ancilla_vector)
        self.label = label
        generators = full_space_generators(sites, site_dim)
        self.hamiltonian, self.gate = qnn_operators(qnn, generators)
        self.bases: list[NDArray[Any]] = [
            instance[f"basis_{k}"].values for k in range(instance.sizes["sector"])
        ]
        self.decomposition = decomposition(self.bases, [np.array(block) for block in blocks])
        self._first = np.cumsum([0, *(basis.shape[1] for basis in self.bases)])
        number = np.zeros((site_dim, site_dim))
        number[0, 0] = 1.0
        one = np.eye(site_dim ** (sites - 1))
        self.outside: Real = np.kron(np.kron(number, one), np.eye(self.ancilla))
        self.inside: Real = np.kron(generators[-1].toarray() / site_dim, np.eye(self.ancilla))

    @property
    def labels(self) -> list[tuple[int, int]]:
        """All ``(lambda, q)``."""
        return [(k, q) for k, basis in enumerate(self.bases) for q in range(basis.shape[1])]

    def losses(
        self, states: LabelledStates, theta: Real, times: Real, perturbation: Real | None = None
    ) -> Real:
        """Return the loss of every state for one parameter vector, shape (M,).

        A `perturbation` of the same shape is added to the Hamiltonian.
        """
        space, count = states.vectors.shape
        inputs = np.zeros((space, self.ancilla, count), dtype=states.vectors.dtype)
        inputs[:, 0, :] = states.vectors
        answers = states.sector
        if self.label == "lambda_q":
            answers = self._first[states.sector] + states.krylov
        outcomes = np.arange(self.ancilla)[None, :, None] == answers[None, None, :]
        accepted = np.broadcast_to(outcomes, (space, self.ancilla, count)).reshape(-1, count)
        hamiltonian = self.hamiltonian if perturbation is None else self.hamiltonian + perturbation
        block = SectorBlock(
            "full space", hamiltonian, self.gate, inputs.reshape(-1, count), accepted
        )
        losses: Real = Sectors(SectorProblem((block,), times)).losses_per_state(theta[None])[0]
        return losses
