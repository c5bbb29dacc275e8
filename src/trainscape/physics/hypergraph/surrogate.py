r"""One hypergraph state that changes in place, for tables of a million numbers.

A model is trained on a classical machine as a table of N weights of hyperedges, and used on about
:math:`(k!\, N)^{1/k}` qumodes. For that the rules of `trainscape.physics.hypergraph.phases` work on
one table without copying it: a gate costs one addition, and a displacement, a measured position or
the moments of a nullifier cost as many as there are monomials with one mode,
:math:`\sum_{d<k} \binom{n-1}{d}`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import Monomials

__all__ = ["Surrogate"]

Real = NDArray[np.float64]


class Surrogate:
    """The phase of one ideal hypergraph state.

    Parameters
    ----------
    monomials
        The monomials of the phase.
    position_variance, momentum_variance
        Variances of q and p in each mode, which enter moments only.
    """

    def __init__(
        self,
        monomials: Monomials,
        position_variance: float = 0.5,
        momentum_variance: float = 0.5,
    ) -> None:
        self.monomials = monomials
        self.momentum_variance = momentum_variance
        # The last entry is the constant, a global phase.
        self._table = np.zeros(monomials.count + 1)
        self._above, self._below = monomials.incidence
        degrees = np.append(monomials.degrees, 0)
        self._variances = position_variance ** degrees.astype(np.float64)

    @property
    def phase(self) -> Real:
        """The table, shape ``(M,)``: a view."""
        return self._table[:-1]

    @property
    def edge_weights(self) -> Real:
        """The part of the table that belongs to the hyperedges, shape ``(D,)``: a view."""
        return self._table[self.monomials.edge_offset : -1]

    def add_gates(self, strengths: ArrayLike, edges: NDArray[np.integer] | None = None) -> None:
        """Apply gates of hyperedges.

        Parameters
        ----------
        strengths
            One for each of `edges`.
        edges
            Numbers of hyperedges, repetitions allowed; all of them, once, if not given.
        """
        if edges is None:
            self.edge_weights[:] += np.asarray(strengths, dtype=np.float64)
        else:
            np.add.at(self.edge_weights, edges, strengths)

    def displace(self, mode: int, shift: float) -> None:
        """Apply ``exp(-i s p_i)``."""
        self._table[self._below[mode]] -= shift * self._table[self._above[mode]]

    def measure_position(self, mode: int, value: float) -> None:
        """Replace the position of a mode by its value."""
        above = self._above[mode]
        self._table[self._below[mode]] += value * self._table[above]
        self._table[above] = 0.0

    def nullifier_moments(self, mode: int, kappa: ArrayLike = 0.0) -> tuple[float, float]:
        """Return mean and second moment of ``p_b - d kappa / d q_b``.

        Parameters
        ----------
        mode
            The mode b.
        kappa
            Coefficients of kappa for the monomials with b, in the order of the row of
            ``monomials.incidence[0]``, shape ``(c,)``; or 0.
        """
        residual = self._table[self._above[mode]] - np.asarray(kappa, dtype=np.float64)
        # The first monomial is the mode alone, whose derivative is the constant.
        squares = residual[1:] ** 2 @ self._variances[self._below[mode, 1:]]
        mean = float(residual[0])
        return mean, float(self.momentum_variance + mean**2 + squares)
