"""Losses and gradients at random parameters and random times, and their moments beside the exact Haar averages.

A sample is one draw of all parameters (uniform over one period of the gates) and of all times (uniform up to the horizon). Moments are taken over the gates in
the middle half of the network: the Haar average assumes that enough of the network lies before and after the gate.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of, middle_half, moment_table
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.trainability.moments import moments

__all__ = ["sample", "summarise"]

MANY_INSTANCES = 20
"""Instances from which the spread between them is known well enough for a 99 % interval."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient, one row for each sample."""
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
        }
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of the gradient for each system, over its instances, and its ratio to the exact Haar average.

    Systems with `MANY_INSTANCES` have a 99 % interval of the ratio too (``haar_ratio_low_99``, ``haar_ratio_high_99``; NaN for the others).
    """
    cells = context.cells(Stage.GRADIENTS)
    drawn = context.cells(Stage.DATASET)
    instances = [instance_of(cell, drawn) for cell in cells]
    gradients = [middle_half(cell.data["gradient"].values) for cell in cells]
    averages = [float(instance.data["haar_gradient_variance"]) for instance in instances]
    by = ("site_dim", "sites", "top_sectors")
    table = moment_table(cells, gradients, context.generator(Purpose.BOOTSTRAP, 0), by, averages)
    rng = context.generator(Purpose.BOOTSTRAP, 1)
    ends = np.full((table.sizes["system"], 2), np.nan)
    for number in np.flatnonzero(table["instances"].values >= MANY_INSTANCES):
        system = tuple(table[name].values[number] for name in by)
        mine = [k for k, cell in enumerate(cells) if tuple(cell[name] for name in by) == system]
        ratio = moments(
            [gradients[k] / np.sqrt(averages[k]) for k in mine], rng, level=0.99
        ).second_moment
        ends[number] = ratio.low, ratio.high
    table = table.assign(
        haar_ratio_low_99=("system", ends[:, 0]), haar_ratio_high_99=("system", ends[:, 1])
    )
    krylov = {
        (cell["sites"], cell["top_sectors"]): int(instance.data["dimension"].sum())
        for cell, instance in zip(cells, instances, strict=True)
    }
    sums = [
        krylov[int(sites), int(top)]
        for sites, top in zip(table["sites"], table["top_sectors"], strict=True)
    ]
    return table.assign_coords(krylov_dimension_sum=("system", np.array(sums)))
