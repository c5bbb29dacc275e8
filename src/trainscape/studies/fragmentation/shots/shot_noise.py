r"""Estimates of the loss and of one component of the gradient from finite shots.

A shot prepares an input drawn uniformly from the training set, runs the network and asks whether
the label on the ancilla is wrong: one Bernoulli variable with the loss :math:`\ell(\theta)` itself
as its probability, so that ``n`` shots estimate the loss with the variance :math:`\ell(1-\ell)/n`.

For the derivative, the gate generator
:math:`A = (e_1/d \otimes 1 + 1 \otimes |v\rangle\langle v|)/2` is half the sum of two commuting
projectors: its eigenvalues are 0, 1/2 and 1, and the loss is a trigonometric polynomial of each
parameter with the frequencies 1/2 and 1. The two-term rule of a single frequency does not apply,
but the four-term rule of `trainscape.trainability.shift_rule` is exact, and its coefficients add up
to 1 in absolute value: the noise of the derivative is that of a loss.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem
from trainscape.studies.kit.variables import variable
from trainscape.trainability.shift_rule import equidistant_rule

__all__ = ["RULE", "sample"]

BUDGETS = 100 * 10 ** np.arange(7)
"""Numbers of shots."""

RULE = equidistant_rule(0.5, 2)
"""Shift rule for the eigenvalues 0, 1/2, 1 of the gate generator."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return exact loss and gradient, and both from finite shots, by the middle parameter."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    theta, times = draw_points(cell, samples)
    loss, gradient = engine.value_and_gradient(theta, times)
    terms = len(RULE.shifts)
    shifted = np.repeat(theta, terms, axis=0)
    shifted[:, cell["parameters"] // 2] += np.tile(RULE.shifts, len(theta))
    values = engine.value(shifted, np.repeat(times, terms, axis=0))
    # Rounding may leave a probability by an epsilon.
    values = np.clip(values, 0.0, 1.0).reshape(-1, terms)
    losses, derivatives = (np.empty((len(theta), len(BUDGETS))) for _ in range(2))
    for row, index in enumerate(samples):
        rng = cell.generator(Purpose.SHOTS, index)
        for column, shots in enumerate(BUDGETS):
            losses[row, column] = rng.binomial(shots, min(loss[row], 1.0)) / shots
            each = RULE.allocation(int(shots))
            outcomes = rng.binomial(each, values[row]) / each
            derivatives[row, column] = np.dot(RULE.coefficients, outcomes)
    budgets, middle = ("sample", "budget"), "derivative by the middle parameter"
    shift_rule, wrong = values @ RULE.coefficients, "mean probability of a wrong label"
    gradient_name = "derivative of the loss"
    return xr.Dataset(
        {
            "loss": variable("sample", loss, wrong, "1"),
            "gradient": variable(("sample", "parameter"), gradient, gradient_name, "1/rad"),
            "shift_rule": variable("sample", shift_rule, f"{middle} from exact values", "1/rad"),
            "loss_estimate": variable(budgets, losses, "loss from finite shots", "1"),
            "gradient_estimate": variable(
                budgets, derivatives, f"{middle} from finite shots", "1/rad"
            ),
        },
        coords={"shots": ("budget", BUDGETS)},
    )
