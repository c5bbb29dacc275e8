"""Single restarts of training."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.training.optimisers import LBFGS, Run, minimise, single

__all__ = ["descend", "start"]

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
    limits = LBFGS(iterations=options["iterations"], target=options["target"])
    return minimise(single(engine.value_and_gradient), theta0, limits)
