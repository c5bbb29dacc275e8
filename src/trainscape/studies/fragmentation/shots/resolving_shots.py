r"""Shots that resolve a component of the gradient, measured and predicted.

At random parameters :math:`E[\ell] = 1 - 1/N_a`, so that one shot has the variance
:math:`(1 - 1/N_a)/N_a - \mathrm{Var}[\ell]` on average. The noise is as large as the gradient at

.. math:: n_* = \frac{E[n (\hat g_n - g)^2]}{E[g^2]} \approx
    \frac{(1 - 1/N_a)/N_a - \mathrm{Var}_{Haar}[\ell]}{\mathrm{Var}_{Haar}[\partial\ell]},

with the Haar variances of `trainscape.trainability.haar`. A relative error :math:`\epsilon` takes
:math:`n_*/\epsilon^2` shots.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.moments import moments, second_moment_ratio

__all__ = ["summarise"]

Real = NDArray[np.float64]

SYSTEM = ("site_dim", "top_sectors", "sites")


def _noise(data: xr.Dataset, estimate: str, exact: xr.DataArray) -> Real:
    """Return the errors of the estimates times the root of the shots, shape (samples, budgets).

    Their second moment is the variance of one shot.
    """
    noise: Real = ((data[estimate] - exact) * np.sqrt(data["shots"])).values
    return noise


def _mean_square(parts: Sequence[Real]) -> float:
    return float(np.mean([np.mean(part**2) for part in parts]))


def _row(
    cells: Sequence[CellData], instances: Sequence[xr.Dataset], rng: np.random.Generator
) -> dict[str, Any]:
    """Return the row of one system."""
    haar, mean, spread = (
        np.array([float(instance[f"haar_{name}"]) for instance in instances])
        for name in ("gradient_variance", "loss_mean", "loss_variance")
    )
    one_shot = mean * (1 - mean) - spread
    data, middle = [cell.data for cell in cells], cells[0]["parameters"] // 2
    exact = [part["gradient"][:, middle] for part in data]
    pairs = list(zip(data, exact, strict=True))
    noise = [_noise(part, "gradient_estimate", values) for part, values in pairs]
    gradients = [middle_half(part["gradient"].values) for part in data]
    # Instances differ in what is expected of them.
    scaled_noise, scaled_gradients = (
        [part / np.sqrt(value) for part, value in zip(parts, expected, strict=True)]
        for parts, expected in ((noise, one_shot), (gradients, haar))
    )
    return {
        "krylov_dimension_sum": int(instances[0]["dimension"].sum()),
        "ancilla_dim": instances[0].sizes["ancilla_row"],
        "instances": len(cells),
        "samples": sum(part.sizes["sample"] for part in data),
        "predicted_shots": float(one_shot.mean() / haar.mean()),
        "one_shot_variance": _mean_square(noise),
        "one_shot_variance_loss": _mean_square(
            [_noise(part, "loss_estimate", part["loss"]) for part in data]
        ),
        "one_shot_variance_predicted": float(one_shot.mean()),
        "gradient_rms": float(np.sqrt(_mean_square(gradients))),
        "largest_deviation_of_shift_rule": max(
            float(np.abs(part["shift_rule"] - values).max()) for part, values in pairs
        ),
        "shots": second_moment_ratio(noise, gradients, rng),
        "ratio": second_moment_ratio(scaled_noise, scaled_gradients, rng),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each system, and the error of the derivative for each number of shots."""
    cells, instances = context.cells(Stage.SIMULATE), context.cells(Stage.DATASET)
    rng, second = (context.generator(Purpose.BOOTSTRAP, stream) for stream in range(2))
    rows, errors = [], []
    for system, members in by_parameters(cells, SYSTEM).items():
        drawn = [instance_of(cell, instances).data for cell in members]
        rows.append({**dict(zip(SYSTEM, system, strict=True)), **_row(members, drawn, rng)})
        deviations = [
            (cell.data["gradient_estimate"] - cell.data["shift_rule"]).values for cell in members
        ]
        squares = [
            moments([part[:, budget] for part in deviations], second).second_moment
            for budget in range(deviations[0].shape[1])
        ]
        errors.append(np.sqrt([(square.value, square.low, square.high) for square in squares]))
    ends = ("gradient_error", "gradient_error_low", "gradient_error_high")
    columns = {
        name: (("row", "budget"), values)
        for name, values in zip(ends, np.moveaxis(np.array(errors), -1, 0), strict=True)
    }
    shots = ("budget", cells[0].data["shots"].values)
    table = to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
    return table.assign_coords(budget_shots=shots).assign(columns)
