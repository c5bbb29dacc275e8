"""What all attacks compute: the loss of one state under one drawn network.

The state of a Temperley-Lieb chain is a dimer state (`trainscape.physics.dimer_states`), whose loss
is known from the path basis at any length. Each attack has to reach the same number by its own
means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.physics.bond_models import BondModel
from trainscape.physics.dimer_states import dimer_path_state
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.attacks.quantities import arcs_of
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.network import (
    FragmentationQNN,
    Label,
    draw_parameters,
    draw_qnn,
    draw_times,
    qnn_operators,
)

__all__ = [
    "DimerTask",
    "DrawnNetwork",
    "dimer_task",
    "draw_network",
    "evaluation_operations",
    "loss_in",
    "reference_loss",
]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnNetwork:
    """A drawn network with its parameters and times.

    Parameters
    ----------
    qnn
        Coefficients and ancilla.
    theta, times
        Shapes ``(1, p)`` and ``(1, p + 2)``.
    """

    qnn: FragmentationQNN
    theta: Real
    times: Real

    @property
    def ancilla_dim(self) -> int:
        """``N_a``."""
        return len(self.qnn.ancilla_vector)


def draw_network(cell: CellContext, generators: int, labels: int, scale: float) -> DrawnNetwork:
    """Draw the network of a cell, the same for all attacks on one model and length.

    `scale` makes the first generator of the gate a projector.
    """
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, 0),
        generators,
        ancilla_dimension(Label.LAMBDA, [1] * labels),
        gate_scale=scale,
    )
    layers, horizon = cell.options["layers"], cell.options["horizon"]
    theta = draw_parameters(cell.generator(Purpose.PARAMETERS, 0), 1, layers)
    times = draw_times(cell.generator(Purpose.STRUCTURE, 0), layers, horizon)
    return DrawnNetwork(qnn, theta, times[None])


def loss_in(
    network: DrawnNetwork, generators: Sequence[Any], states: NDArray[Any], label: int
) -> float:
    """Return the loss of a state inside a space that the generators do not leave.

    The loss is the probability that the ancilla does not read `label`.

    Parameters
    ----------
    network
        The network.
    generators
        Hermitian matrices of order ``n`` in an orthonormal basis of the space.
    states
        The state, shape ``(n,)``; or shape ``(n, c)``, its parts in ``c`` copies of the space.
    label
        Right outcome of the ancilla.
    """
    hamiltonian, gate = qnn_operators(network.qnn, list(generators))
    parts = states.reshape(len(states), -1)
    weights = (np.abs(parts) ** 2).sum(axis=0)
    parts, weights = parts[:, weights > 1e-20], weights[weights > 1e-20]
    inputs = np.zeros((len(hamiltonian), len(weights)), dtype=parts.dtype)
    inputs[:: network.ancilla_dim] = parts / np.sqrt(weights)
    outcomes = np.arange(len(hamiltonian))[:, None] % network.ancilla_dim
    accepted = np.broadcast_to(outcomes == label, inputs.shape)
    problem = SectorProblem((SectorBlock("attack", hamiltonian, gate, inputs, accepted),))
    losses = Sectors(problem).losses_per_state(network.theta, network.times)[0]
    return float(losses @ weights / weights.sum())


def reference_loss(
    network: DrawnNetwork, sites: int, site_dim: int, arcs: int, label: int
) -> float:
    """Return the loss of the dimer state from the path basis of its sector."""
    matrices = temperley_lieb.path_generators(sites, sites - 2 * arcs, site_dim)
    generators = [matrix.toarray() for matrix in matrices]
    return loss_in(network, generators, dimer_path_state(sites, arcs), label)


def evaluation_operations(order: int, ancilla_dim: int, layers: int) -> int:
    """Return the multiplications of one loss in a space of dimension `order`.

    They are one diagonalisation of the Hamiltonian, then two changes of basis a gate.
    """
    size = order * ancilla_dim
    return size**3 + 2 * (layers + 1) * size**2


@dataclass(frozen=True)
class DimerTask:
    """The network of a Temperley-Lieb chain, and the dimer state whose loss is wanted.

    Parameters
    ----------
    network
        The network.
    sites, site_dim
        The chain.
    arcs
        Arcs of the state.
    label
        Number of its sector: the right outcome of the ancilla.
    """

    network: DrawnNetwork
    sites: int
    site_dim: int
    arcs: int
    label: int

    def exact(self) -> float:
        """Return the loss from the path basis."""
        return reference_loss(self.network, self.sites, self.site_dim, self.arcs, self.label)


def dimer_task(cell: CellContext, model: BondModel) -> DimerTask:
    """Return the task of a cell on a Temperley-Lieb chain."""
    sectors = temperley_lieb.irreps(model.sites, model.site_dim)
    network = draw_network(cell, len(model.terms), len(sectors), 1 / model.site_dim)
    arcs = arcs_of(model.sites, cell["sector"])
    lines = [irrep.through_lines for irrep in sectors]
    label = lines.index(model.sites - 2 * arcs)
    return DimerTask(network, model.sites, model.site_dim, arcs, label)
