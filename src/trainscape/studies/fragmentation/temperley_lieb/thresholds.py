"""Scaling of the second moment of the gradient: against the number of sites, and against the sum of the Krylov dimensions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.fits import Series, fit_table, standard_error

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series (one site dimension, one choice of sectors)."""
    table = context.summary(Stage.GRADIENTS)
    errors = standard_error(table, "second_moment")
    lines = []
    for site_dim in np.unique(table["site_dim"].values):
        for top in np.unique(table["top_sectors"].values):
            chosen = np.flatnonzero(
                (table["site_dim"].values == site_dim) & (table["top_sectors"].values == top)
            )
            name = f"d={site_dim}, {'all sectors' if top == 0 else f'top {top}'}"
            for abscissa in ("sites", "krylov_dimension_sum"):
                sizes = table[abscissa].values[chosen].astype(float)
                lines.append(
                    Series(
                        name, abscissa, sizes, table["second_moment"].values[chosen], errors[chosen]
                    )
                )
    return fit_table(lines)
