"""Training from random starts, and ranks of the curvature at the starts and where training ended.

A sample is one restart: its own times and its own initial parameters. The start is a generic point
of the landscape, where the Hessian has full rank for any number of parameters. Only at minima do
its rank and that of the quantum Fisher information (QFIM) saturate, at the orbit dimensions of
`trainscape.trainability.label_learning`.

A restart at many numbers of parameters takes an hour on long chains. So what was measured is a
checkpoint after each of them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.trainability.curvature import CONVERGED, jacobian_rank
from trainscape.trainability.sector_ranks import sector_minimum_rank, sector_qfim_rank

__all__ = ["sample"]

KINDS = {
    "loss": np.float64,
    "iterations": np.int64,
    "hessian_rank": np.int64,
    "hessian_gap": np.float64,
    "qfim_rank": np.int64,
    "start_hessian_rank": np.int64,
    "start_qfim_rank": np.int64,
}
"""What is measured of each restart, and its type."""


def _restart(
    engine: Sectors, theta0: NDArray[np.float64], options: Mapping[str, Any]
) -> dict[str, float]:
    run = descend(engine, theta0, options)
    rank, gap = -1, np.nan
    if run.loss <= CONVERGED:
        estimate = sector_minimum_rank(engine, run.theta, run.loss)
        rank, gap = estimate.rank, estimate.gap
    return {
        "loss": run.loss,
        "iterations": run.iterations,
        "hessian_rank": rank,
        "hessian_gap": gap,
        "qfim_rank": sector_qfim_rank(engine, run.theta),
        "start_hessian_rank": jacobian_rank(engine.hessian(theta0[None])[0]).rank,
        "start_qfim_rank": sector_qfim_rank(engine, theta0),
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train from each start, for each of the cell's numbers of parameters; measure the ranks.

    A run ends at the target loss, at convergence or at the iteration limit. The rank of the Hessian
    is -1 where the loss did not converge: away from a minimum it says nothing.
    """
    problem = load_problem(cell.inputs[Stage.DATASET], cell["label"])
    counts = list(cell["counts"])
    todo = [(index, layers) for index in samples for layers in counts]
    state = cell.checkpoint.load()
    # One row for each restart that is done; float64 holds every rank exactly.
    rows = [] if state is None else list(state["runs"])
    for index, layers in todo[len(rows) :]:
        run = _restart(*start(cell, problem, layers, index), cell.options)
        rows.append(np.array([run[name] for name in KINDS], dtype=np.float64))
        cell.checkpoint.save({"runs": np.array(rows)})
    values = np.array(rows).reshape(len(samples), len(counts), len(KINDS))
    variables = {
        name: (("sample", "parameters"), values[..., place].astype(kind))
        for place, (name, kind) in enumerate(KINDS.items())
    }
    return xr.Dataset(variables, coords={"parameters": counts})
