"""What all attacks compute: the loss of one state under one drawn network.

The state of a Temperley-Lieb chain is a dimer state (`trainscape.physics.dimer_states`), whose loss
is known from the path basis at any length. Each attack has to reach it by its own means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics import temperley_lieb
from trainscape.physics.bond_algebra import product_components
from trainscape.physics.bond_models import BondModel
from trainscape.physics.dimer_states import dimer_digits, dimer_path_state, dimer_vector
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.instances import draw_points
from trainscape.studies.fragmentation.network import (
    FragmentationQNN,
    Label,
    draw_qnn,
    labelled_block,
    qnn_operators,
)
from trainscape.trainability.label_learning import ancilla_dimension

__all__ = ["LossTask", "arcs_of", "dimer_task", "product_task"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class LossTask:
    """A state of a chain whose loss under a drawn network is wanted.

    Parameters
    ----------
    qnn
        Coefficients and ancilla of the network.
    theta, times
        Its parameters and times, shapes ``(1, p)`` and ``(1, p + 2)``.
    model
        The chain.
    label
        Right outcome of the ancilla.
    digits
        Product state. It is the state itself, or the one from which the generators on the arcs make
        the dimer state, see `trainscape.physics.dimer_states.dimer_digits`.
    arcs
        Arcs of the dimer state of a Temperley-Lieb chain; None for a product state.
    """

    qnn: FragmentationQNN
    theta: Real
    times: Real
    model: BondModel
    label: int
    digits: tuple[int, ...]
    arcs: int | None = None

    @property
    def ancilla_dim(self) -> int:
        """``N_a``."""
        return len(self.qnn.ancilla_vector)

    def gates(self) -> list[tuple[int, float]]:
        """Return the factors of the network from left to right: 0 for ``H``, 1 for ``A``; time."""
        first, last, *middle = self.times[0]
        gates = [(0, last)]
        for angle, time in zip(self.theta[0], middle, strict=True):
            gates += [(0, -time), (1, angle), (0, time)]
        return [*gates, (0, -first)]

    def vector(self) -> Real:
        """Return the state on the full space."""
        model = self.model
        if self.arcs is not None:
            return dimer_vector(model.sites, self.arcs, model.site_dim)
        index = int(np.ravel_multi_index(self.digits, (model.site_dim,) * model.sites))
        return np.asarray(np.eye(1, model.dimension, index)[0])

    def loss(self, generators: Sequence[Any], states: NDArray[Any]) -> float:
        """Return the probability that the ancilla does not read the label.

        Parameters
        ----------
        generators
            Hermitian matrices of order ``n`` in an orthonormal basis of a space that they do not
            leave.
        states
            The state, shape ``(n,)``; or shape ``(n, c)``, its parts in ``c`` copies of the space.
        """
        hamiltonian, gate = qnn_operators(self.qnn, list(generators))
        parts = states.reshape(len(states), -1)
        weights = (np.abs(parts) ** 2).sum(axis=0)
        parts, weights = parts[:, weights > 1e-20], weights[weights > 1e-20]
        labels = np.full(len(weights), self.label)
        block = labelled_block("attack", hamiltonian, gate, parts / np.sqrt(weights), labels)
        losses = Sectors(SectorProblem((block,))).losses_per_state(self.theta, self.times)[0]
        return float(losses @ weights / weights.sum())

    def exact(self, limit: int) -> float:
        """Return the loss from the path basis of the sector, or from the full space.

        NaN if there is no path basis, and the full space with the ancilla has more than `limit`
        dimensions.
        """
        model = self.model
        if self.arcs is not None:
            lines = model.sites - 2 * self.arcs
            matrices = temperley_lieb.path_generators(model.sites, lines, model.site_dim)
            state = dimer_path_state(model.sites, self.arcs)
            return self.loss([matrix.toarray() for matrix in matrices], state)
        if model.dimension * self.ancilla_dim > limit:
            return float("nan")
        return self.loss(model.generators(), self.vector())


def arcs_of(sites: int, sector: str) -> int:
    """Return the number of arcs of the dimer state.

    It is 1 for ``one_dimer``, and that of the sector with the largest Krylov dimension for
    ``largest``.
    """
    if sector == "one_dimer":
        return 1
    largest = max(temperley_lieb.irreps(sites, 2), key=lambda irrep: irrep.dimension)
    return (sites - largest.through_lines) // 2


def _draw(
    cell: CellContext, model: BondModel, labels: int, scale: float
) -> tuple[FragmentationQNN, Real, Real, BondModel]:
    """Draw network, parameters and times: the same for all attacks on one model and length."""
    ancilla = ancilla_dimension(Label.LAMBDA, [1] * labels)
    rng = cell.generator(Purpose.INSTANCE, 0)
    qnn = draw_qnn(rng, len(model.terms), ancilla, gate_scale=scale)
    points = draw_points(cell, range(1), cell.options["layers"], cell.options["horizon"])
    return qnn, *points, model


def dimer_task(cell: CellContext, model: BondModel) -> LossTask:
    """Return the task of a cell on a Temperley-Lieb chain: a dimer state of its sector."""
    lines = [irrep.through_lines for irrep in temperley_lieb.irreps(model.sites, 2)]
    arcs = arcs_of(model.sites, cell["sector"])
    label = lines.index(model.sites - 2 * arcs)
    drawn = _draw(cell, model, len(lines), 1 / model.site_dim)
    return LossTask(*drawn, label, dimer_digits(model.sites, arcs), arcs)


def product_task(cell: CellContext, model: BondModel) -> LossTask:
    """Return the task of a cell on a product state of the largest connected component.

    Outcome 0 counts as its label, since it may lie in several sectors. The number of labels is that
    of the sectors, which is known for Temperley-Lieb chains and t-J_z chains with fields.
    """
    components = product_components(model.generators())
    known = model.name.startswith("temperley_lieb")
    labels = len(temperley_lieb.irreps(model.sites, 2)) if known else len(components)
    norm = float(np.linalg.norm(model.terms[0].matrix.toarray(), 2))
    start = model.digits()[max(components, key=len)[0]]
    return LossTask(*_draw(cell, model, labels, 1 / norm), 0, tuple(start.tolist()))
