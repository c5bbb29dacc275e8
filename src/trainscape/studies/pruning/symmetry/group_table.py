"""One row for each size of a Hamiltonian, or for each large graph: what its cell holds."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import scan_table

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows, with what they are about as coordinates."""
    cells = context.cells(Stage.SIMULATE)
    own = [name for name in ("hamiltonian", "graph") if name in cells[0].parameters]
    scanned = [str(name) for name in cells[0].data.coords]
    return scan_table(cells, own, *scanned)
