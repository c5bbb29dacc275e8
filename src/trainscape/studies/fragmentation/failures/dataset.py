"""Instances: coefficients, ancilla, and the sectors of the chain."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import CellContext
from trainscape.studies.fragmentation.instances import draw_instance

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the instance of a cell; see `trainscape.studies.fragmentation.instances`."""
    return draw_instance(cell)
