"""Rank of the quantum Fisher information of a network that acts on sectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.trainability.curvature import stacked_qfim_rank

__all__ = ["sector_qfim_rank"]

Complex = NDArray[np.complex128]


def sector_qfim_rank(engine: Sectors, theta: NDArray[np.float64]) -> int:
    """Return the rank of the stacked QFIM of all output states, at parameters of shape (P,)."""
    states = _padded(engine.states(theta[None])[0], engine.problem)
    return stacked_qfim_rank(_padded(engine.jacobian(theta[None])[0], engine.problem), states).rank


def _padded(vectors: Complex, problem: SectorProblem) -> Complex:
    """Return vectors of all states of all blocks, (..., sum c D), as an array (..., M, D_max).

    Where a block is smaller than the largest, zeros are added.
    """
    largest = max(len(block.hamiltonian) for block in problem.blocks)
    parts, first = [], 0
    for block in problem.blocks:
        order, columns = block.inputs.shape
        part = vectors[..., first : first + order * columns]
        part = part.reshape(*vectors.shape[:-1], columns, order)
        parts.append(np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, largest - order)]))
        first += order * columns
    return np.concatenate(parts, axis=-2)
