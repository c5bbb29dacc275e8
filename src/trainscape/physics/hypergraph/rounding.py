r"""What rounding of trained weights costs: qumode weights as angles of b bits in the qubit model.

Weights that were trained on qumodes become angles :math:`2\pi\,\mathrm{round}(2^b w/W)/2^b` of
qubits, W the range of the weights. Their errors are uniform within :math:`\pm\pi/2^b`, and the
check of qubit b is violated with probability :math:`(1 - \langle G \rangle)/2`, on average over the
errors

.. math:: E \langle G \rangle = 2^{-(n-1)} \sum_{j} \binom{n-1}{j}
   \mathrm{sinc}(\pi/2^b)^{\binom{j}{k-1}}, \qquad \mathrm{sinc}\,x = \sin(x)/x,

with j the number of ones among the other qubits, of which :math:`\binom{j}{k-1}` edges are active.
To leading order the violation is :math:`\binom{n-1}{k-1} \pi^2 4^{-b} 2^{-(k-1)}/12`: at a fixed
violation the bits grow as half the logarithm of the number of edges, so that a constant precision
does not do. With positions 0 to d - 1 in place of 0 and 1 the check of the shift of mode b holds
with the probability that mode b is found in its uniform superposition, and

.. math:: V = 1 - E \frac{1}{d^2} \sum_{j, j'}
   \prod_{e \ni b} \mathrm{sinc}\big((j - j')\, q_{e \setminus b}\, \pi/2^b\big),

the mean over the positions of the other modes; for d = 2 it is the same. Derived here, from the
heuristic that the paper names as a question for later.
"""

from __future__ import annotations

import math
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.variances import residual_edges

__all__ = [
    "leading_violation",
    "least_bits",
    "other_positions",
    "qudit_violation",
    "qudit_violations",
    "real_bits",
    "rounded_violation",
    "rounding_errors",
]

Real = NDArray[np.float64]


def rounding_errors(fractions: ArrayLike, bits: int) -> Real:
    """Return the errors in radians of rounding angles to a number of bits.

    Parameters
    ----------
    fractions
        Weights over their range, w / W: fractions of a full turn.
    bits
        Bits b of an angle.
    """
    scaled = np.asarray(fractions, dtype=np.float64) * 2.0**bits
    return np.asarray(2 * np.pi * (scaled - np.round(scaled)) / 2.0**bits)


def rounded_violation(modes: int, order: int, bits: float) -> float:
    """Return the mean violation of a check after rounding to b bits, a real number here."""
    residual_edges(modes, order)
    sinc = float(np.sinc(2.0**-bits))
    total = sum(comb(modes - 1, ones) * sinc ** comb(ones, order - 1) for ones in range(modes))
    return float((1 - total / 2 ** (modes - 1)) / 2)


def leading_violation(modes: int, order: int, bits: float) -> float:
    """Return it to leading order in ``4**-b``."""
    residual_edges(modes, order)
    return float(comb(modes - 1, order - 1) * math.pi**2 / 4.0**bits / 2 ** (order - 1) / 12)


def real_bits(modes: int, order: int, violation: float) -> float:
    """Return the real number of bits at which the mean violation has a value, from 0 to 60.

    Raises
    ------
    ValueError
        If no number of bits has that violation.
    """
    low, high = 0.0, 60.0
    if not rounded_violation(modes, order, high) < violation < rounded_violation(modes, order, low):
        raise ValueError(
            f"no number of bits leaves a violation of {violation:g} at {modes} modes and order "
            f"{order}: choose one between 0 and {rounded_violation(modes, order, low):.3g}"
        )
    # A bisection, to the last digit: the violation falls with the bits.
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if rounded_violation(modes, order, middle) > violation else (low, middle)
        )
    return (low + high) / 2


def least_bits(modes: int, order: int, violation: float) -> int:
    """Return the least whole number of bits, 1 or more, with a smaller mean violation."""
    bits = 1
    while rounded_violation(modes, order, bits) >= violation:
        bits += 1
        if bits > 60:
            raise ValueError(f"no number of bits up to 60 has a violation below {violation:g}")
    return bits


def other_positions(modes: int, order: int, levels: int) -> Real:
    r"""Return the products of positions :math:`q_{e \setminus b}` on the grid of the other modes.

    Returns
    -------
    ndarray
        Shape ``(d**(n - 1), m)``: a row for each grid point, a column for each edge with mode b.
    """
    edges = residual_edges(modes, order)
    grid = np.indices((levels,) * edges.modes).reshape(edges.modes, -1).T
    return np.asarray(grid[:, np.array(edges.edges)].prod(axis=-1), dtype=np.float64)


def qudit_violation(modes: int, order: int, levels: int, bits: float) -> float:
    """Return the mean violation with d levels for each mode."""
    products = other_positions(modes, order, levels) * 2.0**-bits
    counts = {step: 2 * (levels - step) if step else levels for step in range(levels)}
    total = sum(
        count * np.sinc(step * products).prod(axis=1).mean() for step, count in counts.items()
    )
    return float(1 - total / levels**2)


def qudit_violations(errors: ArrayLike, modes: int, order: int, levels: int) -> Real:
    """Return the violation of a check for each set of errors, from the state vector.

    Parameters
    ----------
    errors
        Errors of the angles of the edges that contain mode b, shape ``(samples, m)``.
    modes, order, levels
        Modes n, order k, and levels d for each mode.

    Returns
    -------
    ndarray
        Shape ``(samples,)``.
    """
    turns = np.exp(
        1j * np.asarray(errors, dtype=np.float64) @ other_positions(modes, order, levels).T
    )
    amplitude = np.zeros_like(turns)
    for _ in range(levels):
        amplitude = amplitude * turns + 1
    return np.asarray(1 - (np.abs(amplitude / levels) ** 2).mean(axis=-1))
