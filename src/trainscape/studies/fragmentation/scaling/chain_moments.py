"""Second moments of the gradients of the chains, beside their exact Haar averages."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.moments import moments

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "top_sectors")

MANY_INSTANCES = 20
"""Instances from which their spread is known well enough for a 99 % interval."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each system, over its instances, and its ratio to Haar's.

    Systems with `MANY_INSTANCES` have a 99 % interval of the ratio too (``haar_ratio_99``; NaN for
    the others).
    """
    cells = context.cells(Stage.GRADIENTS)
    datasets = context.cells(Stage.DATASET)
    instances = [instance_of(cell, datasets).data for cell in cells]
    gradients = [middle_half(cell.data["gradient"].values) for cell in cells]
    haar = [float(instance["haar_gradient_variance"]) for instance in instances]
    rows = moment_rows(cells, gradients, context.generator(Purpose.BOOTSTRAP, 0), SYSTEM, haar)
    rng = context.generator(Purpose.BOOTSTRAP, 1)
    position = {id(cell): index for index, cell in enumerate(cells)}
    for row, members in zip(rows, by_parameters(cells, SYSTEM).values(), strict=True):
        chosen = [position[id(cell)] for cell in members]
        row["krylov_dimension_sum"] = int(instances[chosen[0]]["dimension"].sum())
        row["haar_ratio_99"] = Estimate(np.nan, np.nan, np.nan, np.nan, 0.99, 0, "none")
        if row["instances"] >= MANY_INSTANCES:
            scaled = [gradients[index] / np.sqrt(haar[index]) for index in chosen]
            row["haar_ratio_99"] = moments(scaled, rng, level=0.99).second_moment
    return to_dataset(rows, (*SYSTEM, "krylov_dimension_sum"))
