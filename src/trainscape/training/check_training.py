r"""Training of the qubit model of order two on estimates of its checks from finitely many shots.

A token adds its angle to the edge of two qubits; the sentence ends with a check :math:`G_b` of the
data's state, whose outcome there is 1. With :math:`\delta` the angles less those of the data, the
model has :math:`\langle G_b \rangle = \mathrm{Re} \prod_j (1 + e^{i\delta_{bj}})/2` and violates
the check with probability :math:`(1 - \langle G_b \rangle)/2`. Derivatives follow exactly from
:math:`\langle G_b \rangle` at :math:`\delta \pm \pi/2`; both are estimated from S shots, whose
error is taken as normal, of variance :math:`(1 - \langle G_b \rangle^2)/S`.

Three ways to train, all with the same number of estimates:

* *tied*, whole sentences: one angle for each edge, wherever its token stands;
* *untied*, whole sentences: an angle for each edge and each place in the sentence;
* *streaming*: angles are untied, and one place after the other is trained by checks that come right
  after its token, while all later places are not there yet.

From random angles the first two have gradients of variance :math:`2^{-(n + 1)}`; in a stream the
angles before are near those of the data, and the gradient is :math:`\sin(\delta)/2` at any n. That
the paper's qubit model needs a change that is not invariant in time is known from summaries; which
change it makes is not, so these are ours.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import combination_array
from trainscape.training.batches import adam_step
from trainscape.training.optimisers import Adam

__all__ = ["check_violation", "estimated_gradient", "train_stream", "train_whole"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Int = NDArray[np.int64]


@cache
def _edges_of_checks(qubits: int) -> tuple[Int, Real]:
    """Return the edge of each check and other qubit, and which entries an edge has."""
    numbers = np.zeros((qubits, qubits), dtype=np.int64)
    first, second = combination_array(qubits, 2).T
    numbers[first, second] = numbers[second, first] = np.arange(len(first))
    edges = numbers[~np.eye(qubits, dtype=bool)].reshape(qubits, qubits - 1)
    return edges, (edges.ravel()[:, None] == np.arange(len(first))).astype(np.float64)


def _others(factors: Complex) -> Complex:
    """Return the product of all other factors along the last axis."""
    ones = np.ones_like(factors[..., :1])
    before = np.cumprod(np.concatenate([ones, factors[..., :-1]], axis=-1), axis=-1)
    turned = np.concatenate([ones, factors[..., :0:-1]], axis=-1)
    return np.asarray(before * np.cumprod(turned, axis=-1)[..., ::-1])


def check_violation(residuals: ArrayLike, qubits: int) -> Real:
    """Return the mean probability over all checks that one is violated.

    Parameters
    ----------
    residuals
        Angles of the edges less those of the data, in radians, shape ``(..., D)``.
    qubits
        Number n of qubits.

    Returns
    -------
    ndarray
        Shape ``(...)``.
    """
    edges, _ = _edges_of_checks(qubits)
    turns = np.exp(1j * np.asarray(residuals, dtype=np.float64)[..., edges])
    return np.asarray((1 - ((1 + turns) / 2).prod(axis=-1).real).mean(axis=-1) / 2)


def estimated_gradient(rest: Complex, residuals: Real, noise: Real, shots: int) -> Real:
    """Return estimates of the derivatives of checks by one angle each.

    Parameters
    ----------
    rest
        Product of ``(1 + exp(i delta)) / 2`` over the other edges of the check, shape ``(...)``.
    residuals
        The angle in radians, shape ``(...)``.
    noise
        Standard normal numbers, shape ``(..., 2)``.
    shots
        Shots S of each of both expectations.
    """
    turn = 1j * np.exp(1j * residuals)
    both = np.stack([(rest * (1 + turn) / 2).real, (rest * (1 - turn) / 2).real], axis=-1)
    both = both + noise * np.sqrt((1 - np.minimum(both**2, 1)) / shots)
    return np.asarray((both[..., 0] - both[..., 1]) / 2)


def _rates(steps: int) -> Real:
    """Return the shares of the largest rate, a cosine."""
    return np.asarray((1 + np.cos(np.pi * np.arange(steps) / steps)) / 2)


def train_whole(start: ArrayLike, places: Int, noise: Real, shots: int, options: Adam) -> Real:
    """Return angles after training on all checks of whole sentences.

    Parameters
    ----------
    start
        Residual angles in radians at each place, shape ``(R, P, D)`` for R runs; P is 1 for tied
        angles.
    places
        The place of each edge in the sentence of a step, shape ``(R, T, D)``.
    noise
        Standard normal numbers, shape ``(R, T, n, n - 1, 2)``.
    shots
        Shots of an expectation.
    options
        Adam's rate at the first of T steps; it falls as a cosine.
    """
    angles = np.array(start, dtype=np.float64)
    qubits = noise.shape[2]
    edges, entries = _edges_of_checks(qubits)
    moments = np.zeros((2, *angles.shape))
    for step, rate in enumerate(_rates(noise.shape[1])):
        place = places[:, step, None, :]
        residuals = np.take_along_axis(angles, place, axis=1)[:, 0, edges]
        rest = _others((1 + np.exp(1j * residuals)) / 2)
        gains = estimated_gradient(rest, residuals, noise[:, step], shots)
        loss = -(gains.reshape(len(angles), -1) @ entries) / (2 * qubits)
        gradient = np.zeros_like(angles)
        np.put_along_axis(gradient, place, loss[:, None], axis=1)
        angles -= rate * adam_step(options, moments, gradient, step + 1)
    return angles


def train_stream(start: ArrayLike, order: Int, noise: Real, shots: int, options: Adam) -> Real:
    """Return angles after training one place of the sentence after the other.

    Parameters
    ----------
    start
        Residual angles in radians, shape ``(R, D)``.
    order
        The edges in the order of their tokens, shape ``(D,)``.
    noise
        Standard normal numbers, shape ``(R, D, T, 2, 2)``: for T steps of each place, and the
        checks of both qubits of its edge.
    shots, options
        As of `train_whole`.
    """
    angles = np.array(start, dtype=np.float64)
    runs, _, steps = noise.shape[:3]
    qubits = round((1 + (1 + 8 * angles.shape[1]) ** 0.5) / 2)
    pairs, products = combination_array(qubits, 2), np.ones((runs, qubits), dtype=np.complex128)
    for number, edge in enumerate(order):
        pair, own, moments = pairs[edge], angles[:, [edge]], np.zeros((2, runs, 1))
        rest = products[:, pair]
        for step, rate in enumerate(_rates(steps)):
            gains = estimated_gradient(rest, own, noise[:, number, step], shots)
            gradient = -gains.mean(axis=1, keepdims=True) / 2
            own = own - rate * adam_step(options, moments, gradient, step + 1)
        angles[:, edge] = own[:, 0]
        products[:, pair] = rest * (1 + np.exp(1j * own)) / 2
    return angles
