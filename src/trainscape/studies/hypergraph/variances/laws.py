"""Variances of gradients by readout, and the spread of the angles that a start has."""

from __future__ import annotations

import math
from math import comb

from trainscape.physics.hypergraph.squeezing import position_variance
from trainscape.physics.hypergraph.variances import (
    displacement_variance,
    normal_angle_variance,
    nullifier_variance,
    qubit_variance,
)

__all__ = ["TRAINED", "spread", "variance_law"]

TRAINED = 0.05
"""Standard deviation in radians of the angles of weights that were trained on qumodes."""


def spread(readout: str, modes: int, order: int) -> float:
    """Return the standard deviation in radians of the normal angles of a start."""
    return TRAINED if readout == "trained" else 1 / math.sqrt(comb(modes - 1, order - 1))


def variance_law(readout: str, modes: int, order: int, squeezing: float, shift: float) -> float:
    """Return the variance of a gradient, NaN where there is no closed form."""
    u = position_variance(squeezing)
    match readout:
        case "nullifier":
            return nullifier_variance(order, u)
        case "displacement":
            return displacement_variance(modes, shift, u)
        case "random":
            return qubit_variance(modes, order)
        case "small" | "trained":
            return normal_angle_variance(modes, order, spread(readout, modes, order))
        case _:
            return math.nan
