"""The least number of parameters from which a restart trains to a loss of zero.

A sample is one restart on an instance of its own. Numbers of parameters p grow by a factor of
2^(1/4), from just below R on, until training succeeds; networks with more extend those with fewer.
What geometry says of the same instance and times is stored beside it.
"""

from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import (
    Couplings,
    FragmentationQNN,
    Label,
    build_problem,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.studies.kit.variables import by_sample
from trainscape.trainability.label_learning import orbit_rank
from trainscape.trainability.reachability import (
    UNREACHED,
    largest_turn,
    network_reach,
    steering_bound,
)

__all__ = ["numbers_of_parameters", "sample"]

HARD = (2.0, 8.0)
"""Reach of a hard instance, in units of R."""
VECTORS = 180
"""Ancilla vectors among which the best is sought, evenly spread."""

Sectors = list[list[NDArray[np.float64]]]


def numbers_of_parameters(rank: int, largest: float) -> list[int]:
    """Return the numbers of parameters: a geometric grid from below the rank up to `largest`."""
    steps = range(-1, int(4 * np.log2(largest)) + 1)
    return sorted({max(1, round(rank * 2 ** (step / 4))) for step in steps})


def _problem(qnn: FragmentationQNN, sectors: Sectors) -> SectorProblem:
    return build_problem(qnn, sectors, label=Label.LAMBDA)


def _conditioned(qnn: FragmentationQNN, sectors: Sectors) -> FragmentationQNN:
    """Return the network with the vector that moves the eigenvectors of single states most."""
    single = [sector for sector in sectors if len(sector[0]) == 1]
    best, most = qnn, -1.0
    for angle in np.arange(VECTORS) * np.pi / VECTORS:
        tried = replace(qnn, ancilla_vector=np.array([np.cos(angle), np.sin(angle)]))
        operators = [qnn_operators(tried, sector) for sector in single]
        turn = min(largest_turn(np.linalg.eigh(h)[1], gate).min() for h, gate in operators)
        if turn > most:
            best, most = tried, float(turn)
    return best


def _instance(
    cell: CellContext, restart: int, sectors: Sectors, rank: int, times: NDArray[np.float64]
) -> FragmentationQNN:
    rng = cell.generator(Purpose.INSTANCE, restart)
    while True:
        qnn = draw_qnn(
            rng,
            cell["sites"] - 1,
            2,
            couplings=Couplings(cell["couplings"]),
            gate_scale=1 / cell["site_dim"],
        )
        if cell["kind"] == "drawn":
            return qnn
        problem = _problem(qnn, sectors)
        # With random times the reach is about pi/2 times the bound, which is found faster.
        if max(map(steering_bound, problem.blocks)) < HARD[0] / 2 * rank:
            continue
        reach = network_reach(problem, times)
        if HARD[0] * rank <= reach <= HARD[1] * rank:
            return qnn if cell["kind"] == "hard" else _conditioned(qnn, sectors)


def _restart(cell: CellContext, restart: int, sectors: Sectors, rank: int) -> dict[str, int]:
    counts = numbers_of_parameters(rank, cell["largest"])
    times = draw_times(cell.generator(Purpose.STRUCTURE, restart), counts[-1], cell["horizon"])
    problem = _problem(_instance(cell, restart, sectors, rank, times), sectors)
    first = UNREACHED
    for layers in counts:
        run = descend(*start(cell, problem, layers, restart), cell.options)
        if run.loss <= cell.options["success"]:
            first = layers
            break
    return {"reach": network_reach(problem, times), "critical": first, "tried": layers}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train each restart with more and more parameters until it succeeds."""
    sectors = [
        list(stack) for stack in path_sectors(cell["sites"], cell["site_dim"], cell["top_sectors"])
    ]
    rank = orbit_rank([len(sector[0]) for sector in sectors], 2, Label.LAMBDA)
    described = {
        "reach": "gates that steering takes at least, -1 if more than the most parameters",
        "critical": "least number of parameters with a loss of zero, -1 if none that was tried",
        "tried": "largest number of parameters that was tried",
    }
    rows = [_restart(cell, index, sectors, rank) for index in samples]
    variables = by_sample(rows, {name: ((), text, "") for name, text in described.items()})
    return xr.Dataset(variables, attrs={"rank": rank})
