"""Loss curves: runs of one optimiser, with the loss recorded at fixed iterations.

A sample is one run: its own times and its own initial parameters, the same for all optimisers. A run of L-BFGS that ends early keeps its last loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellContext, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of
from trainscape.studies.fragmentation.ranks import orbit_rank
from trainscape.studies.fragmentation.restarts import start
from trainscape.studies.fragmentation.training.systems import SYSTEM
from trainscape.training.optimisers import LBFGS, Adam, GradientDescent, Optimiser, minimise, single

__all__ = ["recorded_iterations", "sample", "summarise"]

POINTS = 60
"""Iterations at which the loss is recorded, equally spaced in their logarithm, besides the start."""


def recorded_iterations(limit: int) -> NDArray[np.int64]:
    """Return the iterations at which losses are kept: 0, and about `POINTS` from 1 to `limit`."""
    return np.unique(np.concatenate([[0], np.round(np.geomspace(1, limit, POINTS))])).astype(
        np.int64
    )


def _optimiser(cell: CellContext, parameters: int) -> Optimiser:
    limit = cell.options["iterations"]
    match cell["optimiser"]:
        case "lbfgs":
            return LBFGS(iterations=limit)
        case "adam":
            return Adam(iterations=limit, learning_rate=cell.options["adam_rate"])
        case _:
            # The largest curvature grows like the number of parameters, hence this unit of the rate.
            rate = cell.options["descent_rate"] / parameters
            return GradientDescent(iterations=limit, learning_rate=rate)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Run the cell's optimiser from each start, for each of the cell's numbers of parameters."""
    problem = load_problem(cell.inputs[Stage.DATASET], cell["label"])
    counts = [int(word) for word in cell["counts"].split()]
    kept = recorded_iterations(cell.options["iterations"])
    losses = np.empty((len(samples), len(counts), len(kept)))
    steps = np.empty((len(samples), len(counts)), dtype=np.int64)
    for s, index in enumerate(samples):
        for c, layers in enumerate(counts):
            engine, theta0 = start(cell, problem, layers, index)
            run = minimise(single(engine.value_and_gradient), theta0, _optimiser(cell, len(theta0)))
            losses[s, c] = run.losses[np.minimum(kept, run.iterations)]
            steps[s, c] = run.iterations
    return xr.Dataset(
        {
            "loss": (("sample", "parameters", "iteration"), losses),
            "iterations": (("sample", "parameters"), steps),
        },
        coords={"parameters": counts, "iteration": kept},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return median and range of the loss over all runs of each chain, number of parameters and optimiser."""
    cells = context.cells(Stage.GRADIENTS)
    instances = context.cells(Stage.DATASET)
    names = (*SYSTEM, "optimiser")
    groups = list(dict.fromkeys(tuple(cell[name] for name in names) for cell in cells))
    rows: list[dict[str, Any]] = []
    for group in groups:
        mine = [cell for cell in cells if tuple(cell[name] for name in names) == group]
        instance = instance_of(mine[0], instances).data
        rank = orbit_rank(
            instance["dimension"].values.tolist(), instance.sizes["ancilla_row"], mine[0]["label"]
        )
        losses = np.concatenate([cell.data["loss"].values for cell in mine])
        for c, count in enumerate(mine[0].data["parameters"].values):
            range_ = {"least": losses[:, c].min(axis=0), "largest": losses[:, c].max(axis=0)}
            names_of_group = dict(zip(names, group, strict=True))
            rows.append(
                {
                    **names_of_group,
                    "parameters": count,
                    "rank_formula": rank,
                    "runs": len(losses),
                    "median": np.median(losses[:, c], axis=0),
                    **range_,
                }
            )
    variables = {
        name: (
            ("curve", "iteration") if name in ("median", "least", "largest") else "curve",
            np.array([row[name] for row in rows]),
        )
        for name in rows[0]
    }
    return xr.Dataset(variables, coords={"iteration": cells[0].data["iteration"].values})
