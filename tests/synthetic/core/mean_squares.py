"""The mean square of the gradients: a summary step."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext


def summarise(context: SummaryContext) -> xr.Dataset:
    cells = context.cells(Stage.GRADIENTS)
    moments = [float((cell.data["gradient"] ** 2).mean()) for cell in cells]
    return xr.Dataset(
        {"moment": (("size",), np.array(moments))},
        coords={"size": np.array([cell["size"] for cell in cells])},
    )
