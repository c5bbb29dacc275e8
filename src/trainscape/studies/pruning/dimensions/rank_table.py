"""Ranks of the quantum Fisher information at each depth, beside their bounds."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "qubits", "stage", "layers")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and depth.

    ``bound`` is the least of the number of parameters and the ceiling, ``least_depth`` the first
    depth with the largest rank.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        ranks = cell.data["rank"].values.astype(int)
        layers = cell.data["layers"].values.astype(int)
        fixed = {
            name: int(cell.data[name]) for name in ("effective", "algebra", "ceiling", "orbit")
        }
        per_layer = int(cell.data["parameters"])
        saturated = int(layers[ranks == ranks.max()][0])
        for depth, rank, gap in zip(layers, ranks, cell.data["gap"].values, strict=True):
            rows.append(
                {
                    **{name: cell[name] for name in SYSTEM[:-1]},
                    "layers": int(depth),
                    "parameters": int(depth) * per_layer,
                    "rank": int(rank),
                    "gap": float(gap),
                    "bound": min(int(depth) * per_layer, fixed["ceiling"]),
                    **fixed,
                    "saturated": int(ranks.max()),
                    "least_depth": saturated,
                }
            )
    return to_dataset(rows, SYSTEM)
