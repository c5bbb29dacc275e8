r"""Variances of gradients at random weights, by closed forms, and the gradients themselves.

The model has all hyperedges of k of n modes. A readout of mode b depends on the residual weights
:math:`\delta_e = w_e - \kappa_e` of the :math:`m = \binom{n-1}{k-1}` edges that contain b, with the
weights :math:`\kappa` of the measured operator. With u the variance of a position:

=============  ================================================  =============================
readout        expectation                                       derivative by :math:`w_e`
=============  ================================================  =============================
nullifier      :math:`E y^2 = 1/(4u) + u^{k-1} \sum \delta_e^2`  :math:`2 u^{k-1} \delta_e`
displacement   :math:`e^{-s^2/8u} e^{-s^2 u \sum \delta_e^2/2}`  times :math:`-s^2 u \delta_e`
(k = 2)
qubit          mean over bits of :math:`\cos \theta`, where       minus the mean of
               :math:`\theta = \sum \delta_e n_{e - b}`          :math:`n_{e - b} \sin\theta`
=============  ================================================  =============================

For residual weights that are independent and uniform, on [-1, 1] for qumodes and on the circle for
qubits, the variances are :math:`\tfrac43 u^{2(k-1)}`, independent of n; an exponential law in n;
and :math:`2^{-(n+k-1)}`: a barren plateau, although the diagonal algebra of the qubit model is
polynomial. Two bit strings contribute together only if they have the same set of active edges, and
with e active they then are equal. Derived here; the paper's theorem covers the first row.
"""

from __future__ import annotations

import math
from functools import cache
from math import comb, factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.qubit_states import phases_of_bits

__all__ = [
    "active_strings",
    "displacement_gradient",
    "displacement_variance",
    "normal_angle_variance",
    "nullifier_gradient",
    "nullifier_loss_gradient",
    "nullifier_variance",
    "qubit_gradient",
    "qubit_variance",
    "residual_angles",
    "residual_edges",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]


@cache
def residual_edges(modes: int, order: int) -> Monomials:
    """Return the monomials of the other n - 1 modes, of degree k - 1 at most.

    The last of them, `Monomials.edge_count` many, stand for the edges that contain mode b, in the
    lexicographic order of their other modes.
    """
    if not 2 <= order <= modes:
        raise ValueError(
            f"gates on {order} of {modes} modes have no gradient of this kind: choose an order "
            "from 2 to the number of modes"
        )
    return Monomials(modes - 1, order - 1)


def nullifier_gradient(residuals: ArrayLike, order: int, position_variance: float) -> Real:
    """Return the derivative of the second moment of a nullifier by the weight of the first edge.

    Parameters
    ----------
    residuals
        Residual weights, shape ``(..., m)``.
    order
        Order k of the gates.
    position_variance
        Variance u of each position.
    """
    first = np.asarray(residuals, dtype=np.float64)[..., 0]
    return np.asarray(2 * position_variance ** (order - 1) * first)


def nullifier_variance(order: int, position_variance: float) -> float:
    """Return its variance for residual weights that are uniform on [-1, 1]."""
    return 4 / 3 * position_variance ** (2 * (order - 1))


def displacement_gradient(residuals: ArrayLike, shift: float, position_variance: float) -> Real:
    """Return the derivative of ``Re <exp(i s (p_b - kappa . q))>`` by the first weight, for k = 2.

    Parameters
    ----------
    residuals
        Residual weights, shape ``(..., n - 1)``.
    shift
        The shift s.
    position_variance
        Variance u of each position; a momentum has ``1 / (4 u)``.
    """
    delta = np.asarray(residuals, dtype=np.float64)
    scale = shift**2 * position_variance
    exponent = -(shift**2) / (8 * position_variance) - scale * (delta**2).sum(axis=-1) / 2
    return np.asarray(-scale * delta[..., 0] * np.exp(exponent))


def displacement_variance(modes: int, shift: float, position_variance: float) -> float:
    """Return its variance for residual weights that are uniform on [-1, 1]."""
    a = shift * math.sqrt(position_variance)
    one = math.sqrt(math.pi) / 2 * math.erf(a) / a
    # Integral of x^2 exp(-a^2 x^2) from 0 to 1, by parts.
    weighted = (one - math.exp(-(a**2))) / (2 * a**2)
    prefactor = a**4 * math.exp(-(shift**2) / (4 * position_variance))
    return prefactor * weighted * one ** (modes - 2)


@cache
def active_strings(modes: int, order: int) -> Int:
    """Return the bit strings of the other qubits that have the first edge active.

    Its other qubits are the first k - 1 of them; the first is the most significant bit.
    """
    edges = residual_edges(modes, order)
    mask = ((1 << (order - 1)) - 1) << (edges.modes - order + 1)
    strings = np.arange(2**edges.modes)
    return np.flatnonzero((strings & mask) == mask)


