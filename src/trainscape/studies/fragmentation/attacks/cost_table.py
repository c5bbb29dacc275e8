"""The table of costs: one row for each attack, model, length and kind of sector."""

import numpy as np
import xarray as xr

from trainscape.physics import temperley_lieb
from trainscape.physics.closed_forms import closed_forms
from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.fragmentation.attacks.costs import NUMBERS, RESOLUTIONS
from trainscape.studies.fragmentation.attacks.one_loss import arcs_of
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]

NAMES = ("attack", "model", "sector", "sites")

ALL_SECTORS = ("lie", "energy")
"""Attacks that treat all sectors together: their cost is one of N, the sum of all dimensions."""


def _dimension(cell: CellData, krylov_sum: float) -> int:
    """Return the dimension of the space that the cost of a cell is about.

    It is the Krylov dimension of the sector that holds the state, or of the largest one; for
    attacks on `ALL_SECTORS` it is N. Beside one dimer the energy list has one more level, that of
    the frozen states.
    """
    sites = int(cell["sites"])
    if cell["sector"] == "one_dimer":
        return sites if cell["attack"] == "energy" else sites - 1
    if cell["attack"] in ALL_SECTORS:
        return int(krylov_sum)
    if cell["model"].startswith("temperley_lieb"):
        return temperley_lieb.krylov_dimension(sites, sites - 2 * arcs_of(sites, "largest"))
    return closed_forms(cell["model"], sites)["largest_component"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the numbers of all cells, and the success curves of the energy measurement.

    ``dimension`` is that of the sector whose cost a row tells, ``total`` search and one loss.
    """
    cells = context.cells(Stage.SIMULATE)
    rows = []
    for cell in cells:
        numbers = dict(zip(NUMBERS, cell.data["numbers"].values.tolist(), strict=True))
        total = numbers["search"] + numbers["evaluation"]
        dimension = _dimension(cell, numbers["krylov_sum"])
        names = {name: cell[name] for name in NAMES}
        rows.append(names | numbers | {"total": total, "dimension": dimension})
    curves = np.stack([cell.data["success"].values for cell in cells])
    return to_dataset(rows, NAMES).assign(
        success=(("row", "error"), curves), error=("error", RESOLUTIONS)
    )
