"""Second moments of the scanned gradients, and their ratios to the exact Haar averages."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "couplings", "parameters", "horizon")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each chain, family of coefficients, number of parameters and horizon."""
    instances = context.cells(Stage.DATASET)
    cells, haar = [], []
    for cell in context.cells(Stage.GRADIENTS):
        average = instance_of(cell, instances).data.attrs["haar_gradient_variance"]
        for point in range(cell.data.sizes["point"]):
            data = cell.data.isel(point=point)
            scan = {"parameters": int(data["parameters"]), "horizon": float(data["horizon"])}
            parameters = {**cell.parameters, **scan}
            cells.append(CellData(parameters=parameters, data=data, digest=""))
            haar.append(average)
    # The moments are those of the squares, so that the root stands for the gradient.
    roots = [np.sqrt(cell.data["gradient_square"].values) for cell in cells]
    rows = moment_rows(cells, roots, context.generator(Purpose.BOOTSTRAP, 0), SYSTEM, haar)
    return to_dataset(rows, SYSTEM)
