"""Losses and gradients of the network on the blocks that were found, and their moments beside the exact Haar averages with the model's own N.

A sample is one instance: coefficients and ancilla, with a number of draws of all parameters and times inside it. The gate is built from the model's first generator, scaled to norm 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import instance_of, middle_half, moment_table
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.network import Couplings, Label, build_problem, draw_parameters, draw_qnn, draw_times
from trainscape.trainability.haar import haar_moments

__all__ = ["draw_problem", "sample", "sector_blocks", "summarise"]


def sector_blocks(sectors: xr.Dataset) -> list[NDArray[np.float64]]:
    """Return the generators of each stored sector, shape ``(m, N, N)``."""
    if "blocks" not in sectors:
        raise ValueError(
            f"the blocks of this model ({sectors.attrs['hilbert_dimension']} states, N = {int(sectors['dimension'].sum())}) are too large to be stored; leave this length out of models.gradients and models.training"
        )
    count = sectors.attrs["generators"]
    sizes = [int(n) for n in sectors["dimension"].values]
    parts = np.split(sectors["blocks"].values, np.cumsum([count * n * n for n in sizes])[:-1])
    return [part.reshape(count, n, n) for part, n in zip(parts, sizes, strict=True)]


def draw_problem(
    cell: CellContext, instance: int, couplings: Couplings = Couplings.U0515
) -> SectorProblem:
    """Return the network of an instance on the sectors of its model, with the reduced training set; the label is the sector."""
    blocks = sector_blocks(cell.inputs[Stage.DATASET])
    sizes = [stack.shape[1] for stack in blocks]
    norm = max(float(np.linalg.norm(stack[0], 2)) for stack in blocks)
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, instance),
        len(blocks[0]),
        ancilla_dimension(Label.LAMBDA, sizes),
        couplings=couplings,
        gate_scale=1 / norm,
    )
    return build_problem(qnn, [list(stack) for stack in blocks], label=Label.LAMBDA)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return losses, gradients and the exact Haar averages of each instance."""
    layers, draws = cell["parameters"], cell["draws"]
    losses, gradients, averages = [], [], []
    for instance in samples:
        problem = draw_problem(cell, instance)
        theta = draw_parameters(cell.generator(Purpose.PARAMETERS, instance), draws, layers)
        clock = cell.generator(Purpose.STRUCTURE, instance)
        times = np.stack([draw_times(clock, layers, cell["horizon"]) for _ in range(draws)])
        loss, gradient = Sectors(problem).value_and_gradient(theta, times)
        losses.append(loss)
        gradients.append(gradient)
        averages.append(haar_moments(problem.blocks).gradient_variance)
    return xr.Dataset(
        {
            "loss": (
                ("sample", "draw"),
                np.stack(losses),
                {"long_name": "mean probability of a wrong label", "units": "1"},
            ),
            "gradient": (
                ("sample", "draw", "parameter"),
                np.stack(gradients),
                {"long_name": "derivative of the loss", "units": "1/rad"},
            ),
            "haar_gradient_variance": (("sample",), np.array(averages)),
        }
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of the gradient of each model and length, over its instances, and its ratio to the exact Haar average."""
    cells = context.cells(Stage.GRADIENTS)
    found = context.cells(Stage.DATASET)
    instances = [
        CellData(cell.parameters, cell.data.isel(sample=index), "")
        for cell in cells
        for index in range(cell.data.sizes["sample"])
    ]
    table = moment_table(
        instances,
        [middle_half(instance.data["gradient"].values) for instance in instances],
        context.generator(Purpose.BOOTSTRAP, 0),
        ("model", "sites"),
        [float(instance.data["haar_gradient_variance"]) for instance in instances],
    )
    sums = {
        (cell["model"], cell["sites"]): int(instance_of(cell, found).data["dimension"].sum())
        for cell in cells
    }
    own = [
        sums[str(model), int(sites)]
        for model, sites in zip(table["model"].values, table["sites"].values, strict=True)
    ]
    return table.assign_coords(krylov_dimension_sum=("system", np.array(own)))
