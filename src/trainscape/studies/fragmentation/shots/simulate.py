r"""Shot noise on the loss and on one component of the gradient, and the shots that resolve it.

**Measurement.** A shot prepares an input drawn uniformly from the training set, runs the network and asks whether the label on the ancilla is wrong: one Bernoulli variable with the
loss :math:`\ell(\theta)` itself as its probability, so that ``n`` shots estimate the loss with the variance :math:`\ell(1-\ell)/n`. For the derivative, the gate generator
:math:`A = (e_1/d \otimes 1 + 1 \otimes |v\rangle\langle v|)/2` is half the sum of two commuting projectors: its eigenvalues are 0, 1/2 and 1, and the loss is a trigonometric
polynomial of each parameter with the frequencies 1/2 and 1. The two-term rule of a single frequency does not apply, but the four-term rule of
`trainscape.trainability.shift_rule` is exact, and its coefficients add up to 1 in absolute value: the noise of the derivative is that of a loss.

**Shots.** At random parameters :math:`E[\ell] = 1 - 1/N_a`, so that one shot has the variance :math:`v = (1 - 1/N_a)/N_a - \mathrm{Var}[\ell]` on average. The noise is as large as
the gradient at

.. math:: n_* = \frac{E[n (\hat g_n - g)^2]}{E[g^2]} \approx \frac{(1 - 1/N_a)/N_a - \mathrm{Var}_{Haar}[\ell]}{\mathrm{Var}_{Haar}[\partial\ell]},

with the Haar variances of `trainscape.trainability.haar`. A relative error :math:`\epsilon` takes :math:`n_*/\epsilon^2` shots.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of, middle_half
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.trainability.moments import Interval, second_moment_ratio
from trainscape.trainability.shift_rule import equidistant_rule

__all__ = ["RULE", "sample", "summarise"]

Real = NDArray[np.float64]

BUDGETS = 100 * 10 ** np.arange(7)
"""Numbers of shots."""
RULE = equidistant_rule(0.5, 2)
"""Eigenvalues 0, 1/2, 1 of the gate generator."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return exact loss and gradient, and estimates from finite shots of the loss and of the derivative by the middle parameter."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    layers = cell["parameters"]
    theta = np.concatenate(
        [draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, layers) for index in samples]
    )
    times = np.stack(
        [
            draw_times(cell.generator(Purpose.STRUCTURE, index), layers, cell["horizon"])
            for index in samples
        ]
    )
    loss, gradient = engine.value_and_gradient(theta, times)
    terms = len(RULE.shifts)
    shifted = np.repeat(theta, terms, axis=0)
    shifted[:, layers // 2] += np.tile(RULE.shifts, len(theta))
    # Rounding may leave a probability by an epsilon.
    values = np.clip(engine.value(shifted, np.repeat(times, terms, axis=0)), 0.0, 1.0).reshape(
        -1, terms
    )
    losses, derivatives = (np.empty((len(theta), len(BUDGETS))) for _ in range(2))
    for row, index in enumerate(samples):
        rng = cell.generator(Purpose.SHOTS, index)
        for column, shots in enumerate(BUDGETS):
            losses[row, column] = rng.binomial(shots, min(loss[row], 1.0)) / shots
            each = RULE.allocation(int(shots))
            derivatives[row, column] = np.dot(
                RULE.coefficients, rng.binomial(each, values[row]) / each
            )
    return xr.Dataset(
        {
            "loss": (
                ("sample",),
                loss,
                {"long_name": "mean probability of a wrong label", "units": "1"},
            ),
            "gradient": (
                ("sample", "parameter"),
                gradient,
                {"long_name": "derivative of the loss", "units": "1/rad"},
            ),
            "shift_rule": (
                ("sample",),
                values @ RULE.coefficients,
                {
                    "long_name": "derivative by the middle parameter from exact values",
                    "units": "1/rad",
                },
            ),
            "loss_estimate": (
                ("sample", "budget"),
                losses,
                {"long_name": "loss from finite shots", "units": "1"},
            ),
            "gradient_estimate": (
                ("sample", "budget"),
                derivatives,
                {
                    "long_name": "derivative by the middle parameter from finite shots",
                    "units": "1/rad",
                },
            ),
        },
        coords={"shots": ("budget", BUDGETS)},
    )


def _noise(data: xr.Dataset, estimate: str, exact: Real) -> Real:
    """Return the errors of the estimates times the root of the shots, shape (samples, budgets): their second moment is the variance of one shot."""
    noise: Real = (data[estimate].values - exact[:, None]) * np.sqrt(data["shots"].values)
    return noise


def _row(
    cells: list[CellData], instances: list[xr.Dataset], rng: np.random.Generator
) -> dict[str, float]:
    """Return the line of one system."""
    haar, mean, spread = (
        np.array([float(instance[f"haar_{name}"]) for instance in instances])
        for name in ("gradient_variance", "loss_mean", "loss_variance")
    )
    one_shot = mean * (1 - mean) - spread
    middle = cells[0]["parameters"] // 2
    noise = [
        _noise(cell.data, "gradient_estimate", cell.data["gradient"].values[:, middle])
        for cell in cells
    ]
    gradients = [middle_half(cell.data["gradient"].values) for cell in cells]
    shots = second_moment_ratio(noise, gradients, rng)
    ratio = second_moment_ratio(
        [part / np.sqrt(value) for part, value in zip(noise, one_shot, strict=True)],
        [part / np.sqrt(value) for part, value in zip(gradients, haar, strict=True)],
        rng,
    )
    row: dict[str, float] = {
        "krylov_dimension_sum": int(instances[0]["dimension"].sum()),
        "ancilla_dim": instances[0].sizes["ancilla_row"],
        "instances": len(cells),
        "samples": sum(cell.data.sizes["sample"] for cell in cells),
        "predicted_shots": float(one_shot.mean() / haar.mean()),
        "one_shot_variance": float(np.mean([np.mean(part**2) for part in noise])),
        "one_shot_variance_loss": float(
            np.mean(
                [
                    np.mean(_noise(cell.data, "loss_estimate", cell.data["loss"].values) ** 2)
                    for cell in cells
                ]
            )
        ),
        "one_shot_variance_predicted": float(one_shot.mean()),
        "gradient_rms": float(np.sqrt(np.mean([np.mean(part**2) for part in gradients]))),
        "largest_deviation_of_shift_rule": max(
            float(np.abs(cell.data["shift_rule"] - cell.data["gradient"][:, middle]).max())
            for cell in cells
        ),
    }
    found: dict[str, Interval] = {"shots": shots, "ratio": ratio}
    for name, interval in found.items():
        row |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return row


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the shots that resolve a component of the gradient of each system, measured and predicted, and the error against the number of shots."""
    cells = context.cells(Stage.SIMULATE)
    drawn = context.cells(Stage.DATASET)
    rng = context.generator(Purpose.BOOTSTRAP, 0)
    rows, errors = [], []
    systems = list(dict.fromkeys((cell["top_sectors"], cell["sites"]) for cell in cells))
    for system in systems:
        mine = [cell for cell in cells if (cell["top_sectors"], cell["sites"]) == system]
        rows.append(_row(mine, [instance_of(cell, drawn).data for cell in mine], rng))
        squares = [
            np.mean((cell.data["gradient_estimate"] - cell.data["shift_rule"]).values ** 2, axis=0)
            for cell in mine
        ]
        errors.append(np.sqrt(np.mean(squares, axis=0)))
    variables = {name: ("system", np.array([row[name] for row in rows])) for name in rows[0]}
    return xr.Dataset(
        {**variables, "gradient_error": (("system", "budget"), np.array(errors))},
        coords={
            "top_sectors": ("system", np.array([top for top, _ in systems])),
            "sites": ("system", np.array([sites for _, sites in systems])),
            "budget_shots": ("budget", cells[0].data["shots"].values),
        },
        attrs={"confidence_level": 0.95},
    )
