"""Second moments of the derivatives in the light cone of the shallow circuits."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

SYSTEM = ("qubits", "layers")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moments, and how far quimb's own contraction is from our values."""
    cells = context.cells(Stage.GRADIENTS)
    gradients = [cell.data["gradient"].values for cell in cells]
    rows = moment_rows(cells, gradients, context.generator(Purpose.BOOTSTRAP, 0), SYSTEM)
    for row, cell, other in zip(rows, cells, context.cells(Stage.SIMULATE), strict=True):
        checked = min(cell.data.sizes["sample"], other.data.sizes["sample"])
        ours, theirs = cell.data["loss"].values[:checked], other.data["value"].values[:checked]
        row["largest_deviation_from_quimb"] = float(np.abs(ours - theirs).max())
    return to_dataset(rows, SYSTEM)
