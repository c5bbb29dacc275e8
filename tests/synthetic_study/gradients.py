"""Gradients of the quadratic form, and their mean square."""

import numpy as np
import xarray as xr

from synthetic_study.kernel import FACTOR
from synthetic_study.trace import record
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext


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


def summarise(context: SummaryContext) -> xr.Dataset:
    cells = context.cells(Stage.GRADIENTS)
    moments = [float((cell.data["gradient"] ** 2).mean()) for cell in cells]
    return xr.Dataset(
        {"moment": (("size",), np.array(moments))},
        coords={"size": np.array([cell["size"] for cell in cells])},
    )
