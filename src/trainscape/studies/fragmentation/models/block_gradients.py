"""Losses and gradients of the network on the blocks that were found, beside exact Haar averages.

A sample is one instance: coefficients and ancilla, with a number of draws of all parameters and
times inside it.
"""

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.models.networks import draw_problem
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.studies.kit.variables import variable
from trainscape.trainability.haar import haar_moments

__all__ = ["sample"]


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
    dimensions = ("sample", "draw", "parameter")
    loss_name, gradient_name = "mean probability of a wrong label", "derivative of the loss"
    return xr.Dataset(
        {
            "loss": variable(dimensions[:2], np.stack(losses), loss_name, "1"),
            "gradient": variable(dimensions, np.stack(gradients), gradient_name, "1/rad"),
            "haar_gradient_variance": variable("sample", np.array(averages)),
        }
    )
