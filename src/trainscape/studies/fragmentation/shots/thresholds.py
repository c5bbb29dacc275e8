"""Scaling of the shots that resolve a component of the gradient: against the number of sites, and against the sum of the Krylov dimensions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.fits import Series, fit_table, standard_error

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series: all sectors, and the top two."""
    table = context.summary(Stage.SIMULATE)
    errors = standard_error(table, "shots")
    lines = []
    for top in np.unique(table["top_sectors"].values):
        chosen = np.flatnonzero(table["top_sectors"].values == top)
        name = "all sectors" if top == 0 else f"top {top}"
        shots, error = table["shots"].values[chosen], errors[chosen]
        lines += [
            Series(name, abscissa, table[abscissa].values[chosen].astype(float), shots, error)
            for abscissa in ("sites", "krylov_dimension_sum")
        ]
    return fit_table(lines)
