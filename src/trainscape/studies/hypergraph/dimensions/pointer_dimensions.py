"""Dimensions of the algebras with pointer modes, at one order of the gates."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.dimensions import counted_dimension, pointer_dimension
from trainscape.studies.contract import CellContext
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return closed form and count, for each number of modes and of pointers."""
    order, sizes = cell["order"], cell["modes"]
    pointers = range(1, cell.options["pointers"] + 1)
    law = [[pointer_dimension(n, order, m) for m in pointers] for n in sizes]
    counted = [[counted_dimension(n, order, pointers=m) for m in pointers] for n in sizes]
    at = ("modes", "pointers")
    return xr.Dataset(
        {
            "algebra": variable(at, law, "dimension with pointers"),
            "counted": variable(at, counted, "the same counted by brackets"),
        },
        coords={"modes": list(sizes), "pointers": list(pointers)},
    )
