"""Blocks of the sectors engine: the base class, and quantities that follow from tangents.

`trainscape.simulators.sectors.spectral` holds blocks by their eigenvectors,
`trainscape.simulators.sectors.chebyshev` large sparse ones. As everywhere in the engine, parameter
vectors are in the order of the network: the first factor acts last.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.sectors.problem import SectorBlock

__all__ = ["COLUMNS", "Block", "column_ranges", "intervals"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

COLUMNS = 32
"""Largest number of columns (inputs of samples) that are evolved at a time.

More columns do not speed up matrix products, and do not fit into the cache.
"""


def column_ranges(count: int, most: int = COLUMNS) -> Iterator[slice]:
    """Yield ranges that cover `count` columns, as few and as equal as possible.

    Each has at most `most` columns.
    """
    pieces = -(-count // most)
    for piece in range(pieces):
        yield slice(count * piece // pieces, count * (piece + 1) // pieces)


def intervals(times: Real) -> Real:
    """Return the ``p + 1`` times for which ``exp(+iHt)`` acts, in the order of action.

    `times` is ``t', t'', t_1 .. t_p`` along the last axis.
    """
    return np.diff(
        np.concatenate([times[..., :1], times[..., :1:-1], times[..., 1:2]], axis=-1), axis=-1
    )


class Block(ABC):
    """A block that is prepared for evaluation.

    Parameters
    ----------
    block
        Its matrices and inputs.
    weights
        Weight of each input in the sums over inputs, shape (c,).

    Notes
    -----
    `times` is ``t', t'', t_1 .. t_p`` for each sample, shape (S, p + 2), or None for the times that
    the block was made with.
    """

    offset: float = 0.0
    """Number that `tangents` subtracts from the generator of the gate."""

    def __init__(self, block: SectorBlock, weights: Real) -> None:
        self.order, self.columns = block.inputs.shape
        self.rejected = (~block.accepted).astype(np.float64)
        self.weights = weights

    @abstractmethod
    def run(
        self, theta: Real, direction: Real | None, times: Real | None, differentiate: bool
    ) -> tuple[Real, Real]:
        """Return the losses, and a derivative of their weighted sum.

        Parameters
        ----------
        theta
            Shape (S, P).
        direction
            Direction for each sample, shape (S, P), or None.
        times
            See the class.
        differentiate
            Whether to compute the derivative.

        Returns
        -------
        losses : numpy.ndarray
            Shape (S, c).
        derivative : numpy.ndarray
            Shape (S, P): the gradient or, with a direction, the product of the Hessian with it.
            Zero without `differentiate`.
        """

    @abstractmethod
    def states(self, theta: Real, times: Real | None, columns: slice) -> Complex:
        """Return the output states of some inputs at one parameter vector, shape (inputs, D)."""

    @abstractmethod
    def tangents(self, theta: Real, times: Real | None, columns: slice) -> tuple[Complex, Complex]:
        """Return `states`, and ``K`` of shape (P, inputs, D).

        The derivative of the states is ``i (K + offset psi)``.
        """

    @abstractmethod
    def hessian(self, theta: Real, times: Real | None) -> Real:
        """Return the Hessian of the weighted sum of losses at one parameter vector.

        Its shape is (P, P).
        """

    @property
    def wide(self) -> int:
        """Largest number of inputs whose tangents are held at a time.

        It is more than `COLUMNS` if the cost of one pass is set by the order of the block.
        """
        return COLUMNS

    def jacobian(self, theta: Real, times: Real | None) -> Complex:
        """Return the derivatives of the output states of all inputs at one parameter vector.

        Their shape is (P, c, D).
        """
        out = np.empty((len(theta), self.columns, self.order), dtype=np.complex128)
        for columns in column_ranges(self.columns, self.wide):
            psi, tangents = self.tangents(theta, times, columns)
            out[:, columns] = 1j * (tangents + self.offset * psi)
        return out

    def quantum_fisher(self, theta: Real, times: Real | None) -> Real:
        """Return the weighted sum over inputs of the quantum Fisher information matrices.

        It is taken at one parameter vector; its shape is (P, P).
        """
        layers = len(theta)
        out = np.zeros((layers, layers))
        for columns in column_ranges(self.columns, self.wide):
            psi, tangents = self.tangents(theta, times, columns)
            # <psi|K> is real up to rounding: K is a Hermitian operator times psi.
            tangents -= np.einsum("md,kmd->km", psi.conj(), tangents)[:, :, None] * psi
            tangents *= np.sqrt(self.weights[columns])[:, None]
            flat = tangents.reshape(layers, -1).view(np.float64)
            out += 4.0 * (flat @ flat.T)
        return out
