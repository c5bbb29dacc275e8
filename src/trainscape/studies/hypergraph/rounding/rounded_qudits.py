"""Violation of a check on a grid of d positions at random weights that are rounded to b bits."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.rounding import qudit_violations
from trainscape.studies.contract import CellContext
from trainscape.studies.hypergraph.rounding.rounded_weights import rounded_weights
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the violation of each draw from its state vector, for each number of bits."""
    errors = rounded_weights(cell, samples)
    violation = qudit_violations(
        errors.reshape(-1, errors.shape[-1]), cell["modes"], cell["order"], cell["levels"]
    ).reshape(errors.shape[:2])
    text = "probability that the check is violated"
    return xr.Dataset(
        {"violation": variable(("sample", "bits"), violation, text)},
        coords={"bits": list(cell.options["bits"])},
    )
