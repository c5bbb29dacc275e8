"""A summary over two sampled stages."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext


def summarise(context: SummaryContext) -> xr.Dataset:
    values = [float(cell.data["value"].mean()) for cell in context.cells(Stage.SIMULATE)]
    moments = [
        float((cell.data["gradient"] ** 2).mean()) for cell in context.cells(Stage.GRADIENTS)
    ]
    return xr.Dataset({"ratio": (("size",), np.array(values) / np.array(moments))})
