"""Forward values: a quadratic form at random vectors."""

import numpy as np
import xarray as xr

from synthetic.core.kernel import FACTOR
from synthetic.trace import record
from trainscape.studies.contract import CellContext, Purpose


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    record("simulate", cell["size"], samples)
    matrix = cell.inputs["dataset"]["matrix"].values
    vectors = np.stack(
        [cell.generator(Purpose.PARAMETERS, s).normal(size=cell["size"]) for s in samples]
    )
    values = FACTOR * np.einsum("si,ij,sj->s", vectors, matrix, vectors)
    return xr.Dataset({"value": (("sample",), values), "positive": (("sample",), values > 0)})
