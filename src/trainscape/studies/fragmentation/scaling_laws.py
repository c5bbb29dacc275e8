"""Scaling laws: against the number of sites and the sum of Krylov dimensions.

The option ``quantity`` names the estimate that is fitted, and ``sampled`` the stage whose summary
holds it.
"""

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series: one site dimension and, where there is a choice, one choice of sectors."""
    frame = to_frame(context.summary(Stage(context.options["sampled"])))
    by = [name for name in ("site_dim", "top_sectors") if name in frame]
    abscissae = [name for name in ("sites", "krylov_dimension_sum") if name in frame]
    rows = scaling_table(frame, by=by, value=context.options["quantity"], abscissae=abscissae)
    return to_dataset(rows, (*by, "abscissa"), columns=(*by, "abscissa", "verdict"))
