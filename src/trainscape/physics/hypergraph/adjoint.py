r"""The Lie algebra of displacements and phase gates, and its dense adjoint representation.

The algebra h_k is spanned by :math:`i p_i` and :math:`i q_S` for all sets S of at most k modes, the
empty one included; :math:`[i p_i, i q_S] = i q_{S \setminus i}` if i is in S, all other brackets of
basis elements vanish, and :math:`\mathrm{ad}^{k+1} = 0`. Its dimension is
:math:`n + \sum_{d=0}^k \binom n d`.

Simulation in the Heisenberg picture multiplies matrices of that size, at a cost of its third power.
That is the general method; the sparse rules of `trainscape.physics.hypergraph.phases` give the same
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.group import GroupElement
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import derivative, shifted

__all__ = ["AdjointAlgebra"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class AdjointAlgebra:
    """The algebra in the basis ``i p_1 ... i p_n, i, i q_S`` with the sets S in their order.

    Parameters
    ----------
    monomials
        The monomials of degree 1 to k.
    """

    monomials: Monomials

    @property
    def dimension(self) -> int:
        """Dimension of the algebra."""
        return self.monomials.modes + 1 + self.monomials.count

    def coordinates(self, shift: ArrayLike, table: ArrayLike, constant: float = 0.0) -> Real:
        """Return the coordinates of ``i (s . p + c + Q(q))``, shape ``(dim,)``."""
        return np.concatenate(
            [np.asarray(shift, dtype=np.float64), [constant], np.asarray(table, dtype=np.float64)]
        )

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Coordinates of monomials that contain a mode, and of what they are without it."""
        above, below = self.monomials.incidence
        first = self.monomials.modes + 1
        # The constant stands before the monomials here, and behind them in `incidence`.
        return first + above, np.where(below == self.monomials.count, first - 1, first + below)

    def ad(self, shift: ArrayLike, table: ArrayLike) -> Real:
        """Return the matrix of ``Y -> [X, Y]`` for ``X = i (s . p + Q(q))``.

        Parameters
        ----------
        shift
            The vector s, shape ``(n,)``.
        table
            Coefficients of Q, shape ``(M,)``.

        Returns
        -------
        ndarray
            Shape ``(dim, dim)``.
        """
        s, q = np.asarray(shift, dtype=np.float64), np.asarray(table, dtype=np.float64)
        matrix = np.zeros((self.dimension, self.dimension))
        above, below = self._places
        for mode in range(self.monomials.modes):
            matrix[below[mode], above[mode]] = s[mode]
            matrix[below[mode], mode] = -q[above[mode] - self.monomials.modes - 1]
        return matrix

    def evolution(self, shift: ArrayLike, table: ArrayLike) -> Real:
        """Return the matrix of ``Y -> U^dagger Y U`` for ``U = exp(i (s . p + Q(q)))``.

        The exponential series ends after k + 1 terms. The matrix of a circuit is the product of
        those of its gates, the first gate leftmost.
        """
        generator = -self.ad(shift, table)
        term = np.eye(self.dimension)
        total = term.copy()
        for power in range(1, self.monomials.order + 1):
            term = generator @ term / power
            total += term
        return total

    def of_element(self, element: GroupElement) -> Real:
        """Return the matrix of ``Y -> g^dagger Y g`` for one element, by the rules of the group.

        With ``g = exp(i P) T(s)``, q becomes ``q - s`` and ``p_b`` becomes
        ``p_b + (d P / d q_b)(q - s)``.
        """
        monomials = self.monomials
        first = monomials.modes + 1
        matrix = np.eye(self.dimension)
        constant, table = shifted(monomials, np.eye(monomials.count), -element.shift)
        matrix[first - 1, first:] = constant
        matrix[first:, first:] = table.T
        for mode in range(monomials.modes):
            slope, rest = derivative(monomials, element.table, mode)
            added, moved = shifted(monomials, rest, -element.shift)
            matrix[first - 1, mode] = slope + added
            matrix[first:, mode] = moved
        return matrix
