"""How N and the commutant grow with the length, and how gradients fall with N over all models."""

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scaling_table, to_dataset, to_frame

__all__ = ["summarise"]

SERIES = ("model", "quantity")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series; ``model`` is "all" for the second moment of the gradient against N."""
    numbers = to_frame(context.summary(Stage.DATASET)).melt(
        id_vars=["model", "sites"],
        value_vars=["krylov_sum", "commutant_dimension"],
        var_name="quantity",
    )
    rows = scaling_table(numbers, by=SERIES, value="value", abscissae=("sites",), exact=True)
    moments = to_frame(context.summary(Stage.GRADIENTS))
    moments = moments.assign(model="all", quantity="second_moment")
    against = ("krylov_dimension_sum",)
    rows += scaling_table(moments, by=SERIES, value="second_moment", abscissae=against)
    return to_dataset(rows, (*SERIES, "abscissa"), columns=(*SERIES, "abscissa", "verdict"))
