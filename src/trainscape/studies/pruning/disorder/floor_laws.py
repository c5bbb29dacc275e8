"""Floors against the size of the disorder, their exponents, and their second order."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, positive_mean

__all__ = ["LARGEST", "summarise"]

LARGEST = 0.2
"""Largest size of the disorder that exponents are fitted to."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each kind of disorder and size.

    ``exponent`` is the mean over instances of the slope of the logarithm of the floor against that
    of the size, up to `LARGEST`; ``over_law`` that of the floor over its second order at this size.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        sizes, floors = cell.data["size"].values, cell.data["floor"].values
        small = sizes <= LARGEST
        slopes = np.polyfit(np.log(sizes[small]), np.log(floors[:, small]).T, 1)[0]
        law = cell.data["second_order"].values
        for place, size in enumerate(sizes):
            rows.append(
                {
                    "kind": cell["kind"],
                    "qubits": cell["qubits"],
                    "size": float(size),
                    "instances": len(floors),
                    "floor": positive_mean(floors[:, place]),
                    "law": float(law.mean() * size**2),
                    "over_law": mean(floors[:, place] / (law * size**2)),
                    "exponent": mean(slopes),
                    "clean": float(np.abs(cell.data["clean"].values).max()),
                }
            )
    return to_dataset(rows, ("kind", "qubits", "size"))
