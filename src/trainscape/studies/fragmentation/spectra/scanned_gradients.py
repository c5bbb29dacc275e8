"""Losses and gradients for one family of coefficients, over gate counts and horizons.

A point of the scan is a number of parameters and a horizon. All points of a sample share its draws:
networks with more gates extend those with fewer, and a longer horizon stretches the same times.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem
from trainscape.studies.fragmentation.selection import middle_half
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and the mean square of the gradient over the middle half of the gates."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    counts, horizons = cell.options["counts"], cell.options["horizons"]
    theta, times = draw_points(cell, samples, max(counts), 1.0)
    losses, squares = np.empty((2, len(theta), len(counts)))
    for column, (count, horizon) in enumerate(zip(counts, horizons, strict=True)):
        losses[:, column], gradient = engine.value_and_gradient(
            theta[:, :count], horizon * times[:, : count + 2]
        )
        squares[:, column] = np.mean(middle_half(gradient) ** 2, axis=1)
    point = ("sample", "point")
    square = variable(point, squares, "mean squared derivative of the loss", "1/rad^2")
    return xr.Dataset(
        {
            "loss": variable(point, losses, "mean probability of a wrong label", "1"),
            "gradient_square": square,
        },
        coords={
            "parameters": ("point", np.array(counts)),
            "horizon": ("point", np.array(horizons)),
        },
    )
