"""Rates of violations of each network at each latent dimension, over its runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import proportion

__all__ = ["NAMES", "VARIED", "summarise"]

NAMES = ("model", "modes", "order", "latent_dimension", "steps")
VARIED = ("first", "positions", "levels", "bits")
"""What a variant has besides."""


def _sigmas(rates: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return how many standard errors rates are above zero."""
    error = np.sqrt(np.maximum(rates * (1 - rates), 1e-300) / counts)
    return np.where(rates >= 1, math.inf, rates / error)


def _row(cell: CellData) -> dict[str, Any]:
    data = cell.data
    violations, contexts = data["violations"].values, data["contexts"].values
    misses, nullifiers = data["misses"].values, data["nullifiers"].values
    rates, missed = violations / contexts, misses / nullifiers
    best = int(np.argmin(data["loss"].values))
    more = {}
    if "blind" in data:
        more["blind"] = float(data["blind"].values.mean())
    if "folded" in data:
        more["folded"] = float(data["folded"].values.max())
    return {
        **{name: cell[name] for name in (*NAMES, *VARIED) if name in cell.parameters},
        "edges": math.comb(cell["modes"], cell["order"]),
        "violation": proportion(int(violations[best]), int(contexts[best])),
        "miss": proportion(int(misses[best]), int(nullifiers[best])),
        "error": float(data["error"].values[best]),
        "least_violation": float(rates.min()),
        "most_violation": float(rates.max()),
        "least_miss": float(missed.min()),
        "most_miss": float(missed.max()),
        "sigmas": float(_sigmas(rates, contexts).min()),
        **more,
        "runs": len(rates),
        "sentences": int(contexts.min() + nullifiers.min()),
        "rate": float(data["rate"].values[best]),
        "segments": float(data["segments"].values.mean()),
        "parameters": int(data["parameters"].values[best]),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each network and latent dimension.

    ``violation`` and ``miss``, with intervals of the test sentences, are those of the run with the
    least validation loss: what a search would take. ``least_violation`` and the like span all runs.
    ``sigmas`` is the least number of standard errors by which violations are above zero, ``folded``
    the largest share of sentences on the smaller side of a fold.
    """
    cells = list(context.cells(Stage.SIMULATE))
    names = [name for name in (*NAMES, *VARIED) if name in cells[0].parameters]
    return to_dataset([_row(cell) for cell in cells], names)
