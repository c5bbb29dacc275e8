"""Scaling of the shots that resolve a component of the gradient with the size of the chain."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

ABSCISSAE = ("sites", "krylov_dimension_sum")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series: all sectors, and the top two."""
    frame = to_frame(context.summary(Stage.SIMULATE))
    rows = scaling_table(frame, by=("top_sectors",), value="shots", abscissae=ABSCISSAE)
    names = ("top_sectors", "abscissa")
    return to_dataset(rows, names, columns=(*names, "verdict"))
