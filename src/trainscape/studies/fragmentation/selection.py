"""Which cells are one system, which instance belongs to a cell, and which parameters count."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.contract import CellData

__all__ = ["CHAIN", "SYSTEM", "instance_of", "middle_half"]

CHAIN = ("site_dim", "sites", "top_sectors", "label")
"""Cell parameters that name a chain."""
SYSTEM = (*CHAIN, "couplings")
"""Cell parameters that name a chain with one family of coefficients."""


def instance_of(cell: CellData, instances: Sequence[CellData]) -> CellData:
    """Return the upstream cell whose parameters are all among those of `cell`."""
    return next(other for other in instances if other.parameters.items() <= cell.parameters.items())


def middle_half(gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the columns of the middle half of the parameters; all if there are fewer than four."""
    cut = gradient.shape[1] // 4
    return gradient[:, cut : gradient.shape[1] - cut]
