"""Costs of the training with shots: a row for each chain."""

import xarray as xr

from trainscape.studies.contract import SummaryContext
from trainscape.studies.fragmentation.end_to_end.copy_costs import SYSTEM, cost_rows
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the table."""
    rows = cost_rows(context, ("steps", "shots", "runs", "gates", "evolution"))
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
