r"""Elements :math:`(s, P) = e^{iP(q)} T(s)` of the group of displacements and phase gates.

:math:`T(s) = e^{i s \cdot p}` shifts a wave function, :math:`(T(s)\psi)(q) = \psi(q + s)`, and P
is a polynomial with square-free monomials of degree at most k. Then

.. math::

    (s_1, P_1)(s_2, P_2) = (s_1 + s_2,\; P_1(q) + P_2(q + s_1)), \qquad
    (s, P)^{-1} = (-s, -P(q - s)),

and a generator :math:`s \cdot p + Q(q)` of the Lie algebra has the exponential
:math:`e^{i(s \cdot p + Q)} = (s, \int_0^1 Q(q + t s)\,dt)`, where Gauss and Legendre's rule is
exact. Gates and displacements are in it: :math:`e^{i g q_e} = (0, g q_e)` and
:math:`X_i(s) = e^{-i s p_i} = (-s e_i, 0)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import shifted

__all__ = ["GroupElement", "exponential", "stabiliser"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class GroupElement:
    """A batch of elements ``exp(i P(q)) T(s)``.

    Parameters
    ----------
    monomials
        The monomials of P.
    shift
        The vectors s, shape ``(..., n)``.
    table
        Coefficients of P without its constant, shape ``(..., M)``.
    constant
        Constants of P, shape ``(...)``, in radians. They are kept as they come, not modulo a turn.
    """

    monomials: Monomials
    shift: Real
    table: Real
    constant: Real

    @classmethod
    def of(
        cls,
        monomials: Monomials,
        shift: ArrayLike,
        table: ArrayLike = 0.0,
        constant: ArrayLike = 0.0,
    ) -> GroupElement:
        """Return an element; whatever is left out or smaller is broadcast to one batch."""
        s, p, c = (np.asarray(part, dtype=np.float64) for part in (shift, table, constant))
        batch = np.broadcast_shapes(s.shape[:-1], p.shape[:-1], c.shape)
        return cls(
            monomials,
            np.broadcast_to(s, (*batch, monomials.modes)),
            np.broadcast_to(p, (*batch, monomials.count)),
            np.broadcast_to(c, batch),
        )

    @classmethod
    def identity(cls, monomials: Monomials) -> GroupElement:
        """Return the identity, without a batch."""
        return cls.of(monomials, np.zeros(monomials.modes))

    def __matmul__(self, other: GroupElement) -> GroupElement:
        """Return the product, in which `other` acts first."""
        constant, table = shifted(self.monomials, other.table, self.shift)
        return GroupElement.of(
            self.monomials,
            self.shift + other.shift,
            self.table + table,
            self.constant + other.constant + constant,
        )

    def inverse(self) -> GroupElement:
        """Return the inverse."""
        constant, table = shifted(self.monomials, self.table, -self.shift)
        return GroupElement.of(self.monomials, -self.shift, -table, -self.constant - constant)

    def power(self, exponent: int) -> GroupElement:
        """Return the product of `exponent` equal factors, or of inverses if it is negative."""
        base = self if exponent >= 0 else self.inverse()
        result = GroupElement.identity(self.monomials)
        for bit in f"{abs(exponent):b}":
            result = result @ result
            if bit == "1":
                result = result @ base
        return result

    def commutator(self, other: GroupElement) -> GroupElement:
        """Return ``g h g^-1 h^-1``, which is the identity if and only if both commute."""
        return self @ other @ self.inverse() @ other.inverse()

    def act(self, phi: ArrayLike) -> tuple[Real, Real]:
        """Apply the element to the ideal state with phase `phi`.

        Returns
        -------
        constant : ndarray
            Global phase, shape ``(...)``.
        phi : ndarray
            Phase of the image, shape ``(..., M)``.
        """
        constant, table = shifted(self.monomials, phi, self.shift)
        return self.constant + constant, self.table + table

    def residual(self, phi: ArrayLike) -> tuple[Real, Real]:
        """Return the polynomial R with ``g |phi> = exp(i R(q)) |phi>``.

        If R is a constant, the state is an eigenstate; if not, ``<g> = 0`` in the ideal state.

        Returns
        -------
        constant : ndarray
            Constant of R, shape ``(...)``.
        table : ndarray
            The other coefficients of R, shape ``(..., M)``.
        """
        constant, image = self.act(phi)
        return constant, image - np.asarray(phi, dtype=np.float64)


def exponential(
    monomials: Monomials, shift: ArrayLike, table: ArrayLike = 0.0, constant: ArrayLike = 0.0
) -> GroupElement:
    """Return ``exp(i (s . p + Q(q)))``.

    Parameters
    ----------
    monomials
        The monomials of Q.
    shift
        The vectors s, shape ``(..., n)``.
    table
        Coefficients of Q without its constant, shape ``(..., M)``.
    constant
        Constants of Q, shape ``(...)``.
    """
    generator = GroupElement.of(monomials, shift, table, constant)
    # A rule of m nodes is exact up to degree 2 m - 1, and Q has degree k along any line.
    nodes, weights = np.polynomial.legendre.leggauss(monomials.order // 2 + 1)
    mean, added = np.zeros_like(generator.table), np.zeros_like(generator.constant)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        extra, moved = shifted(monomials, generator.table, node * generator.shift)
        mean = mean + weight * moved
        added = added + weight * extra
    return GroupElement.of(monomials, generator.shift, mean, generator.constant + added)


def stabiliser(monomials: Monomials, phi: ArrayLike, shift: ArrayLike) -> GroupElement:
    """Return ``K(s) = U_phi T(s) U_phi^dagger``, of which the state `phi` is an eigenstate.

    Parameters
    ----------
    monomials
        The monomials of the phase.
    phi
        Phase, shape ``(..., M)``.
    shift
        The vectors s, shape ``(..., n)``.
    """
    constant, moved = shifted(monomials, phi, shift)
    return GroupElement.of(monomials, shift, np.asarray(phi) - moved, -constant)
