"""Success, ranks and the critical number of parameters of each chain, over all instances."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.selection import CHAIN, SYSTEM, instance_of
from trainscape.studies.kit.tables import by_parameters, joined, to_dataset
from trainscape.trainability.intervals import median
from trainscape.trainability.label_learning import orbit_rank, qfim_rank
from trainscape.trainability.sector_algebra import network_algebra
from trainscape.trainability.thresholds import critical_count

__all__ = ["summarise"]


def _formulas(instance: xr.Dataset, label: str) -> dict[str, int]:
    """Return the expected ranks, and the bound of Theorem 3 without its constant."""
    dimensions = [int(n) for n in instance["dimension"].values]
    ancilla = instance.sizes["ancilla_row"]
    return {
        "rank_formula": orbit_rank(dimensions, ancilla, label),
        "qfim_formula": qfim_rank(dimensions, ancilla),
        # M N_a^3 N^3 with M = N.
        "bound": sum(dimensions) ** 4 * ancilla**3,
    }


def _algebra(instances: Sequence[CellData], label: str, rng: np.random.Generator) -> dict[str, int]:
    """Return the least dimension of the networks' Lie algebras, and the largest possible one."""
    problems = [load_problem(instance.data, label) for instance in instances]
    dimensions, bounds = zip(*(network_algebra(problem, rng) for problem in problems), strict=True)
    return {"lie_dimension": min(dimensions), "lie_bound": max(bounds)}


def _ranks(cells: Sequence[CellData], position: int) -> dict[str, Any]:
    """Return ranks and iterations at one number of parameters, over all restarts."""

    def at(name: str) -> NDArray[np.int64]:
        return joined(cells, name)[:, position]

    minima = at("hessian_rank")[at("hessian_rank") >= 0]
    return {
        "instances": len(cells),
        "converged": len(minima),
        "hessian_rank_least": int(minima.min()) if len(minima) else -1,
        "hessian_rank_largest": int(minima.max(initial=-1)),
        "qfim_rank_largest": int(at("qfim_rank").max()),
        "start_hessian_rank_least": int(at("start_hessian_rank").min()),
        "start_qfim_rank_least": int(at("start_qfim_rank").min()),
        "start_qfim_rank_largest": int(at("start_qfim_rank").max()),
        "median_iterations": median(at("iterations")),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and number of parameters; what is of the system is repeated.

    ``critical`` and its bracket are -1 where there is none, see `critical_count`; the ranks of the
    Hessian where no restart converged. A chain that is trained with several families of
    coefficients is ``compared``, and the Lie algebras of its networks are computed (else -1).
    """
    instances = context.cells(Stage.DATASET)
    systems = by_parameters(context.cells(Stage.THRESHOLDS), SYSTEM)
    chains = [system[: len(CHAIN)] for system in systems]
    rows: list[dict[str, Any]] = []
    for number, (system, cells) in enumerate(systems.items()):
        members = [instance_of(cell, instances) for cell in cells]
        label = cells[0]["label"]
        losses = joined(cells, "loss")
        counts = cells[0].data["parameters"].values.tolist()
        lines, crossing = critical_count(counts, list(losses.T), context.options["success"])
        compared = chains.count(chains[number]) > 1
        algebra = {"lie_dimension": -1, "lie_bound": -1}
        if compared:
            algebra = _algebra(members, label, context.generator(Purpose.SEARCH, number))
        same = dict(zip(SYSTEM, system, strict=True)) | _formulas(members[0].data, label)
        same |= {"compared": compared, **crossing, **algebra}
        rows += [same | line | _ranks(cells, position) for position, line in enumerate(lines)]
    return to_dataset(rows, (*SYSTEM, "parameters"))
