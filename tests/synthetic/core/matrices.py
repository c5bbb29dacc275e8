"""Instances: one random matrix per cell."""

import numpy as np
import xarray as xr

from synthetic.trace import record
from trainscape.studies.contract import CellContext, Purpose


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    record("dataset", cell["size"], samples)
    size = cell["size"]
    matrix = cell["scale"] * cell.generator(Purpose.INSTANCE, 0).normal(size=(size, size))
    return xr.Dataset(
        {
            "matrix": (("row", "column"), matrix),
            "label": (("row",), np.array([f"row {i}" for i in range(size)])),
        },
        coords={"row": np.arange(size)},
        attrs={"units": "1"},
    )
