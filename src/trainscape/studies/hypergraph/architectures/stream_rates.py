"""Shares of wrong answers of each network, over its runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["NAMES", "summarise"]

NAMES = ("task", "architecture", "memory", "used", "modes", "order", "steps")


def _row(cell: CellData, weights: int) -> dict[str, Any]:
    data = cell.data
    cost = data["cost"].values
    # Each run at its least cost: networks that learn a short text by heart get worse again.
    places = cost.argmin(axis=1)
    runs = np.arange(len(cost))
    wrong, asked = (data[name].values[runs, places] for name in ("wrong", "asked"))
    best = int(cost[runs, places].argmin())
    modes, used = int(cell["modes"]), int(cell["used"])
    phase = cell["memory"] == "phase"
    kept = sum(math.comb(modes, degree) for degree in range(1, used + 1)) if phase else used
    return {
        **{name: cell[name] for name in NAMES},
        "numbers": 2 * kept,
        "weights": weights,
        "qumodes": 2 * (modes if phase else used),
        "error": proportion(int(wrong[best]), int(asked[best])),
        "least_error": float((wrong / asked).min()),
        "most_error": float((wrong / asked).max()),
        "cost": float(cost[runs, places][best]),
        "asked": int(asked[best]),
        "step": int(data["segment"].values[places[best]]),
        "rate": float(data["rate"].values[best]),
        "runs": len(runs),
        "parameters": int(data["parameters"].values[best]),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each network.

    ``error`` is the share of wrong answers of the run with the least cost, with its interval, and
    ``least_error`` and ``most_error`` span the runs. ``numbers`` is what both layers keep, and
    ``qumodes`` what they are declared to need: one for each number, or n a layer for a phase.
    ``weights`` is the number D of weights of a sentence.
    """
    weights = math.comb(int(context.options["sentence_modes"]), 2)
    return to_dataset([_row(cell, weights) for cell in context.cells(Stage.SIMULATE)], NAMES)
