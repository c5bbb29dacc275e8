"""Losses and gradients of family ``tl_coefficients``: at several numbers of parameters and horizons, for each family of coefficients.

A point of the scan is a number of parameters and a horizon. All points of a sample share its draws: networks with more gates extend those with fewer, and a longer horizon stretches
the same times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.moments import instance_of, middle_half, moment_table
from trainscape.studies.fragmentation.network import draw_parameters, draw_times

__all__ = ["sample", "summarise"]


def _points(options: Mapping[str, Any]) -> list[tuple[int, float]]:
    """Return the points of the scan: number of parameters and horizon."""
    return [
        (int(count), float(horizon))
        for count, horizon in zip(
            options["counts"].split(), options["horizons"].split(), strict=True
        )
    ]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and the mean square of the gradient over the middle half of the gates, at each point of the scan."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    points = _points(cell.options)
    longest = max(count for count, _ in points)
    theta = np.concatenate(
        [
            draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, longest)
            for index in samples
        ]
    )
    times = np.stack(
        [draw_times(cell.generator(Purpose.STRUCTURE, index), longest, 1.0) for index in samples]
    )
    losses, squares = np.empty((2, len(theta), len(points)))
    for column, (count, horizon) in enumerate(points):
        losses[:, column], gradient = engine.value_and_gradient(
            theta[:, :count], horizon * times[:, : count + 2]
        )
        squares[:, column] = np.mean(middle_half(gradient) ** 2, axis=1)
    return xr.Dataset(
        {
            "loss": (
                ("sample", "point"),
                losses,
                {"long_name": "mean probability of a wrong label", "units": "1"},
            ),
            "gradient_square": (
                ("sample", "point"),
                squares,
                {"long_name": "mean squared derivative of the loss", "units": "1/rad^2"},
            ),
        },
        coords={
            "parameters": ("point", np.array([count for count, _ in points])),
            "horizon": ("point", np.array([horizon for _, horizon in points])),
        },
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the ratio of the second moment of the gradient to its Haar average for each family of coefficients, number of parameters and horizon."""
    drawn = context.cells(Stage.DATASET)
    cells, roots, haar = [], [], []
    for cell in context.cells(Stage.GRADIENTS):
        for point in range(cell.data.sizes["point"]):
            data = cell.data.isel(point=point)
            scan = {"parameters": int(data["parameters"]), "horizon": float(data["horizon"])}
            cells.append(CellData({**cell.parameters, **scan}, data, cell.digest))
            # The moments are those of the squares, so that the root stands for the gradient.
            roots.append(np.sqrt(data["gradient_square"].values))
            haar.append(float(instance_of(cell, drawn).data["haar_gradient_variance"]))
    system = ("site_dim", "sites", "couplings", "parameters", "horizon")
    return moment_table(cells, roots, context.generator(Purpose.BOOTSTRAP, 0), system, haar)
