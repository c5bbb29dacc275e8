r"""Train a network with gradients from shots, and count what a quantum computer would do.

Each step of Adam estimates all components of the gradient by the four-term shift rule
(`trainscape.studies.fragmentation.shots.shot_noise`). A component gets
:math:`n = 1 / (4 \mathrm{Var}[\partial \ell])` shots, with the Haar average of the variance: then
its noise at the start is as large as the component itself, since the variance of a shot is at most
1/4. Every shot is a circuit run with all `p` gates and `p + 1` evolutions by the Hamiltonian; each
of them counts as one gate, and the loss that ends the training is known for free. Both favour the
quantum computer.
"""

from math import ceil

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.block import intervals
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.restarts import start
from trainscape.studies.fragmentation.shots.shot_noise import RULE
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.shifted_losses import ShiftedLosses
from trainscape.training.optimisers import Adam, minimise

__all__ = ["sample"]

Real = NDArray[np.float64]

DESCRIBED: dict[str, Description] = {
    "loss": ((), "mean probability of a wrong label after training", "1"),
    "steps": ((), "steps of Adam", ""),
    "shots": ((), "shots for a component of the gradient", ""),
    "runs": ((), "circuit runs", ""),
    "gates": ((), "gates of all circuit runs, an evolution by the Hamiltonian among them", ""),
    "evolution": ((), "time under the Hamiltonian in all circuit runs", ""),
}


def _train(
    cell: CellContext, index: int, problem: SectorProblem, each: NDArray[np.int64]
) -> dict[str, float]:
    """Train one network with so many shots for each shift of a parameter."""
    engine, theta0 = start(cell, problem, cell["parameters"], index)
    rng = cell.generator(Purpose.SHOTS, index)
    losses = ShiftedLosses(engine.problem)

    def measured(theta: Real) -> tuple[float, Real]:
        outcomes = rng.binomial(each, losses(theta, RULE.shifts)) / each
        return float(engine.value(theta[None])[0]), outcomes @ RULE.coefficients

    options = Adam(
        iterations=cell.options["steps"],
        target=cell.options["shot_target"],
        learning_rate=cell.options["learning_rate"],
    )
    run = minimise(measured, theta0, options)
    runs = float(run.iterations * len(theta0) * each.sum())
    waits = np.abs(intervals(np.asarray(engine.problem.times))).sum()
    return {
        "loss": run.loss,
        "steps": run.iterations,
        "shots": int(each.sum()),
        "runs": runs,
        "gates": runs * (2 * len(theta0) + 1),
        "evolution": runs * float(waits),
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train one network after the other."""
    instance = cell.inputs[Stage.DATASET]
    problem = load_problem(instance, cell["label"])
    each = RULE.allocation(ceil(0.25 / instance.attrs["haar_gradient_variance"]))
    rows = [_train(cell, index, problem, each) for index in samples]
    return xr.Dataset(by_sample(rows, DESCRIBED))
