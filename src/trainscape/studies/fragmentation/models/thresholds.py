"""Growth: N and the dimension of the commutant against the length, and the second moment of the gradient against N over all models, as power law and as exponential."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.fits import Series, fit_table, standard_error

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit both laws to each series; the first two series of a model are exact numbers, which get equal relative weights."""
    krylov = context.summary(Stage.DATASET)
    lines = []
    for name in krylov["model"].values:
        chosen = krylov["system_model"].values == name
        sites = krylov["sites"].values[chosen].astype(float)
        for quantity in ("krylov_sum", "commutant_dimension"):
            values = krylov[quantity].values[chosen].astype(float)
            lines.append(Series(f"{name}, {quantity}", "sites", sites, values, values))
    table = context.summary(Stage.GRADIENTS)
    sums, moments = (
        table["krylov_dimension_sum"].values.astype(float),
        table["second_moment"].values,
    )
    lines.append(
        Series(
            "all models, second_moment",
            "krylov_dimension_sum",
            sums,
            moments,
            standard_error(table, "second_moment"),
        )
    )
    return fit_table(lines)
