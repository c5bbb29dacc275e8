"""Losses of each failure, and whether the diagnosis names it and nothing else."""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, joined, to_dataset
from trainscape.trainability.intervals import median

__all__ = ["summarise"]

CODES = {"none": "", "missing_sector": "missing_states"}
"""Findings that are named unlike the failure."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the median losses of each failure, and the number of networks diagnosed rightly."""
    system = ("site_dim", "sites", "parameters", "horizon")
    rows: list[dict[str, Any]] = []
    for (failure,), cells in by_parameters(context.cells(Stage.SIMULATE), ("failure",)).items():
        losses = joined(cells, "state_loss")
        sector = cells[0].data["sector"].values
        worst = np.max([losses[:, sector == k].mean(axis=1) for k in np.unique(sector)], axis=0)
        codes = [str(cell.data["codes"].values) for cell in cells]
        rows.append(
            {
                "failure": failure,
                **{name: cells[0][name] for name in system},
                "instances": len(cells),
                "restarts": len(losses),
                "training_loss": median(joined(cells, "training_loss")),
                "loss": median(losses.mean(axis=1)),
                "worst_sector_loss": median(worst),
                "named": codes.count(CODES.get(failure, failure)),
                "codes": codes[0],
                "message": str(cells[0].data["messages"].values),
            }
        )
    return to_dataset(rows, ("failure", *system))
