"""Gradients of the quadratic form."""

import numpy as np
import xarray as xr

from synthetic.core.kernel import FACTOR
from synthetic.trace import record
from trainscape.studies.contract import CellContext, Purpose


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    record("gradients", cell["size"], samples)
    size = cell["size"]
    matrix = cell.inputs["dataset"]["matrix"].values if "dataset" in cell.inputs else np.eye(size)
    vectors = np.stack([cell.generator(Purpose.PARAMETERS, s).normal(size=size) for s in samples])
    return xr.Dataset(
        {
            "gradient": (
                ("sample", "parameter"),
                FACTOR * vectors @ (matrix + matrix.T),
                {"units": "1"},
            )
        },
        coords={"parameter": np.arange(size)},
    )
