"""Training from random starts: final losses against the number of parameters, and curvature ranks at the minima.

A sample is one restart: its own times and its own initial parameters. Ranks are compared with the orbit dimensions of
`trainscape.studies.fragmentation.ranks`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.fragmentation_qnn import QNNProblem, draw_parameters, draw_times
from trainscape.simulators.sectors import Sectors
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of
from trainscape.studies.fragmentation.ranks import orbit_rank, qfim_rank
from trainscape.trainability.curvature import CONVERGED, hessian_rank, stacked_qfim_rank
from trainscape.trainability.thresholds import critical_parameter_count, median_loss
from trainscape.training.optimisers import LBFGS, minimise, single

__all__ = ["sample", "summarise"]

Real = NDArray[np.float64]


def _padded(vectors: NDArray[np.complex128], problem: QNNProblem) -> NDArray[np.complex128]:
    """Turn vectors of all states of all blocks, shape (..., sum c D), into shape (..., M, D_max), with zeros where a block is smaller."""
    largest = max(len(block.hamiltonian) for block in problem.blocks)
    parts = []
    start = 0
    for block in problem.blocks:
        order, columns = block.inputs.shape
        part = vectors[..., start : start + order * columns].reshape(*vectors.shape[:-1], columns, order)
        parts.append(np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, largest - order)]))
        start += order * columns
    return np.concatenate(parts, axis=-2)


def _restart(engine: Sectors, theta0: Real, iterations: int, target: float) -> dict[str, float]:
    run = minimise(single(engine.value_and_gradient), theta0, LBFGS(iterations=iterations, target=target))
    outputs = {"loss": run.loss, "iterations": run.iterations, "hessian_rank": -1, "hessian_gap": np.nan}
    if run.loss <= CONVERGED:
        rank = hessian_rank(engine.hessian(run.theta[None])[0], run.loss)
        outputs |= {"hessian_rank": rank.rank, "hessian_gap": rank.gap}
    states = _padded(engine.states(run.theta[None])[0], engine.problem)
    outputs["qfim_rank"] = stacked_qfim_rank(_padded(engine.jacobian(run.theta[None])[0], engine.problem), states).rank
    return outputs


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train from each start until the target loss, convergence or the iteration limit; then measure the ranks where it ended.

    The rank of the Hessian is -1 where the loss did not converge: away from a minimum it says nothing.
    """
    problem = load_problem(cell.inputs[Stage.DATASET], cell["label"])
    layers = cell["parameters"]
    runs = []
    for index in samples:
        times = draw_times(cell.generator(Purpose.STRUCTURE, index), layers, cell["horizon"])
        theta0 = draw_parameters(cell.generator(Purpose.TRAINING, index), 1, layers)[0]
        engine = Sectors(QNNProblem(problem.blocks, times))
        runs.append(_restart(engine, theta0, cell.options["iterations"], cell.options["target"]))
    integers = ("iterations", "hessian_rank", "qfim_rank")
    return xr.Dataset(
        {name: (("sample",), np.array([run[name] for run in runs], dtype=np.int64 if name in integers else np.float64)) for name in runs[0]}
    )


def _joined(cells: Sequence[CellData], name: str) -> Real:
    """Return a variable of all restarts of all instances."""
    return np.concatenate([cell.data[name].values for cell in cells]).astype(np.float64)


def _row(cells: Sequence[CellData]) -> dict[str, float]:
    """Return the line of one number of parameters."""
    losses, ranks = _joined(cells, "loss"), _joined(cells, "hessian_rank")
    minima = ranks[ranks >= 0]
    median = median_loss(losses)
    return {
        "parameters": cells[0]["parameters"],
        "median_loss": median.value,
        "median_loss_low": median.low,
        "median_loss_high": median.high,
        "instances": len(cells),
        "restarts": median.trials,
        "converged": len(minima),
        "hessian_rank_least": int(minima.min()) if len(minima) else -1,
        "hessian_rank_largest": int(minima.max()) if len(minima) else -1,
        "qfim_rank_largest": int(_joined(cells, "qfim_rank").max()),
        "median_iterations": float(np.median(_joined(cells, "iterations"))),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return loss, success and ranks for each number of parameters, over all instances, and the critical number of parameters of each chain."""
    cells = context.cells(Stage.THRESHOLDS)
    instances = context.cells(Stage.DATASET)
    lengths = sorted({cell["sites"] for cell in cells})
    rows: list[dict[str, float]] = []
    thresholds: list[dict[str, float]] = []
    for sites in lengths:
        mine = [cell for cell in cells if cell["sites"] == sites]
        counts = sorted({cell["parameters"] for cell in mine})
        groups = [[cell for cell in mine if cell["parameters"] == count] for count in counts]
        instance = instance_of(mine[0], instances).data
        dimensions = [int(n) for n in instance["dimension"].values]
        rank = orbit_rank(dimensions, instance.sizes["ancilla_row"], mine[0]["label"])
        found = critical_parameter_count(counts, [_joined(group, "loss") for group in groups], context.options["success"])
        for group, proportion in zip(groups, found.proportions, strict=True):
            success = {"success": proportion.fraction, "success_low": proportion.low, "success_high": proportion.high}
            rows.append({"sites": sites, "rank_formula": rank, **_row(group), **success})
        crossings = {"critical": found.count, "critical_low": found.low, "critical_high": found.high}
        thresholds.append(
            {
                "rank_formula": rank,
                "qfim_formula": qfim_rank(dimensions, instance.sizes["ancilla_row"]),
                # -1: no number of parameters that was tried is enough.
                **{name: -1 if count is None else count for name, count in crossings.items()},
            }
        )
    variables = {name: ("point", np.array([row[name] for row in rows])) for name in rows[0]}
    variables |= {f"system_{name}": ("system", np.array([row[name] for row in thresholds])) for name in thresholds[0]}
    return xr.Dataset(variables, coords={"system_sites": ("system", np.array(lengths))}, attrs={"confidence_level": 0.95})
