"""Losses of all inputs at random parameters."""

import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the losses of all inputs: sector by sector, and in a sector in the order of ``q``."""
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    losses = engine.losses_per_state(*draw_points(cell, samples))
    dimensions = ("sample", "state")
    return xr.Dataset({"losses": variable(dimensions, losses, "probability of a wrong label", "1")})
