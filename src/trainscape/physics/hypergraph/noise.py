r"""What noise does to the answers of hypergraph states, and the noise at which they are no better.

Positions of the squeezed start have the variance :math:`u = e^{2r}/2`, momenta 1 / (4 u).

*Squeezing.* The angle of a stabiliser with shift s has the variance :math:`v = |s|^2/(4u)`. The
context of three weights a distance :math:`\delta` apart has :math:`|s|^2 = (\pi/\delta)(1, 4, 1)`.
An angle is a violation beyond a tolerance: :math:`\mathrm{erfc}(\tau/\sqrt{2v})`.

*Jitter.* An error of standard deviation :math:`\sigma` in each of the m gates with mode b gives its
nullifier :math:`E N^2 = 1/(4u) + m \sigma^2 u^{k-1}`, least at
:math:`u^* = (4 m \sigma^2 (k-1))^{-1/k}`, where it is :math:`\frac{k}{k-1}/(4u^*)`.

*Loss.* With transmission :math:`\eta` after the gates positions and momenta are
:math:`\sqrt\eta\,(\cdot) + \sqrt{1-\eta}` times vacuum. The moment of a nullifier is a polynomial,
since products of different positions are orthogonal; for k = 2 its distribution is normal, too.

*Qubits.* Depolarisation with probability p flips a check of weight w with probability
:math:`(1 - \lambda^w)/2`, :math:`\lambda = 1 - 4p/3`; a readout flip of probability
:math:`\epsilon` multiplies its expectation by :math:`1 - 2\epsilon`.

A classical network without memory violates one context in three: where noise does as much, the
advantage is gone. Derived here; the paper says nothing of the kind that was accessible.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

__all__ = [
    "CLASSICAL",
    "GRAPH_CHECKS",
    "angle_violation",
    "context_variance",
    "flip_probability",
    "graph_violation",
    "jitter_moment",
    "jitter_optimum",
    "largest_variance",
    "lost_context_variance",
    "lost_moment",
    "photons",
    "prepared_violation",
    "root",
    "stored_photons",
    "variance_of_decibels",
]

Real = NDArray[np.float64]

CLASSICAL = 1 / 3
"""Least rate of violations without memory, in the task of three states."""

GRAPH_CHECKS = (3, 2, 3)
"""Weights of the checks XXX, YYI, ZZX, of which each of three graph states satisfies one."""


def variance_of_decibels(decibels: ArrayLike) -> Real:
    """Return the variance u of a position for squeezing in dB, ``10 log10(2 u)``."""
    return np.asarray(10 ** (np.asarray(decibels, dtype=np.float64) / 10) / 2)


def context_variance(spacing: ArrayLike, position_variance: ArrayLike) -> Real:
    """Return the variance of the angle of the middle one of three weights, the worst.

    Parameters
    ----------
    spacing
        Distance of neighbouring weights.
    position_variance
        Variance u of a position.
    """
    return np.asarray(np.pi / (np.asarray(spacing) * np.asarray(position_variance)))


def angle_violation(variance: ArrayLike, tolerance: float) -> Real:
    """Return the probability that a normal angle of mean 0 lies beyond a tolerance in radians."""
    return np.asarray(special.erfc(tolerance / np.sqrt(2 * np.asarray(variance, dtype=np.float64))))


def largest_variance(violation: float, tolerance: float) -> float:
    """Return the variance at which it has a value."""
    if not 0 < violation < 1:
        raise ValueError(f"a violation of {violation:g} is no probability between 0 and 1")
    return float(tolerance**2 / (2 * special.erfcinv(violation) ** 2))


def jitter_moment(position_variance: ArrayLike, modes: int, order: int, jitter: float) -> Real:
    """Return the second moment of a nullifier with an error in each gate."""
    u = np.asarray(position_variance, dtype=np.float64)
    return np.asarray(1 / (4 * u) + comb(modes - 1, order - 1) * jitter**2 * u ** (order - 1))


def jitter_optimum(modes: int, order: int, jitter: float) -> tuple[float, float]:
    """Return the variance of a position at which it is least, and its value there."""
    if order < 2 or jitter <= 0:
        raise ValueError(
            f"order {order} and jitter {jitter:g} have no optimum: take an order from 2 on and a "
            "positive jitter"
        )
    edges = comb(modes - 1, order - 1)
    best = float((4 * edges * jitter**2 * (order - 1)) ** (-1 / order))
    return best, order / (order - 1) / (4 * best)


def lost_moment(
    position_variance: ArrayLike, order: int, transmission: ArrayLike, strength: float
) -> Real:
    """Return the second moment of a nullifier after loss.

    Parameters
    ----------
    position_variance
        Variance u of a position.
    order
        Order k of the gates.
    transmission
        Share of the photons that are left.
    strength
        Sum of the squared weights of the edges that contain mode b.
    """
    u, eta = np.asarray(position_variance, np.float64), np.asarray(transmission, np.float64)
    degree = order - 1
    # The product of positions that were lost, less that of the gate, which was not.
    mixed = (eta * u + (1 - eta) / 2) ** degree - (eta * u) ** degree
    shrunk = (np.sqrt(eta) - eta ** (degree / 2)) ** 2 * u**degree
    return np.asarray(eta / (4 * u) + (1 - eta) / 2 + strength * (mixed + shrunk))


def lost_context_variance(
    spacing: float, position_variance: ArrayLike, transmission: ArrayLike, weight: float = 0.0
) -> Real:
    """Return the variance of the angle of the middle weight after loss, at k = 2."""
    eta = np.asarray(transmission, dtype=np.float64)
    kept = eta * context_variance(spacing, position_variance)
    return np.asarray(kept + (1 - eta) / 2 * (1 + weight**2) * 4 * np.pi / spacing)


def flip_probability(depolarising: ArrayLike, weight: int, readout: ArrayLike = 0.0) -> Real:
    """Return the probability that a check of some weight gives the wrong sign."""
    kept = (1 - 4 * np.asarray(depolarising, np.float64) / 3) ** weight
    return np.asarray((1 - kept * (1 - 2 * np.asarray(readout, np.float64))) / 2)


def graph_violation(depolarising: ArrayLike, readout: ArrayLike = 0.0) -> Real:
    """Return the rate of violations of the task of three graph states on three qubits."""
    flips = [flip_probability(depolarising, weight, readout) for weight in GRAPH_CHECKS]
    return np.asarray(sum(flips) / len(flips))


def root(
    function: Callable[[float], Any], low: float, high: float, level: float = CLASSICAL
) -> float:
    """Return where a function of one number, monotonic between two ends, has a value.

    Raises
    ------
    ValueError
        If it does not have it between them.
    """

    def difference(x: float) -> float:
        return float(function(x)) - level

    if difference(low) * difference(high) > 0:
        raise ValueError(
            f"between {low:g} and {high:g} the rate does not reach {level:.4g}: take wider ends"
        )
    return float(optimize.brentq(difference, low, high, xtol=1e-13))


def prepared_violation(
    spacing: float, position_variance: float, order: int, tolerance: float, nodes: int = 200
) -> float:
    """Return the rate of violations where the k - 2 other modes of an edge are prepared.

    Their positions are drawn like those of the start, and their product multiplies the spacing of
    the weights. The mean over it is by quadrature for k = 3, and exact for k = 2.
    """
    if order == 2:
        return float(angle_violation(context_variance(spacing, position_variance), tolerance))
    if order != 3:
        raise ValueError(f"order {order}: the mean over prepared positions is there for 2 and 3")
    # With x = t**2 the rate is smooth in t, also where the position is near 0.
    t, weights = np.polynomial.legendre.leggauss(nodes)
    t, weights = 1.5 * (t + 1), 1.5 * weights
    x = t**2
    density = np.sqrt(2 / np.pi) * np.exp(-(x**2) / 2) * 2 * t
    variance = context_variance(spacing * x * np.sqrt(position_variance), position_variance)
    return float((weights * density * angle_violation(variance, tolerance)).sum())


def photons(position_variance: ArrayLike) -> Real:
    """Return the photons of one squeezed mode, ``sinh(r)**2``."""
    u = np.asarray(position_variance, dtype=np.float64)
    return np.asarray(u / 2 + 1 / (8 * u) - 1 / 2)


def stored_photons(position_variance: ArrayLike, modes: int, order: int, square: float) -> Real:
    """Return the photons of all modes after the gates of all hyperedges.

    Parameters
    ----------
    position_variance
        Variance u of a position.
    modes, order
        Modes n and order k.
    square
        Mean square of a weight, 1/3 for weights that are uniform on [-1, 1].
    """
    u = np.asarray(position_variance, dtype=np.float64)
    kicked = comb(modes - 1, order - 1) * square * u ** (order - 1) / 2
    return np.asarray(modes * (photons(u) + kicked))
