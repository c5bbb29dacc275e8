"""Which instance belongs to a cell, and which parameters of its gradient count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.contract import CellData

__all__ = ["instance_of", "middle_half"]

Real = NDArray[np.float64]


def instance_of(cell: CellData, instances: Sequence[CellData]) -> CellData:
    """Return the upstream cell whose parameters are all among those of `cell`."""
    return next(other for other in instances if other.parameters.items() <= cell.parameters.items())


def middle_half(gradient: Real) -> Real:
    """Return the columns of the middle half of the parameters; all if there are fewer than four."""
    cut = gradient.shape[1] // 4
    return gradient[:, cut : gradient.shape[1] - cut]
