"""Restarts of training, and what many of them say about the critical number of parameters: shared by the families ``tl_training`` and ``models``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from trainscape.trainability.thresholds import critical_parameter_count, median_loss
from trainscape.training.optimisers import LBFGS, Run, minimise, single

__all__ = ["critical_count", "descend", "network_algebra", "start"]

Real = NDArray[np.float64]


def start(
    cell: CellContext, problem: SectorProblem, layers: int, restart: int
) -> tuple[Sectors, Real]:
    """Return the network of a restart, with its own times, and its initial parameters, shape ``(layers,)``; more layers extend fewer."""
    times = draw_times(cell.generator(Purpose.STRUCTURE, restart), layers, cell["horizon"])
    theta0 = draw_parameters(cell.generator(Purpose.TRAINING, restart), 1, layers)[0]
    return Sectors(SectorProblem(problem.blocks, times)), theta0


def descend(engine: Sectors, theta0: Real, options: Mapping[str, Any]) -> Run:
    """Train by L-BFGS until the target loss, convergence or the limit on iterations (options ``target`` and ``iterations``)."""
    return minimise(
        single(engine.value_and_gradient),
        theta0,
        LBFGS(iterations=options["iterations"], target=options["target"]),
    )


def network_algebra(problem: SectorProblem, rng: np.random.Generator) -> tuple[int, int]:
    """Return the dimension of the Lie algebra of a network, that of ``H`` and ``A`` on all blocks, and the largest it could have; -1 for one that is too large or undecided.

    Where the two are equal, the network controls all blocks one by one, and the orbit rank counts what it has to control.
    """
    blocks = [np.stack([block.hamiltonian, block.gate]) for block in problem.blocks]
    try:
        return lie_algebra_dimension(blocks, rng), lie_algebra_upper_bound(blocks)
    except LieAlgebraError:
        return -1, lie_algebra_upper_bound(blocks)


def critical_count(
    counts: Sequence[int], losses: Sequence[Real], success: float
) -> tuple[list[dict[str, float]], dict[str, int]]:
    """Return a line for each number of parameters, and the critical number.

    Parameters
    ----------
    counts
        Numbers of parameters, ascending.
    losses
        For each of them the final losses of its restarts.
    success
        Loss at which a restart counts as a success.

    Returns
    -------
    lines
        Share of successes with its 95 % Wilson interval, median loss with its order-statistic interval, and the number of restarts.
    crossing
        ``critical``, the least number at which half of the restarts succeed, with its bracket ``critical_low``, ``critical_high``, and ``below``, the next smaller number tried.
        -1: no number that was tried is enough, or none below the critical one was tried.
    """
    found = critical_parameter_count(counts, losses, success)
    lines: list[dict[str, float]] = []
    for count, values, proportion in zip(counts, losses, found.proportions, strict=True):
        median = median_loss(values)
        lines.append(
            {
                "parameters": int(count),
                "success": proportion.value,
                "success_low": proportion.low,
                "success_high": proportion.high,
                "median_loss": median.value,
                "median_loss_low": median.low,
                "median_loss_high": median.high,
                "restarts": median.samples,
            }
        )
    crossings = {"critical": found.count, "critical_low": found.low, "critical_high": found.high}
    below = max(
        (int(count) for count in counts if found.count is not None and count < found.count),
        default=-1,
    )
    return lines, {name: -1 if count is None else count for name, count in crossings.items()} | {
        "below": below
    }
