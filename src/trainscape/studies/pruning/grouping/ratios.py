"""Approximation ratios of each way to group at each depth."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, median

__all__ = ["RUN", "summarise"]

RUN = ("problem", "qubits", "mode", "depth")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each way to group and depth; ``missing`` is 1 minus the ratio."""
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        ratios = cell.data["ratio"].values
        rows.append(
            {
                **{name: cell[name] for name in RUN},
                # Orbits differ between graphs.
                "parameters": float(cell.data["parameters"].values.mean()),
                "instances": len(ratios),
                "ratio": mean(ratios),
                "missing": median(1 - ratios),
            }
        )
    return to_dataset(rows, RUN)
