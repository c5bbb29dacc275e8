r"""Hypergraph states of finite squeezing: variances, decibels, expectations of group elements.

Each mode starts as squeezed vacuum of parameter r, with variances :math:`s_p^2 = e^{-2r}/2` and
:math:`s_q^2 = e^{2r}/2`; r to infinity is the ideal state. For an element :math:`g = (s, P)` whose
residual in the ideal state is R,

.. math::

    \langle g \rangle = e^{-|s|^2 s_p^2 / 2}\; E\, e^{i R(q)}, \qquad q \sim N(-s/2,\, s_q^2),

so that phase estimation of a stabiliser reads an angle of variance :math:`|s|^2 s_p^2`. The mean
over q is a Gaussian integral where R is of degree two; higher degrees are integrated numerically
over the positions of a few modes that leave degree two to the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.group import GroupElement
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import shifted

__all__ = [
    "angle_variance",
    "decibels",
    "expectation",
    "mean_phase_factor",
    "momentum_variance",
    "position_variance",
    "squeezing_of_decibels",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

CONVERGED = 1e-11
"""Change of a numerical mean, when its nodes are doubled, that ends the doubling."""

LARGEST_RULE = 256
"""Nodes of one mode: NumPy's rule overflows at a few hundred."""

LARGEST_GRID = 2**20
"""Nodes of a numerical mean that are given up at."""


def momentum_variance(squeezing: float) -> float:
    """Return the variance of p in squeezed vacuum, ``exp(-2 r) / 2``."""
    return float(np.exp(-2 * squeezing) / 2)


def position_variance(squeezing: float) -> float:
    """Return the variance of q in squeezed vacuum, ``exp(2 r) / 2``."""
    return float(np.exp(2 * squeezing) / 2)


def decibels(squeezing: float) -> float:
    """Return the squeezing in decibels, ``10 log10(exp(2 r))``."""
    return float(20 * squeezing / np.log(10))


def squeezing_of_decibels(value: float) -> float:
    """Return the squeezing parameter r, the inverse of `decibels`."""
    return float(value * np.log(10) / 20)


def angle_variance(shift: ArrayLike, squeezing: float) -> Real:
    """Return the variance of the angle that phase estimation of a stabiliser reads.

    Parameters
    ----------
    shift
        The vectors s, shape ``(..., n)``.
    squeezing
        The parameter r.
    """
    length = (np.asarray(shift, dtype=np.float64) ** 2).sum(axis=-1)
    return np.asarray(length * momentum_variance(squeezing))


def _cover(monomials: Monomials, table: Real) -> list[int]:
    """Return modes without which no monomial of degree 3 is left: found greedily."""
    used = np.abs(table).reshape(-1, monomials.count).max(axis=0) > 0
    open_ = monomials.membership[used & (monomials.degrees > 2)]
    cover: list[int] = []
    while (open_.sum(axis=1) > 2).any():
        wide = open_[open_.sum(axis=1) > 2]
        mode = int(wide.sum(axis=0).argmax())
        cover.append(mode)
        open_ = open_.copy()
        open_[:, mode] = False
    return cover


def _gaussian_mean(monomials: Monomials, table: Real, variance: float) -> Complex:
    """Return ``E exp(i P(x))`` for P of degree two and x of mean 0, shape ``(...)``."""
    modes = monomials.modes
    linear = table[..., :modes]
    matrix = np.zeros((*table.shape[:-1], modes, modes))
    if monomials.order >= 2:
        first, second = monomials.members[1].T
        edges = table[..., monomials.offsets[1] : monomials.offsets[2]]
        matrix[..., first, second] = edges
        matrix[..., second, first] = edges
    values, vectors = np.linalg.eigh(matrix)
    factors = 1 - 1j * variance * values
    along = np.einsum("...ij,...i->...j", vectors, linear)
    exponent = -0.5 * variance * (along**2 / factors).sum(axis=-1)
    # Each factor is in the right half plane, so the principal root is the right one.
    return np.asarray(np.exp(exponent) / np.sqrt(factors).prod(axis=-1))


def mean_phase_factor(
    monomials: Monomials, table: ArrayLike, mean: ArrayLike, variance: float
) -> Complex:
    """Return ``E exp(i P(q))`` for independent normal positions.

    Parameters
    ----------
    monomials
        The monomials of P.
    table
        Coefficients of P, shape ``(..., M)``.
    mean
        Means of the positions, shape ``(..., n)``.
    variance
        Their common variance.

    Returns
    -------
    ndarray
        Shape ``(...)``.

    Raises
    ------
    ValueError
        If a numerical mean does not converge.
    """
    constant, centred = shifted(monomials, table, mean)
    cover = _cover(monomials, centred)
    phase = np.exp(1j * constant)
    if not cover:
        return np.asarray(phase * _gaussian_mean(monomials, centred, variance))
    previous, nodes = None, 16
    while nodes <= LARGEST_RULE and nodes ** len(cover) <= LARGEST_GRID:
        result = _conditioned_mean(monomials, centred, variance, cover, nodes)
        if previous is not None and np.abs(result - previous).max() < CONVERGED:
            return np.asarray(phase * result)
        previous, nodes = result, 2 * nodes
    raise ValueError(
        f"the mean of a phase factor of degree {int(monomials.degrees.max())} does not converge "
        f"with {nodes // 2} nodes in each of {len(cover)} modes: the squeezing or the coefficients "
        "are too large for a numerical mean; use less, or fewer hyperedges"
    )


def _conditioned_mean(
    monomials: Monomials, table: Real, variance: float, cover: list[int], nodes: int
) -> Complex:
    """Return the mean with Gauss and Hermite's rule in the modes of `cover`."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    total = np.zeros(table.shape[:-1], dtype=np.complex128)
    for index in np.ndindex(*(nodes,) * (len(cover) - 1)):
        # All nodes of the last mode at once, with an axis of their own in front.
        position = np.zeros((nodes, *(1,) * (table.ndim - 1), monomials.modes))
        position[..., cover[:-1]] = np.sqrt(variance) * points[list(index)]
        position[..., cover[-1]] = np.sqrt(variance) * points.reshape(-1, *(1,) * (table.ndim - 1))
        constant, rest = shifted(monomials, table, position, tuple(cover))
        rest = rest * ~monomials.membership[:, cover].any(axis=1)
        values = np.exp(1j * constant) * _gaussian_mean(monomials, rest, variance)
        share = float(np.prod(weights[list(index)]))
        total += share * np.tensordot(weights, values, axes=(0, 0))
    return total


def expectation(element: GroupElement, phi: ArrayLike, squeezing: float) -> Complex:
    """Return ``<g>`` in the hypergraph state of finite squeezing.

    Parameters
    ----------
    element
        Elements g, batch ``(...)``.
    phi
        Phases of the state, shape ``(..., M)``.
    squeezing
        The parameter r.
    """
    constant, table = element.residual(phi)
    damping = np.exp(-angle_variance(element.shift, squeezing) / 2 + 1j * constant)
    mean = mean_phase_factor(
        element.monomials, table, -element.shift / 2, position_variance(squeezing)
    )
    return np.asarray(damping * mean)
