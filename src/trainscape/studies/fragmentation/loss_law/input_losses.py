"""Losses of all inputs at random parameters."""

from __future__ import annotations

import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import draw_points, load_problem

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss of every input, one row for each sample.

    Inputs come in the order of the sectors, and in a sector in that of ``q``.
    """
    engine = Sectors(load_problem(cell.inputs[Stage.DATASET], cell["label"]))
    losses = engine.losses_per_state(*draw_points(cell, samples))
    meaning = {"long_name": "probability of a wrong label", "units": "1"}
    return xr.Dataset({"losses": (("sample", "state"), losses, meaning)})
