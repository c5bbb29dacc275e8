"""Losses and gradients of the network on the blocks that were found, and their moments beside the exact Haar averages with the model's own N.

A sample is one draw of all parameters and times. Coefficients and ancilla are drawn for each instance. The gate is built from the model's first generator, scaled to norm 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.fragmentation_qnn import Label, QNNProblem, ancilla_dimension, build_problem, draw_parameters, draw_qnn, draw_times
from trainscape.simulators.sectors import Sectors
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import instance_of, middle_half, moment_table
from trainscape.trainability.haar import haar_moments

__all__ = ["draw_problem", "sample", "sector_blocks", "summarise"]


def sector_blocks(sectors: xr.Dataset) -> list[NDArray[np.float64]]:
    """Return the generators of each stored sector, shape ``(m, N, N)``."""
    count = sectors.attrs["generators"]
    sizes = [int(n) for n in sectors["dimension"].values]
    parts = np.split(sectors["blocks"].values, np.cumsum([count * n * n for n in sizes])[:-1])
    return [part.reshape(count, n, n) for part, n in zip(parts, sizes, strict=True)]


def draw_problem(cell: CellContext) -> QNNProblem:
    """Return the network of an instance on the sectors of its model, with the reduced training set; the label is the sector."""
    blocks = sector_blocks(cell.inputs[Stage.DATASET])
    sizes = [stack.shape[1] for stack in blocks]
    norm = max(float(np.linalg.norm(stack[0], 2)) for stack in blocks)
    qnn = draw_qnn(cell.generator(Purpose.INSTANCE, 0), len(blocks[0]), ancilla_dimension(Label.LAMBDA, sizes), gate_scale=1 / norm)
    return build_problem(qnn, [list(stack) for stack in blocks], label=Label.LAMBDA)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient, one row for each sample, and the Haar averages of the instance as coordinates."""
    problem = draw_problem(cell)
    layers = cell["parameters"]
    theta = np.concatenate([draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, layers) for index in samples])
    times = np.stack([draw_times(cell.generator(Purpose.STRUCTURE, index), layers, cell["horizon"]) for index in samples])
    loss, gradient = Sectors(problem).value_and_gradient(theta, times)
    haar = haar_moments(problem.blocks)
    return xr.Dataset(
        {
            "loss": (("sample",), loss, {"long_name": "mean probability of a wrong label", "units": "1"}),
            "gradient": (("sample", "parameter"), gradient, {"long_name": "derivative of the loss", "units": "1/rad"}),
        },
        attrs={"haar_gradient_variance": haar.gradient_variance, "haar_loss_mean": haar.loss_mean},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of the gradient of each model and length, over its instances, and its ratio to the exact Haar average."""
    cells = context.cells(Stage.GRADIENTS)
    found = context.cells(Stage.DATASET)
    table = moment_table(
        cells,
        [middle_half(cell.data["gradient"].values) for cell in cells],
        context.generator(Purpose.BOOTSTRAP, 0),
        ("model", "sites"),
        [float(cell.data.attrs["haar_gradient_variance"]) for cell in cells],
    )
    sums = {(cell["model"], cell["sites"]): int(instance_of(cell, found).data["dimension"].sum()) for cell in cells}
    own = [sums[str(model), int(sites)] for model, sites in zip(table["model"].values, table["sites"].values, strict=True)]
    return table.assign_coords(krylov_dimension_sum=("system", np.array(own)))
