"""Training of the network on the blocks that were found, around the orbit rank R of the model's own blocks.

A sample is one restart on an instance of its own: coefficients and ancilla, times, initial parameters. Networks with more parameters extend those with fewer. R counts what has to be
controlled if the network controls all blocks one by one, that is if the Lie algebra of its Hamiltonian and its gate is full; its dimension is computed for each instance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.models.gradients import draw_problem
from trainscape.studies.fragmentation.moments import instance_of
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.network import Couplings, Label
from trainscape.studies.fragmentation.ranks import orbit_rank
from trainscape.studies.fragmentation.restarts import (
    critical_count,
    descend,
    network_algebra,
    start,
)

__all__ = ["sample", "summarise"]

SYSTEM = ("model", "sites", "couplings")


def _rank(sectors: xr.Dataset) -> int:
    """Return the orbit rank of a model's blocks; the label is the sector."""
    sizes = [int(n) for n in sectors["dimension"].values]
    return orbit_rank(sizes, ancilla_dimension(Label.LAMBDA, sizes), Label.LAMBDA)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train each restart at all numbers of parameters, which are the cell's ratios times R, and compute the Lie algebra of its instance."""
    rank = _rank(cell.inputs[Stage.DATASET])
    counts = sorted({max(1, round(float(ratio) * rank)) for ratio in cell["ratios"].split()})
    losses = np.empty((len(samples), len(counts)))
    iterations = np.empty((len(samples), len(counts)), dtype=np.int64)
    algebras = np.empty((len(samples), 2), dtype=np.int64)
    for s, index in enumerate(samples):
        problem = draw_problem(cell, index, Couplings(cell["couplings"]))
        algebras[s] = network_algebra(problem, cell.generator(Purpose.SEARCH, index))
        for c, layers in enumerate(counts):
            run = descend(*start(cell, problem, layers, index), cell.options)
            losses[s, c], iterations[s, c] = run.loss, run.iterations
    return xr.Dataset(
        {
            "loss": (
                ("sample", "parameters"),
                losses,
                {"long_name": "final mean probability of a wrong label", "units": "1"},
            ),
            "iterations": (("sample", "parameters"), iterations),
            "lie_dimension": (
                ("sample",),
                algebras[:, 0],
                {"long_name": "dimension of the Lie algebra of H and A, -1 if undecided"},
            ),
            "lie_bound": (
                ("sample",),
                algebras[:, 1],
                {"long_name": "largest dimension that this Lie algebra could have"},
            ),
        },
        coords={"parameters": counts},
    )


def _crossing(
    cell: CellData, sectors: xr.Dataset, success: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the lines of one system, one for each number of parameters, and its critical number of parameters."""
    counts = cell.data["parameters"].values.tolist()
    lines, crossing = critical_count(counts, list(cell.data["loss"].values.T), success)
    names = {name: cell[name] for name in SYSTEM}
    sizes = sectors["dimension"].values
    numbers = {
        "rank_formula": _rank(sectors),
        "krylov_sum": int(sizes.sum()),
        "largest_krylov": int(sizes.max()),
    }
    medians = np.median(cell.data["iterations"].values, axis=0).tolist()
    points = [
        {**names, **numbers, **line, "median_iterations": median}
        for line, median in zip(lines, medians, strict=True)
    ]
    algebra = {
        "lie_dimension": int(cell.data["lie_dimension"].min()),
        "lie_bound": int(cell.data["lie_bound"].max()),
    }
    return points, {
        **names,
        **numbers,
        **crossing,
        **algebra,
        "restarts": cell.data.sizes["sample"],
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return success against the number of parameters (dimension ``point``), and N, R, the critical number of parameters and the Lie algebra of each model (dimension ``system``)."""
    found = context.cells(Stage.DATASET)
    crossings = [
        _crossing(cell, instance_of(cell, found).data, context.options["success"])
        for cell in context.cells(Stage.SIMULATE)
    ]
    points = [point for lines, _ in crossings for point in lines]
    systems = [system for _, system in crossings]
    variables = {name: ("point", np.array([point[name] for point in points])) for name in points[0]}
    variables |= {
        f"system_{name}": ("system", np.array([system[name] for system in systems]))
        for name in systems[0]
    }
    return xr.Dataset(variables, attrs={"confidence_level": 0.95})
