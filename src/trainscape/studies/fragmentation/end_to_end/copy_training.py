r"""Train a network classically, on one easy copy of each Krylov space, and deploy it on others.

For each label the dimer state of that sector (`trainscape.physics.dimer_states`) gives a Krylov
space (`trainscape.physics.easy_copies`); networks are trained in these by L-BFGS. Costs are
multiplications to leading order: a gradient takes four products of real matrices of order
:math:`D` with the complex states of :math:`N` inputs for each gate, :math:`8 D^2 N`, a
diagonalisation :math:`10 D^3`.
"""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.dimer_states import dimer_digits
from trainscape.physics.easy_copies import easy_copy
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.end_to_end.other_copies import (
    entangled_copy,
    random_copies_loss,
)
from trainscape.studies.fragmentation.instances import load_network, load_problem
from trainscape.studies.fragmentation.network import Label, build_problem
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.studies.kit.variables import Description, by_sample

__all__ = ["sample"]

DESCRIBED: dict[str, Description] = {
    "loss": ((), "mean probability of a wrong label after training", "1"),
    "evaluations": ((), "gradients", ""),
    "search": ((), "operations of the search for the sectors", ""),
    "training": ((), "multiplications of the training", ""),
    "path_deviation": ((), "loss in the path basis, less the trained loss", "1"),
    "random_deviation": ((), "loss on random copies in the full space, less the trained loss", "1"),
    "entangled_deviation": ((), "loss on entangled copies, less the trained loss", "1"),
}


def _gradient(problem: SectorProblem, layers: int) -> int:
    """Return the multiplications of a gradient."""
    return layers * sum(8 * len(block.inputs) * block.inputs.size for block in problem.blocks)


def _deviation(problem: SectorProblem, theta: Any, times: Any, loss: float) -> float:
    return float(Sectors(problem).value(theta[None], times[None])[0]) - loss


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Search, train and deploy; deviations that were not computed are NaN."""
    instance, top = cell.inputs[Stage.DATASET], cell["top_sectors"]
    model = FAMILIES[f"temperley_lieb_d{cell['site_dim']}"](cell["sites"])
    qnn, _ = load_network(instance)
    # Labels count from the sector with the most arcs.
    arcs = range(top - 1, -1, -1)
    rows = []
    for index in samples:
        rng = cell.generator(Purpose.SEARCH, index)
        found = [
            easy_copy(model, dimer_digits(model.sites, count), range(0, 2 * count, 2), rng)
            for count in arcs
        ]
        problem = build_problem(qnn, [list(one.generators) for one in found], label=Label.LAMBDA)
        engine, theta0 = start(cell, problem, cell["parameters"], index)
        run = descend(engine, theta0, cell.options)
        times = np.asarray(engine.problem.times)
        orders = [len(block.inputs) for block in problem.blocks]
        random = entangled = np.nan
        if model.dimension * len(qnn.ancilla_vector) <= cell.options["full_space"]:
            copies = random_copies_loss(qnn, model, top, run.theta, times, rng)
            random = copies - run.loss
        if cell["instance"] == 0 and model.sites <= cell.options["entangled_sites"]:
            spaces = [entangled_copy(model, count) for count in arcs]
            other = build_problem(qnn, spaces, label=Label.LAMBDA)
            entangled = _deviation(other, run.theta, times, run.loss)
        exact = load_problem(instance, cell["label"])
        rows.append(
            {
                "loss": run.loss,
                "evaluations": run.evaluations,
                "search": sum(one.operations for one in found),
                "training": run.evaluations * _gradient(problem, cell["parameters"])
                + sum(10 * order**3 for order in orders),
                "path_deviation": _deviation(exact, run.theta, times, run.loss),
                "random_deviation": random,
                "entangled_deviation": entangled,
            }
        )
    return xr.Dataset(by_sample(rows, DESCRIBED))
