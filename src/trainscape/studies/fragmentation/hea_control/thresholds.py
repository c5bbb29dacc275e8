"""Scaling of the second moment of the control's gradient against the number of sites of the chain that it stands for."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.fits import Series, fit_table, standard_error

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit the one series."""
    table = context.summary(Stage.GRADIENTS)
    line = Series(
        "control",
        "sites",
        table["sites"].values.astype(float),
        table["second_moment"].values,
        standard_error(table, "second_moment"),
    )
    return fit_table([line])
