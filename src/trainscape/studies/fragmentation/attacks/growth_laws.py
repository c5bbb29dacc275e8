"""How the cost of each attack grows with the length, and with the dimension of the sector."""

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

SERIES = ("attack", "model", "sector", "quantity")
ABSCISSAE = ("sites", "dimension")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit search, total cost and size of the description of each attack; counts are exact."""
    table = to_frame(context.summary(Stage.SIMULATE)).melt(
        id_vars=[*SERIES[:3], *ABSCISSAE],
        value_vars=["search", "total", "size"],
        var_name="quantity",
    )
    rows = scaling_table(table, by=SERIES, value="value", abscissae=ABSCISSAE, exact=True)
    return to_dataset(rows, (*SERIES, "abscissa"), columns=(*SERIES, "abscissa", "verdict"))
