"""How the cost of each attack grows: with the length, and with the sum of the Krylov dimensions; as power law and as exponential."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.fits import Series, fit_table

__all__ = ["series_names", "summarise"]


def series_names(table: xr.Dataset) -> list[str]:
    """Return the name of the series of each row: attack, model and kind of sector."""
    columns = (table[name].values.tolist() for name in ("attack", "model", "sector"))
    return [", ".join(parts) for parts in zip(*columns, strict=True)]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit search cost, total cost and size of the description of each attack; counts are exact, and get equal relative weights."""
    table = context.summary(Stage.SIMULATE)
    names = np.array(series_names(table))
    lines = []
    for name in dict.fromkeys(names.tolist()):
        chosen = names == name
        for quantity in ("search", "total", "size"):
            values = table[quantity].values[chosen]
            lines += [
                Series(
                    f"{name}: {quantity}",
                    abscissa,
                    table[abscissa].values[chosen].astype(float),
                    values,
                    values,
                )
                for abscissa in ("sites", "krylov_sum")
            ]
    return fit_table(lines)
