"""Errors of random weights that are rounded, the same way for qubits and qudits."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.rounding import rounding_errors
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["rounded_weights"]


def rounded_weights(cell: CellContext, samples: range) -> NDArray[np.float64]:
    """Return errors in radians, shape ``(samples, bits, m)``; weights are new for each of the bits.

    Weights are uniform over their range.
    """
    bits, edges = cell.options["bits"], comb(cell["modes"] - 1, cell["order"] - 1)
    fractions = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-0.5, 0.5, (len(bits), edges))
            for index in samples
        ]
    )
    return np.stack(
        [rounding_errors(fractions[:, place], count) for place, count in enumerate(bits)], axis=1
    )
