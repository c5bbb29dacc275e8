"""Loss and gradient of the network on a chain, at random parameters and times."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import draw_parameters, draw_times

__all__ = ["sample"]


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
