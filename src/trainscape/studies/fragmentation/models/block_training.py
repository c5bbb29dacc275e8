"""Training of the network on the blocks that were found, around the orbit rank R of these blocks.

A sample is one restart on an instance of its own: coefficients and ancilla, times, initial
parameters. Networks with more parameters extend those with fewer. R counts what has to be
controlled if the network controls all blocks one by one, that is if the Lie algebra of its
Hamiltonian and its gate is full; its dimension is computed for each instance. So is the number of
gates below which no parameters can write the labels, because the gate hardly moves an eigenvector
of the Hamiltonian. Where training fails with more parameters than R, other initial parameters are
tried with the same times and the largest number that failed: they tell a bad start from labels that
are out of reach.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.models.networks import (
    LATE,
    STARTS,
    UNTRIED,
    block_rank,
    draw_problem,
)
from trainscape.studies.fragmentation.network import Couplings, draw_parameters
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.studies.kit.variables import variable
from trainscape.trainability.reachability import steering_bound
from trainscape.trainability.sector_algebra import network_algebra

__all__ = ["sample"]


def _other_start(cell: CellContext, problem: SectorProblem, layers: int, restart: int) -> int:
    """Return the first of other starts that succeeds, counted from 1, or 0."""
    engine, _ = start(cell, problem, layers, restart)
    others = draw_parameters(cell.generator(Purpose.PARAMETERS, restart), STARTS, layers)
    for number, theta0 in enumerate(others, 1):
        if descend(engine, theta0, cell.options).loss <= cell.options["success"]:
            return number
    return 0


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train each restart at all numbers of parameters, which are the cell's ratios times R."""
    rank = block_rank(cell.inputs[Stage.DATASET])
    counts = sorted({max(1, round(ratio * rank)) for ratio in cell["ratios"]})
    losses = np.empty((len(samples), len(counts)))
    iterations = np.empty((len(samples), len(counts)), dtype=np.int64)
    algebras = np.empty((len(samples), 2), dtype=np.int64)
    bounds = np.empty(len(samples), dtype=np.int64)
    others = np.full(len(samples), UNTRIED, dtype=np.int64)
    for row, index in enumerate(samples):
        problem = draw_problem(cell, index, Couplings(cell["couplings"]))
        bounds[row] = max(map(steering_bound, problem.blocks))
        algebras[row] = network_algebra(problem, cell.generator(Purpose.SEARCH, index))
        for column, layers in enumerate(counts):
            run = descend(*start(cell, problem, layers, index), cell.options)
            losses[row, column], iterations[row, column] = run.loss, run.iterations
        failed = (np.array(counts) >= LATE * rank) & (losses[row] > cell.options["success"])
        if failed.any():
            others[row] = _other_start(cell, problem, int(np.array(counts)[failed].max()), index)
    each = ("sample", "parameters")
    dimension = "dimension of the Lie algebra of H and A, -1 if undecided"
    bound = "largest dimension that this Lie algebra could have"
    other = (
        f"where training fails from {LATE:g} R on, the first of other starts that succeeds; 0 if "
        "none does, -1 where it does not fail"
    )
    return xr.Dataset(
        {
            "loss": variable(each, losses, "final mean probability of a wrong label", "1"),
            "iterations": variable(each, iterations),
            "lie_dimension": variable("sample", algebras[:, 0], dimension),
            "lie_bound": variable("sample", algebras[:, 1], bound),
            "steering_bound": variable("sample", bounds, "gates that the labels take at least"),
            "other_start": variable("sample", others, other),
        },
        coords={"parameters": counts},
    )