def residual_angles(angles: ArrayLike, modes: int, order: int) -> Real:
    r"""Return the angle :math:`\theta` for each bit string of the other qubits.

    Parameters
    ----------
    angles
        Residual angles in radians, shape ``(..., m)``, see `residual_edges`.
    modes, order
        Qubits n, up to 25, and order k.

    Returns
    -------
    ndarray
        Shape ``(..., 2**(n - 1))``; the first of the other qubits is the most significant bit.
    """
    edges = residual_edges(modes, order)
    delta = np.asarray(angles, dtype=np.float64)
    table = np.zeros((*delta.shape[:-1], edges.count))
    table[..., edges.edge_offset :] = delta
    return phases_of_bits(edges, table)


def qubit_gradient(angles: ArrayLike, modes: int, order: int) -> Real:
    """Return the derivative of the expectation of the qubit readout by the first edge's weight.

    See `residual_angles` for the parameters. Exact, in ``n 2**n`` operations.

    Returns
    -------
    ndarray
        Shape ``(...)``.
    """
    theta = residual_angles(angles, modes, order)[..., active_strings(modes, order)]
    return np.asarray(-np.sin(theta).sum(axis=-1) / 2 ** (modes - 1))


def qubit_variance(modes: int, order: int) -> float:
    """Return its variance for residual angles that are uniform on the circle."""
    residual_edges(modes, order)
    return 2.0 ** -(modes + order - 1)


def normal_angle_variance(modes: int, order: int, spread: float) -> float:
    r"""Return its variance for normal residual angles of mean 0.

    Two bit strings with a and a' active edges, c of them common, contribute
    :math:`e^{-\sigma^2 (a + a')/2} \sinh(\sigma^2 c)`; pairs are counted by how many of the other
    qubits are 1 in both, in one alone, or in none.

    Parameters
    ----------
    modes, order
        Qubits n and order k.
    spread
        Standard deviation of an angle in radians.
    """
    residual_edges(modes, order)
    others, variance, total = modes - order, spread**2, 0.0
    for both in range(others + 1):
        for left in range(others - both + 1):
            for right in range(others - both - left + 1):
                ways = factorial(others) // (
                    factorial(both)
                    * factorial(left)
                    * factorial(right)
                    * factorial(others - both - left - right)
                )
                first, second, common = (
                    comb(order - 1 + count, order - 1)
                    for count in (both + left, both + right, both)
                )
                # sinh, without a factor that overflows.
                mean = (
                    math.exp(variance * (common - (first + second) / 2))
                    - math.exp(-variance * (common + (first + second) / 2))
                ) / 2
                total += ways * mean
    return total / 4.0 ** (modes - 1)


def nullifier_loss_gradient(
    weights: Real, targets: Real, modes: int, order: int, position_variance: float, scale: float
) -> tuple[Real, Real]:
    r"""Return the loss of all nullifiers :math:`p_b - \partial_b \kappa`, and its gradient.

    The loss is the squared maximum mean discrepancy of the answers of two states, for the kernel
    :math:`(1 + y \cdot y' / c)^2`. Answers have mean 0, and their second moments are
    :math:`u^{k-1} T^t T` and a constant, with :math:`T_{S b} = \delta_{S \cup b}` for sets S of
    k - 1 modes without b. So the loss is the squared Frobenius norm of the difference over
    :math:`c^2`.

    Parameters
    ----------
    weights, targets
        Residual weights of all edges of model and data, shape ``(samples, D)``, in lexicographic
        order.
    modes, order
        Modes n and order k.
    position_variance
        Variance u of each position.
    scale
        Constant c of the kernel.

    Returns
    -------
    loss, gradient : ndarray
        Shapes ``(samples,)`` and ``(samples, D)``.
    """
    edges = Monomials(modes, order)
    below, above = Monomials(modes, order - 1), edges.edges
    rows = np.array(
        [[below.index[tuple(m for m in edge if m != b)] for b in edge] for edge in above]
    )
    rows -= below.edge_offset
    columns = np.array(above)

    def spread_out(values: Real) -> Real:
        table = np.zeros((len(values), below.edge_count, modes))
        table[:, rows, columns] = values[:, :, None]
        return table

    model, data = spread_out(weights), spread_out(targets)
    power = position_variance ** (order - 1)
    difference = power * (model.swapaxes(1, 2) @ model - data.swapaxes(1, 2) @ data)
    loss = (difference**2).sum(axis=(1, 2)) / scale**2
    slopes = 4 * power * (model @ difference) / scale**2
    return loss, slopes[:, rows, columns].sum(axis=-1)
