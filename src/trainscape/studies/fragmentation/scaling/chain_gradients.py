"""Loss and gradient of the network on a chain, at random parameters and times."""

from __future__ import annotations

import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient, one row for each sample."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    loss, gradient = engine.value_and_gradient(*draw_points(cell, samples))
    meaning = {"long_name": "mean probability of a wrong label", "units": "1"}
    derivative = {"long_name": "derivative of the loss", "units": "1/rad"}
    return xr.Dataset(
        {
            "loss": (("sample",), loss, meaning),
            "gradient": (("sample", "parameter"), gradient, derivative),
        }
    )
