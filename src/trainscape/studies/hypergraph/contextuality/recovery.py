"""How near the estimate of planted sources is to what they need."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

NAMES = ("kind", "edges", "size")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each source.

    ``classes`` is the mean estimate over the draws, with the least and the largest; ``known`` what
    is needed, on average where every draw is another machine; ``worst`` the largest factor between
    the two in any draw; ``equal`` the share of draws with no difference; ``bounded`` whether the
    lower bound is at most what is needed in all draws.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        classes, known = cell.data["classes"].values, cell.data["known"].values
        rows.append(
            {
                **{name: cell[name] for name in NAMES},
                "draws": len(classes),
                "prefixes": int(cell.data["prefixes"].max()),
                "known": float(known.mean()),
                "classes": float(classes.mean()),
                "classes_low": float(classes.min()),
                "classes_high": float(classes.max()),
                "at_least": float(cell.data["at_least"].mean()),
                "pairs": float(cell.data["pairs"].mean()),
                "triples": float(cell.data["triples"].mean()),
                "worst": float(np.maximum(classes / known, known / classes).max()),
                "equal": float((classes == known).mean()),
                "bounded": bool((cell.data["at_least"].values <= known).all()),
            }
        )
    return to_dataset(rows, NAMES)
