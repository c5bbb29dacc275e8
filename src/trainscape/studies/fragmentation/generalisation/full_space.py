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
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.fragmentation.instances import load_network
from trainscape.studies.fragmentation.network import labelled_block, qnn_operators

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
    labels
        All ``(lambda, q)``.
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
        sizes = [basis.shape[1] for basis in self.bases]
        self.labels = [(k, q) for k, size in enumerate(sizes) for q in range(size)]
        self._first = np.cumsum([0, *sizes])
        # The first site is the most significant: its first state fills the first 1/d of the space.
        order = len(self.hamiltonian)
        self.outside: Real = np.diag(1.0 * (np.arange(order) < order // site_dim))
        self.inside: Real = np.kron(generators[-1].toarray() / site_dim, np.eye(self.ancilla))

    def of_labels(self, states: LabelledStates, losses: Real) -> list[Real]:
        """Return the losses of the states with each of the labels."""
        return [losses[(states.sector == k) & (states.krylov == q)] for k, q in self.labels]

    def losses(
        self, states: LabelledStates, theta: Real, times: Real, perturbation: Real | None = None
    ) -> Real:
        """Return the loss of every state for one parameter vector, shape (M,).

        A `perturbation` of the same shape is added to the Hamiltonian.
        """
        answers = states.sector
        if self.label == "lambda_q":
            answers = self._first[states.sector] + states.krylov
        hamiltonian = self.hamiltonian if perturbation is None else self.hamiltonian + perturbation
        block = labelled_block("full space", hamiltonian, self.gate, states.vectors, answers)
        losses: Real = Sectors(SectorProblem((block,), times)).losses_per_state(theta[None])[0]
        return losses
