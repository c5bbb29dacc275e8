"""Loss and gradient of the network on a chain, at random parameters and times."""

import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient, one row for each sample."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    loss, gradient = engine.value_and_gradient(*draw_points(cell, samples))
    axes = ("sample", "parameter")
    return xr.Dataset(
        {
            "loss": variable("sample", loss, "mean probability of a wrong label", "1"),
            "gradient": variable(axes, gradient, "derivative of the loss", "1/rad"),
        }
    )
