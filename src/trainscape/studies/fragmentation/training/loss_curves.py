"""Loss curves: runs of one optimiser, with the loss recorded at fixed iterations.

A sample is one run: its own times and its own initial parameters, the same for all optimisers. A
run of L-BFGS that ends early keeps its last loss. A cell with iterations of its own is one whose
runs take long: it has one number of parameters, and a checkpoint.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.restarts import start
from trainscape.studies.fragmentation.training.replay import Replayed
from trainscape.training.optimisers import LBFGS, Adam, GradientDescent, Optimiser, minimise, single

__all__ = ["recorded_iterations", "sample"]

POINTS = 60
"""Recorded iterations, equally spaced in their logarithm, besides the start."""


def recorded_iterations(limit: int) -> NDArray[np.int64]:
    """Return the iterations at which losses are kept: 0, and about `POINTS` from 1 to `limit`."""
    spaced = np.round(np.geomspace(1, limit, POINTS))
    return np.unique(np.concatenate([[0], spaced])).astype(np.int64)


def _optimiser(cell: CellContext, parameters: int, limit: int) -> Optimiser:
    match cell["optimiser"]:
        case "lbfgs":
            return LBFGS(iterations=limit)
        case "adam":
            return Adam(iterations=limit, learning_rate=cell.options["adam_rate"])
        case _:
            # The largest curvature grows like the number of parameters.
            rate = cell.options["descent_rate"] / parameters
            return GradientDescent(iterations=limit, learning_rate=rate)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Run the optimiser from each start, for each of the cell's numbers of parameters."""
    problem = load_problem(cell.inputs[Stage.DATASET], cell["label"])
    counts = list(cell["counts"])
    own = cell.parameters.get("iterations")
    limit = cell.options["iterations"] if own is None else own
    kept = recorded_iterations(limit)
    losses = np.empty((len(samples), len(counts), len(kept)))
    steps = np.empty((len(samples), len(counts)), dtype=np.int64)
    for s, index in enumerate(samples):
        for c, layers in enumerate(counts):
            engine, theta0 = start(cell, problem, layers, index)
            loss = single(engine.value_and_gradient)
            if own is not None:
                loss = Replayed(loss, cell.checkpoint)
            run = minimise(loss, theta0, _optimiser(cell, len(theta0), limit))
            losses[s, c] = run.losses[np.minimum(kept, run.iterations)]
            steps[s, c] = run.iterations
    return xr.Dataset(
        {
            "loss": (("sample", "parameters", "iteration"), losses),
            "iterations": (("sample", "parameters"), steps),
        },
        coords={"parameters": counts, "iteration": kept},
    )
