"""Losses of single inputs against the law of Haar-random states.

The law is in `trainscape.trainability.loss_law`. The sector of dimension 1, where all generators
vanish, is mixed by two vectors of the ancilla alone: slowly, and in some instances not by hundreds
of gates. `mixing` measures how its depth of mixing is spread.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.fragmentation.selection import instance_of
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.loss_law import independent_losses, law_test

__all__ = ["pooled_losses", "summarise"]


def pooled_losses(
    cells: Sequence[CellData], dimensions: NDArray[np.int64]
) -> list[list[NDArray[np.float64]]]:
    """Return for each block the independent losses of each cell."""
    parts = [independent_losses(cell.data["losses"].values, dimensions) for cell in cells]
    return [list(block) for block in zip(*parts, strict=True)]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a test of the law for each chain, number of parameters and sector."""
    instances = context.cells(Stage.DATASET)
    names, rows = ("sites", "parameters"), []
    for system, cells in by_parameters(context.cells(Stage.SIMULATE), names).items():
        instance = instance_of(cells[0], instances).data
        dimensions, ancilla = instance["dimension"].values, instance.sizes["ancilla_row"]
        losses = pooled_losses(cells, dimensions)
        sectors = zip(instance["through_lines"].values, dimensions, losses, strict=True)
        rows += [
            {
                **dict(zip(names, system, strict=True)),
                "through_lines": int(lines),
                "dimension": int(size),
                "ancilla_dim": ancilla,
                **law_test(parts, int(size), ancilla),
            }
            for lines, size, parts in sectors
        ]
    return to_dataset(rows, (*names, "through_lines"))
