"""Costs of the classical training on easy copies: a row for each chain."""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.chains import sector_sizes
from trainscape.studies.kit.tables import by_parameters, joined, to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["SYSTEM", "cost_rows", "summarise"]

SYSTEM = ("site_dim", "top_sectors", "sites", "parameters")


def cost_rows(context: SummaryContext, means: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what the rows of both kinds of training share: sizes, losses, and means of costs."""
    rows = []
    for system, cells in by_parameters(context.cells(Stage.SIMULATE), SYSTEM).items():
        names = dict(zip(SYSTEM, system, strict=True))
        sizes = sector_sizes(names["sites"], names["top_sectors"])
        rows.append(
            {
                **names,
                "krylov_dimension_sum": sum(sizes),
                "instances": len(cells),
                "samples": sum(cell.data.sizes["sample"] for cell in cells),
                "largest_loss": joined(cells, "loss").max(),
                **{name: positive_mean(joined(cells, name)) for name in means},
            }
        )
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the table; ``operations`` are search and training together."""
    groups = by_parameters(context.cells(Stage.SIMULATE), SYSTEM).values()
    rows = cost_rows(context, ("evaluations", "search"))
    for row, cells in zip(rows, groups, strict=True):
        row["operations"] = positive_mean(joined(cells, "search") + joined(cells, "training"))
        row["repeated"] = int((joined(cells, "attempts") > 1).sum())
        for copies in ("path", "random", "entangled"):
            deviations = np.abs(joined(cells, f"{copies}_deviation"))
            known = deviations[np.isfinite(deviations)]
            row[f"{copies}_deviation"] = known.max() if len(known) else np.nan
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
