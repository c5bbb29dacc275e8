r"""Ranks of the curvature of a network that acts on sectors: Fisher information, perfect minima.

At a minimum without loss all wrong amplitudes vanish, and the Hessian of the loss, the mean of
their squares over M inputs, is exactly

.. math:: H_{jk} = \frac{2}{M} \mathrm{Re} \sum_{\text{wrong}} \partial_j \bar\psi\,
    \partial_k \psi .

So its rank is that of the real Jacobian of the wrong amplitudes, and at most their number: this is
the orbit rank R where only the sector is a label
(`trainscape.trainability.label_learning.orbit_rank`). The Jacobian resolves what the Hessian does
not. With as many parameters as R it is square, and its smallest singular value over the largest is
of order 1/R, now and then much below. The Hessian has the squares, which a residual loss f hides
below :math:`\sqrt f`: at f = 1e-14 and R = 84 one minimum in six then seems to have rank R - 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.trainability.curvature import Rank, minimum_rank, stacked_qfim_rank

__all__ = ["sector_minimum_rank", "sector_qfim_rank"]

Complex = NDArray[np.complex128]


def sector_qfim_rank(engine: Sectors, theta: NDArray[np.float64]) -> int:
    """Return the rank of the stacked QFIM of all output states, at parameters of shape (P,)."""
    states = _padded(engine.states(theta[None])[0], engine.problem)
    return stacked_qfim_rank(_padded(engine.jacobian(theta[None])[0], engine.problem), states).rank


def sector_minimum_rank(engine: Sectors, theta: NDArray[np.float64], loss: float) -> Rank:
    """Return the rank of the Hessian at a minimum without loss, from the wrong amplitudes.

    Parameters
    ----------
    engine
        The network.
    theta
        Parameters, shape (P,).
    loss
        Residual loss there, see `trainscape.trainability.curvature.minimum_rank`.
    """
    wrong = np.concatenate([~block.accepted.T.ravel() for block in engine.problem.blocks])
    derivatives = engine.jacobian(theta[None])[0][:, wrong]
    return minimum_rank(np.concatenate([derivatives.real, derivatives.imag], axis=1), loss)


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
