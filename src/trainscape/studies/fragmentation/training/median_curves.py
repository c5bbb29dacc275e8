"""Median loss curves over all runs of a chain, a number of parameters and an optimiser."""

from typing import Any

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.fragmentation.selection import SYSTEM, instance_of
from trainscape.studies.kit.tables import by_parameters, joined, to_dataset
from trainscape.trainability.intervals import median
from trainscape.trainability.label_learning import orbit_rank

__all__ = ["summarise"]

CURVE = (*SYSTEM, "optimiser")
CELLS = (*CURVE, "counts")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the median loss of each curve at each recorded iteration, and the number of runs."""
    instances = context.cells(Stage.DATASET)
    rows: list[dict[str, Any]] = []
    for curve, cells in by_parameters(context.cells(Stage.GRADIENTS), CELLS).items():
        instance = instance_of(cells[0], instances).data
        dimensions = instance["dimension"].values.tolist()
        rank = orbit_rank(dimensions, instance.sizes["ancilla_row"], cells[0]["label"])
        losses = joined(cells, "loss")
        same = dict(zip(CURVE, curve, strict=False)) | {"rank_formula": rank, "runs": len(losses)}
        rows += [
            same | {"parameters": count, "iteration": iteration, "loss": median(losses[:, c, i])}
            for c, count in enumerate(cells[0].data["parameters"].values)
            for i, iteration in enumerate(cells[0].data["iteration"].values)
        ]
    return to_dataset(rows, (*CURVE, "parameters", "rank_formula", "iteration"))
