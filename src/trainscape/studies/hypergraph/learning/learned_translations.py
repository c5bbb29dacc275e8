"""How well trained cells translate, over their runs, after each segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import exact, median

__all__ = ["NAMES", "summarise"]

NAMES = ("modes", "order", "memory_order", "loss", "steps")


def _rows(cell: CellData, sentences: int) -> list[dict[str, Any]]:
    rows = []
    contexts = cell.data["contexts"].values
    # The squeezing that suits the worst of the runs, and what that run violates there.
    worst = contexts.max(axis=0)
    best, at = float(worst.min()), float(cell.data["level"].values[int(worst.argmin())])
    for place, step in enumerate(cell.data["segment"].values.tolist()):
        now = {name: cell.data[name].values[:, place] for name in _MEASURED}
        runs = len(now["violation"])
        rows.append(
            {
                **{name: cell[name] for name in NAMES},
                "step": step,
                "last": place == cell.data.sizes["segment"] - 1,
                **{
                    name: median(now[name]) if runs > 1 else exact(float(now[name][0]))
                    for name in ("violation", "weight_error")
                },
                "most_violation": float(now["violation"].max()),
                "least_violation": float(now["violation"].min()),
                "most_weight_error": float(now["weight_error"].max()),
                "selected_edges": float(np.min(now["selected_edges"])),
                "selected_modes": float(np.min(now["selected_modes"])),
                "context_violation": best,
                "context_decibels": at,
                "runs": runs,
                "sentences": sentences,
                "parameters": int(cell.data["parameters"].values[0]),
            }
        )
    return rows


_MEASURED = ("violation", "weight_error", "selected_edges", "selected_modes")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each cell and step at which it was rated.

    ``violation`` and ``weight_error`` are medians over runs; ``selected_edges`` and
    ``selected_modes`` the least over runs; ``last`` marks the end of the runs. Contexts are those
    after training, at the squeezing at which the worst run violates least.
    """
    sentences = int(context.options["test"])
    rows = [row for cell in context.cells(Stage.SIMULATE) for row in _rows(cell, sentences)]
    return to_dataset(rows, (*NAMES, "step"))
