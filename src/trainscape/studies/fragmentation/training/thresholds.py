"""Training from random starts: final losses against the number of parameters, and curvature ranks at the minima and at the starts.

A sample is one restart: its own times and its own initial parameters. The start is a generic point of the landscape, where the Hessian is of full rank for any
number of parameters; only at minima do its rank and that of the quantum Fisher information (QFIM) saturate, at the orbit dimensions of
`trainscape.studies.fragmentation.ranks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of
from trainscape.studies.fragmentation.ranks import orbit_rank, qfim_rank
from trainscape.studies.fragmentation.restarts import (
    critical_count,
    descend,
    network_algebra,
    start,
)
from trainscape.studies.fragmentation.training.systems import CHAIN, SYSTEM
from trainscape.trainability.curvature import (
    CONVERGED,
    hessian_rank,
    jacobian_rank,
    stacked_qfim_rank,
)

__all__ = ["sample", "summarise"]

Real = NDArray[np.float64]


def _padded(vectors: NDArray[np.complex128], problem: SectorProblem) -> NDArray[np.complex128]:
    """Turn vectors of all states of all blocks, shape (..., sum c D), into shape (..., M, D_max), with zeros where a block is smaller."""
    largest = max(len(block.hamiltonian) for block in problem.blocks)
    parts = []
    start = 0
    for block in problem.blocks:
        order, columns = block.inputs.shape
        part = vectors[..., start : start + order * columns].reshape(
            *vectors.shape[:-1], columns, order
        )
        parts.append(np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, largest - order)]))
        start += order * columns
    return np.concatenate(parts, axis=-2)


def _fisher_rank(engine: Sectors, theta: Real) -> int:
    states = _padded(engine.states(theta[None])[0], engine.problem)
    return stacked_qfim_rank(_padded(engine.jacobian(theta[None])[0], engine.problem), states).rank


def _restart(engine: Sectors, theta0: Real, options: Mapping[str, Any]) -> dict[str, float]:
    run = descend(engine, theta0, options)
    outputs = {
        "loss": run.loss,
        "iterations": run.iterations,
        "hessian_rank": -1,
        "hessian_gap": np.nan,
    }
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
    runs = [
        _restart(*start(cell, problem, layers, index), cell.options)
        for index in samples
        for layers in counts
    ]
    shape = (len(samples), len(counts))
    variables = {}
    for name in runs[0]:
        kind = np.float64 if name in ("loss", "hessian_gap") else np.int64
        variables[name] = (
            ("sample", "parameters"),
            np.array([run[name] for run in runs], dtype=kind).reshape(shape),
        )
    return xr.Dataset(variables, coords={"parameters": counts})


def _joined(cells: Sequence[CellData], name: str, position: int) -> Real:
    """Return a variable of all restarts of all instances for the number of parameters at one position."""
    return np.concatenate([cell.data[name].values[:, position] for cell in cells]).astype(
        np.float64
    )


def _row(cells: Sequence[CellData], position: int) -> dict[str, float]:
    """Return ranks and iterations at one number of parameters."""

    def joined(name: str) -> Real:
        return _joined(cells, name, position)

    ranks = joined("hessian_rank")
    minima = ranks[ranks >= 0]
    return {
        "instances": len(cells),
        "converged": len(minima),
        "hessian_rank_least": int(minima.min()) if len(minima) else -1,
        "hessian_rank_largest": int(minima.max()) if len(minima) else -1,
        "qfim_rank_largest": int(joined("qfim_rank").max()),
        "start_hessian_rank_least": int(joined("start_hessian_rank").min()),
        "start_qfim_rank_least": int(joined("start_qfim_rank").min()),
        "start_qfim_rank_largest": int(joined("start_qfim_rank").max()),
        "median_iterations": float(np.median(joined("iterations"))),
    }


def _algebra(instances: Sequence[CellData], label: str, rng: np.random.Generator) -> dict[str, int]:
    """Return the least dimension of the Lie algebra of the instances' networks, and the largest it could have."""
    dimensions, bounds = zip(
        *(network_algebra(load_problem(instance.data, label), rng) for instance in instances),
        strict=True,
    )
    return {"lie_dimension": min(dimensions), "lie_bound": max(bounds)}


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return loss, success and ranks for each chain and number of parameters, over all instances, and the critical number of parameters of each chain.

    A chain that is trained with several families of coefficients is marked as ``compared``, and the Lie algebras of its networks are computed (else -1).
    """
    cells = context.cells(Stage.THRESHOLDS)
    instances = context.cells(Stage.DATASET)
    systems = list(dict.fromkeys(tuple(cell[name] for name in SYSTEM) for cell in cells))
    chains = [system[: len(CHAIN)] for system in systems]
    rows: list[dict[str, float]] = []
    thresholds: list[dict[str, float]] = []
    for number, system in enumerate(systems):
        mine = [cell for cell in cells if tuple(cell[name] for name in SYSTEM) == system]
        counts = mine[0].data["parameters"].values.tolist()
        drawn = [instance_of(cell, instances) for cell in mine]
        dimensions = [int(n) for n in drawn[0].data["dimension"].values]
        ancilla, label = drawn[0].data.sizes["ancilla_row"], mine[0]["label"]
        formulas = {
            "rank_formula": orbit_rank(dimensions, ancilla, label),
            "qfim_formula": qfim_rank(dimensions, ancilla),
        }
        # The bound of the paper's Theorem 3 without its constant, M N_a^3 N^3 with M = N.
        formulas |= {
            "bound": sum(dimensions) ** 4 * ancilla**3,
            "compared": chains.count(chains[number]) > 1,
        }
        lines, crossing = critical_count(
            counts,
            [_joined(mine, "loss", c) for c in range(len(counts))],
            context.options["success"],
        )
        rows += [
            {"number": number, **formulas, **line, **_row(mine, position)}
            for position, line in enumerate(lines)
        ]
        algebra = {"lie_dimension": -1, "lie_bound": -1}
        if formulas["compared"]:
            algebra = _algebra(drawn, label, context.generator(Purpose.SEARCH, number))
        thresholds.append({**formulas, **crossing, **algebra})
    variables = {name: ("point", np.array([row[name] for row in rows])) for name in rows[0]}
    variables |= {
        f"system_{name}": ("system", np.array([row[name] for row in thresholds]))
        for name in thresholds[0]
    }
    of = variables.pop("number")[1]
    for column, name in enumerate(SYSTEM):
        values = np.array([system[column] for system in systems])
        variables |= {name: ("point", values[of]), f"system_{name}": ("system", values)}
    return xr.Dataset(variables, attrs={"confidence_level": 0.95})
