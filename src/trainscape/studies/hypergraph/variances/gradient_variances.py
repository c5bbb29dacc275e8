"""Variances of the gradients of readouts, beside their closed forms."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.hypergraph.variances.laws import variance_law
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("readout", "order", "modes")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each readout, order and number of modes.

    ``variance`` of the gradient, whose mean is 0 by symmetry or small beside it; ``law``; ``ratio``
    of the two; ``relative``: variance over the squared mean of what the weights add.
    """
    rows = []
    for cell in context.cells(Stage.GRADIENTS):
        squares = cell.data["gradient"].values ** 2
        law = variance_law(
            cell["readout"],
            cell["modes"],
            cell["order"],
            context.options["squeezing"],
            context.options["shift"],
        )
        scale = float(cell.data["scale"].values.mean())
        rows.append(
            {
                **{name: cell[name] for name in SYSTEM},
                "samples": len(squares),
                "variance": positive_mean(squares),
                "law": law,
                "ratio": positive_mean(squares / law if law == law else squares),
                "relative": positive_mean(squares / scale**2),
            }
        )
    return to_dataset(rows, SYSTEM)
