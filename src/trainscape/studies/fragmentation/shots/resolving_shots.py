"""Shots that resolve a component of the gradient, and its error for each number of shots.

Beside them stands the exact second moment over its Haar average, of the gates that are farthest
from the middle among those that count: it says whether the network is deep enough to be compared
with Haar-random blocks.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import Label
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.haar import HaarMoments
from trainscape.trainability.intervals import mean
from trainscape.trainability.moments import moments
from trainscape.trainability.pair_chains import middle_gate_moments
from trainscape.trainability.resolving_shots import mean_square, resolving_shots

__all__ = ["summarise"]

LARGEST = 48
"""Order of a block up to which second moments are computed exactly: time grows like its fourth
power."""

SYSTEM = ("site_dim", "top_sectors", "sites")


def _noise(data: xr.Dataset, estimate: str, exact: xr.DataArray) -> NDArray[np.float64]:
    """Return the errors of estimates times the root of the shots, shape (samples, budgets)."""
    return np.asarray((data[estimate] - exact) * np.sqrt(data["shots"]))


def _exact_ratio(cell: CellData, instance: xr.Dataset) -> float:
    """Return the exact second moment over its Haar average; NaN where it is not computed."""
    order = int(instance["dimension"].max()) * instance.sizes["ancilla_row"]
    if order > LARGEST or cell["label"] != Label.LAMBDA:
        return math.nan
    problem = load_problem(instance, cell["label"])
    moment = middle_gate_moments(problem, [cell["parameters"] // 4]).sum()
    return float(moment / instance.attrs["haar_gradient_variance"])


def _row(
    cells: Sequence[CellData], instances: Sequence[xr.Dataset], rng: np.random.Generator
) -> dict[str, Any]:
    """Return the row of one system."""
    haar = [
        HaarMoments(
            gradient_variance=one.attrs["haar_gradient_variance"],
            loss_mean=one.attrs["haar_loss_mean"],
            loss_variance=one.attrs["haar_loss_variance"],
            block_gradient_variances=(),
        )
        for one in instances
    ]
    data, middle = [cell.data for cell in cells], cells[0]["parameters"] // 2
    pairs = [(part, part["gradient"][:, middle]) for part in data]
    noise = [_noise(part, "gradient_estimate", exact) for part, exact in pairs]
    loss_noise = [_noise(part, "loss_estimate", part["loss"]) for part in data]
    deviations = [float(np.abs(part["shift_rule"] - exact).max()) for part, exact in pairs]
    gradients = [middle_half(part["gradient"].values) for part in data]
    return {
        "krylov_dimension_sum": int(instances[0]["dimension"].sum()),
        "ancilla_dim": instances[0].sizes["ancilla_row"],
        "parameters": cells[0]["parameters"],
        "exact_ratio": mean(
            np.array([_exact_ratio(*pair) for pair in zip(cells, instances, strict=True)])
        ),
        "instances": len(cells),
        "samples": sum(part.sizes["sample"] for part in data),
        "one_shot_variance_loss": mean_square(loss_noise),
        "largest_deviation_of_shift_rule": max(deviations),
        **resolving_shots(noise, gradients, haar, rng),
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
