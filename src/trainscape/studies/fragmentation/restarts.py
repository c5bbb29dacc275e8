"""Single restarts of training, and the Lie algebra of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.lie_algebra import (
    LieAlgebraError,
    lie_algebra_dimension,
    lie_algebra_upper_bound,
)
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.training.optimisers import LBFGS, Run, minimise, single

__all__ = ["descend", "network_algebra", "start"]

Real = NDArray[np.float64]


def start(
    cell: CellContext, problem: SectorProblem, layers: int, restart: int
) -> tuple[Sectors, Real]:
    """Return the network of a restart, with its own times, and its initial parameters, (layers,).

    More layers extend fewer: the first times and parameters are the same.
    """
    times = draw_times(cell.generator(Purpose.STRUCTURE, restart), layers, cell["horizon"])
    theta0 = draw_parameters(cell.generator(Purpose.TRAINING, restart), 1, layers)[0]
    return Sectors(SectorProblem(problem.blocks, times)), theta0


def descend(engine: Sectors, theta0: Real, options: Mapping[str, Any]) -> Run:
    """Train by L-BFGS until convergence, or to the options ``target`` or ``iterations``."""
    return minimise(
        single(engine.value_and_gradient),
        theta0,
        LBFGS(iterations=options["iterations"], target=options["target"]),
    )


def network_algebra(problem: SectorProblem, rng: np.random.Generator) -> tuple[int, int]:
    """Return the dimension of the Lie algebra of a network, and the largest it could have.

    The algebra is that of ``H`` and ``A`` on all blocks. Where the two numbers are equal, the
    network controls all blocks one by one, and the orbit rank counts what it has to control. The
    dimension is -1 where it is too large to compute or undecided.
    """
    blocks = [np.stack([block.hamiltonian, block.gate]) for block in problem.blocks]
    try:
        return lie_algebra_dimension(blocks, rng), lie_algebra_upper_bound(blocks)
    except LieAlgebraError:
        return -1, lie_algebra_upper_bound(blocks)
