"""How the design depth grows with the number of sites."""

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

SERIES = ("site_dim", "top_sectors")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series, for the depth of the whole loss and for that of the largest sector."""
    table = to_frame(context.summary(Stage.GRADIENTS))
    rows = [
        {"quantity": quantity, **row}
        for quantity in ("design_depth", "sector_depth")
        for row in scaling_table(table, by=SERIES, value=quantity, abscissae=("sites",))
    ]
    names = ("quantity", *SERIES, "abscissa")
    return to_dataset(rows, names, columns=(*names, "verdict"))
