"""Training from random starts: final losses against the number of parameters, and curvature ranks at the minima and at the starts.

A sample is one restart: its own times and its own initial parameters. The start is a generic point of the landscape, where the Hessian is of full rank for any
number of parameters; only at minima do its rank and that of the quantum Fisher information (QFIM) saturate, at the orbit dimensions of
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
from trainscape.trainability.curvature import CONVERGED, hessian_rank, jacobian_rank, stacked_qfim_rank
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


def _fisher_rank(engine: Sectors, theta: Real) -> int:
    states = _padded(engine.states(theta[None])[0], engine.problem)
    return stacked_qfim_rank(_padded(engine.jacobian(theta[None])[0], engine.problem), states).rank


def _restart(engine: Sectors, theta0: Real, iterations: int, target: float) -> dict[str, float]:
    run = minimise(single(engine.value_and_gradient), theta0, LBFGS(iterations=iterations, target=target))
    outputs = {"loss": run.loss, "iterations": run.iterations, "hessian_rank": -1, "hessian_gap": np.nan}
    if run.loss <= CONVERGED:
        rank = hessian_rank(engine.hessian(run.theta[None])[0], run.loss)
        outputs |= {"hessian_rank": rank.rank, "hessian_gap": rank.gap}
    outputs["qfim_rank"] = _fisher_rank(engine, run.theta)
    outputs["start_hessian_rank"] = jacobian_rank(engine.hessian(theta0[None])[0]).rank
    outputs["start_qfim_rank"] = _fisher_rank(engine, theta0)
    return outputs


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train from each start until the target loss, convergence or the iteration limit, for each of the cell's numbers of parameters; then measure the ranks.

    The rank of the Hessian is -1 where the loss did not converge: away from a minimum it says nothing.
    """
    problem = load_problem(cell.inputs[Stage.DATASET], cell["label"])
    counts = [int(word) for word in cell["counts"].split()]
    runs = []
    for index in samples:
        for layers in counts:
            times = draw_times(cell.generator(Purpose.STRUCTURE, index), layers, cell["horizon"])
            theta0 = draw_parameters(cell.generator(Purpose.TRAINING, index), 1, layers)[0]
            engine = Sectors(QNNProblem(problem.blocks, times))
            runs.append(_restart(engine, theta0, cell.options["iterations"], cell.options["target"]))
    shape = (len(samples), len(counts))
    variables = {}
    for name in runs[0]:
        kind = np.float64 if name in ("loss", "hessian_gap") else np.int64
        variables[name] = (("sample", "parameters"), np.array([run[name] for run in runs], dtype=kind).reshape(shape))
    return xr.Dataset(variables, coords={"parameters": counts})


def _joined(cells: Sequence[CellData], name: str, position: int) -> Real:
    """Return a variable of all restarts of all instances for the number of parameters at one position."""
    return np.concatenate([cell.data[name].values[:, position] for cell in cells]).astype(np.float64)


def _row(cells: Sequence[CellData], position: int) -> dict[str, float]:
    """Return the line of one number of parameters."""

    def joined(name: str) -> Real:
        return _joined(cells, name, position)

    losses, ranks = joined("loss"), joined("hessian_rank")
    minima = ranks[ranks >= 0]
    median = median_loss(losses)
    return {
        "parameters": int(cells[0].data["parameters"][position]),
        "median_loss": median.value,
        "median_loss_low": median.low,
        "median_loss_high": median.high,
        "instances": len(cells),
        "restarts": median.trials,
        "converged": len(minima),
        "hessian_rank_least": int(minima.min()) if len(minima) else -1,
        "hessian_rank_largest": int(minima.max()) if len(minima) else -1,
        "qfim_rank_largest": int(joined("qfim_rank").max()),
        "start_hessian_rank_least": int(joined("start_hessian_rank").min()),
        "start_qfim_rank_least": int(joined("start_qfim_rank").min()),
        "start_qfim_rank_largest": int(joined("start_qfim_rank").max()),
        "median_iterations": float(np.median(joined("iterations"))),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return loss, success and ranks for each chain and number of parameters, over all instances, and the critical number of parameters of each chain."""
    cells = context.cells(Stage.THRESHOLDS)
    instances = context.cells(Stage.DATASET)
    names = ("site_dim", "sites", "top_sectors", "label")
    systems = list(dict.fromkeys(tuple(cell[name] for name in names) for cell in cells))
    rows: list[dict[str, float]] = []
    thresholds: list[dict[str, float]] = []
    for number, system in enumerate(systems):
        mine = [cell for cell in cells if tuple(cell[name] for name in names) == system]
        counts = mine[0].data["parameters"].values.tolist()
        instance = instance_of(mine[0], instances).data
        dimensions = [int(n) for n in instance["dimension"].values]
        ancilla = instance.sizes["ancilla_row"]
        formulas = {"rank_formula": orbit_rank(dimensions, ancilla, mine[0]["label"]), "qfim_formula": qfim_rank(dimensions, ancilla)}
        # The bound of the paper's Theorem 3 without its constant, M N_a^3 N^3 with M = N.
        formulas["bound"] = sum(dimensions) ** 4 * ancilla**3
        found = critical_parameter_count(counts, [_joined(mine, "loss", c) for c in range(len(counts))], context.options["success"])
        for position, proportion in enumerate(found.proportions):
            success = {"success": proportion.fraction, "success_low": proportion.low, "success_high": proportion.high}
            rows.append({"number": number, **formulas, **_row(mine, position), **success})
        # -1: no number of parameters that was tried is enough, or none below the critical one was tried.
        crossings = {"critical": found.count, "critical_low": found.low, "critical_high": found.high}
        below = max((count for count in counts if found.count is not None and count < found.count), default=-1)
        thresholds.append({**formulas, "below": below, **{name: -1 if count is None else count for name, count in crossings.items()}})
    variables = {name: ("point", np.array([row[name] for row in rows])) for name in rows[0]}
    variables |= {f"system_{name}": ("system", np.array([row[name] for row in thresholds])) for name in thresholds[0]}
    of = variables.pop("number")[1]
    for column, name in enumerate(names):
        values = np.array([system[column] for system in systems])
        variables |= {name: ("point", values[of]), f"system_{name}": ("system", values)}
    return xr.Dataset(variables, attrs={"confidence_level": 0.95})
