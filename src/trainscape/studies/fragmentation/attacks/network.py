r"""What all attacks compute: the loss of one state under one drawn network, and what they are held against.

The state of a Temperley-Lieb chain is the dimer state with ``k`` arcs on the first ``2k`` sites and a frozen rest, :math:`e_1 e_3 \dots e_{2k-1} |00\dots00\,0101\dots\rangle`. It lies
in the sector with :math:`L - 2k` through lines, and is the path (0, 1, 0, 1, .., 0, 1, 2, ..) of `trainscape.physics.temperley_lieb`: the path basis gives its loss for any length without the
full space. Each attack has to reach the same number by its own means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.network import FragmentationQNN, Label, draw_parameters, draw_qnn, draw_times, qnn_operators

__all__ = [
    "Network",
    "arcs_of",
    "dimer_digits",
    "dimer_path",
    "draw_network",
    "evaluation_operations",
    "loss_in",
    "reference_loss",
]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
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


def draw_network(cell: CellContext, generators: int, labels: int, gate_scale: float) -> Network:
    """Draw the network of a cell: the same for all attacks on one model and length."""
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, 0),
        generators,
        ancilla_dimension(Label.LAMBDA, [1] * labels),
        gate_scale=gate_scale,
    )
    layers, horizon = cell.options["layers"], cell.options["horizon"]
    theta = draw_parameters(cell.generator(Purpose.PARAMETERS, 0), 1, layers)
    return Network(
        qnn, theta, draw_times(cell.generator(Purpose.STRUCTURE, 0), layers, horizon)[None]
    )


def loss_in(network: Network, generators: Sequence[Any], states: NDArray[Any], label: int) -> float:
    """Return the loss of a state, the probability that the ancilla does not read `label`, inside a space that the generators do not leave.

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
    accepted = np.broadcast_to(
        np.arange(len(hamiltonian))[:, None] % network.ancilla_dim == label, inputs.shape
    )
    problem = SectorProblem((SectorBlock("attack", hamiltonian, gate, inputs, accepted),))
    losses = Sectors(problem).losses_per_state(network.theta, network.times)[0]
    return float(losses @ weights / weights.sum())


def evaluation_operations(order: int, ancilla_dim: int, layers: int) -> int:
    """Return the multiplications of one loss in a space of dimension `order`: one diagonalisation of the Hamiltonian, then two changes of basis a gate."""
    size = order * ancilla_dim
    return size**3 + 2 * (layers + 1) * size**2


def arcs_of(sites: int, sector: str) -> int:
    """Return the number of arcs of the state: 1 for ``one_dimer``, that of the sector with the largest Krylov dimension for ``largest``."""
    if sector == "one_dimer":
        return 1
    largest = max(temperley_lieb.irreps(sites, 2), key=lambda irrep: irrep.dimension)
    return (sites - largest.through_lines) // 2


def dimer_digits(sites: int, arcs: int) -> tuple[int, ...]:
    """Return the product state from which ``e_1 e_3 .. e_{2 arcs - 1}`` makes the dimer state: zeros below the arcs, then 0, 1, 0, 1, .., which every generator annihilates."""
    return (0,) * (2 * arcs) + tuple(site % 2 for site in range(sites - 2 * arcs))


def dimer_path(sites: int, arcs: int) -> tuple[int, ...]:
    """Return the heights of the dimer state: up and down for each arc, then up."""
    return (0,) + (1, 0) * arcs + tuple(range(1, sites - 2 * arcs + 1))


def reference_loss(network: Network, sites: int, site_dim: int, arcs: int, label: int) -> float:
    """Return the loss of the dimer state from the path basis, which knows the representation theory."""
    through_lines = sites - 2 * arcs
    generators = [
        h.toarray() for h in temperley_lieb.path_generators(sites, through_lines, site_dim)
    ]
    state = np.zeros(len(generators[0]))
    heights = [tuple(int(h) for h in path) for path in temperley_lieb.paths(sites, through_lines)]
    state[heights.index(dimer_path(sites, arcs))] = 1
    return loss_in(network, generators, state, label)
