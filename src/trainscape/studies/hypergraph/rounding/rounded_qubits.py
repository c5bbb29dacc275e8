"""Violation of a check of the qubit model at random weights that are rounded to b bits."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.variances import residual_angles
from trainscape.studies.contract import CellContext
from trainscape.studies.hypergraph.rounding.rounded_weights import rounded_weights
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return (1 - <G>) / 2 of each draw, for each number of bits."""
    angles = residual_angles(rounded_weights(cell, samples), cell["modes"], cell["order"])
    violation = (1 - np.cos(angles).mean(axis=-1)) / 2
    text = "probability that the check is violated"
    return xr.Dataset(
        {"violation": variable(("sample", "bits"), violation, text)},
        coords={"bits": list(cell.options["bits"])},
    )
