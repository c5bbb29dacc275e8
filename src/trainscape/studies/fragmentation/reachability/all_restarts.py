"""One row for each restart: what it took, and what the law says."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.reachability import UNREACHED

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return reach, law and least number of parameters of each restart, with the rank R.

    ``law`` is the larger of R and the reach, -1 where the reach is above all that was tried.
    """
    rows = []
    for cell in context.cells(Stage.THRESHOLDS):
        rank = int(cell.data.attrs["rank"])
        reach, critical, tried = (cell.data[name].values for name in ("reach", "critical", "tried"))
        law = np.where(reach == UNREACHED, UNREACHED, np.maximum(rank, reach))
        rows += [
            {
                **{name: cell[name] for name in ("kind", "sites")},
                "rank_formula": rank,
                "restart": restart,
                "reach": int(reach[restart]),
                "law": int(law[restart]),
                "critical": int(critical[restart]),
                "tried": int(tried[restart]),
            }
            for restart in range(len(reach))
        ]
    return to_dataset(rows, ("kind", "sites", "rank_formula", "restart"))
