r"""Train a network classically, on one easy copy of each Krylov space, and deploy it on others.

For each label the dimer state of that sector (`trainscape.physics.dimer_states`) gives a Krylov
space (`trainscape.physics.easy_copies`); networks are trained in these by L-BFGS. The sector of
dimension 1 is steered by two vectors of the ancilla alone, which a given number of gates does not
manage in every instance: where the target is missed, a network with twice as many gates is trained
from the start, twice at most, and all attempts count. Costs are
multiplications to leading order: a gradient takes four products of real matrices of order
:math:`D` with the complex states of :math:`N` inputs for each gate, :math:`8 D^2 N`, a
diagonalisation :math:`10 D^3`.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

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
from trainscape.training.runs import Run

__all__ = ["sample"]

Real = NDArray[np.float64]

DESCRIBED: dict[str, Description] = {
    "loss": ((), "mean probability of a wrong label after training", "1"),
    "evaluations": ((), "gradients of the last attempt", ""),
    "attempts": ((), "numbers of gates that were tried", ""),
    "search": ((), "operations of the search for the sectors", ""),
    "training": ((), "multiplications of the training", ""),
    "path_deviation": ((), "loss in the path basis, less the trained loss", "1"),
    "random_deviation": ((), "loss on random copies in the full space, less the trained loss", "1"),
    "entangled_deviation": ((), "loss on entangled copies, less the trained loss", "1"),
}

ATTEMPTS = 3
"""Numbers of gates that are tried, each twice the one before."""


def _gradient(problem: SectorProblem, layers: int) -> int:
    """Return the multiplications of a gradient."""
    return layers * sum(8 * len(block.inputs) * block.inputs.size for block in problem.blocks)


def _attempts(cell: CellContext, problem: SectorProblem, index: int) -> tuple[Run, Real, list[int]]:
    """Return the last run, its times, and the multiplications of all attempts."""
    layers, costs = cell["parameters"], []
    while True:
        engine, theta0 = start(cell, problem, layers, index)
        run = descend(engine, theta0, cell.options)
        diagonalised = sum(10 * len(block.inputs) ** 3 for block in problem.blocks)
        costs.append(run.evaluations * _gradient(problem, layers) + diagonalised)
        if run.loss <= cell.options["target"] or len(costs) == ATTEMPTS:
            return run, np.asarray(engine.problem.times), costs
        layers *= 2


def _deviation(problem: SectorProblem, theta: Real, times: Real, loss: float) -> float:
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
        run, times, costs = _attempts(cell, problem, index)
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
                "attempts": len(costs),
                "search": sum(one.operations for one in found),
                "training": sum(costs),
                "path_deviation": _deviation(exact, run.theta, times, run.loss),
                "random_deviation": random,
                "entangled_deviation": entangled,
            }
        )
    return xr.Dataset(by_sample(rows, DESCRIBED))
