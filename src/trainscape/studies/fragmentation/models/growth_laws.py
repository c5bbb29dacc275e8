"""How N and the commutant of each model grow with the length."""

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

SERIES = ("model", "quantity")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series."""
    numbers = to_frame(context.summary(Stage.DATASET)).melt(
        id_vars=["model", "sites"],
        value_vars=["krylov_sum", "commutant_dimension"],
        var_name="quantity",
    )
    rows = scaling_table(numbers, by=SERIES, value="value", abscissae=("sites",), exact=True)
    return to_dataset(rows, (*SERIES, "abscissa"), columns=(*SERIES, "abscissa", "verdict"))
