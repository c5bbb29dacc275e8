"""The least number of qumodes with as many hyperedges as a simulation has parameters."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.dimensions import least_modes
from trainscape.studies.contract import CellContext
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the least number of modes for each number of parameters."""
    found = [least_modes(parameters, cell["order"]) for parameters in cell["parameters"]]
    text = "least n with C(n, k) at least the parameters"
    return xr.Dataset(
        {"modes": variable("parameters", found, text)},
        coords={"parameters": list(cell["parameters"])},
    )
