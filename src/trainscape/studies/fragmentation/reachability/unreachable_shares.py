"""Share of random geometries that a number of gates cannot steer."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import proportion
from trainscape.trainability.reachability import UNREACHED, unreachable_share

__all__ = ["summarise"]

GATES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128)
"""Numbers of gates at which the share is shown."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each way and number of gates: the share, and its law (NaN: none)."""
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        reach = cell.data["reach"].values.ravel()
        reach = np.where(reach == UNREACHED, np.iinfo(np.int64).max, reach)
        kinds = {"one": 1, "two": 2}.get(cell["way"])
        rows += [
            {
                "way": cell["way"],
                "gates": gates,
                "share": proportion(int((reach > gates).sum()), len(reach)),
                "law": float(unreachable_share(gates, kinds)) if kinds else np.nan,
                "draws": len(reach),
            }
            for gates in GATES
            if gates <= cell["gates"]
        ]
    return to_dataset(rows, ("way", "gates"))
