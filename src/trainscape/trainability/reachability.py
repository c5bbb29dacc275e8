r"""Reachability: how many gates does a network need to steer a block to its labels at all?

The gates of the network are :math:`e^{-iHt} e^{iA\theta} e^{iHt}` with given random times t. That
the Lie algebra of H and A is full says that *some* number of gates reaches everything, not that the
orbit rank R (`trainscape.trainability.label_learning`) is one of them. Where the gate nearly
commutes with the Hamiltonian, each gate moves little, and many are needed whatever R is.

**Any block.** Let :math:`|k\rangle` be an eigenvector of H and w the largest weight that it has in
one eigenspace of A. Evolution by H leaves its angle to a state as it is; a gate turns it by an
angle of at most :math:`\arccos(2w - 1)`, because :math:`|\langle k|e^{iA\theta}|k\rangle| \ge
w - (1 - w)`. If inputs that span S are to end in the accepted space B, the angle of
:math:`|k\rangle` to the image of S has to become that to a subspace of B, at least. Hence the
number of gates is at least

.. math::

    \frac{\arccos\lVert P_B k\rVert - \arccos\lVert P_S k\rVert}{\arccos(2w - 1)},

with the absolute value of the difference if S and B have one dimension (`steering_bound`).

**Blocks of two levels.** There each gate is a rotation of the Bloch sphere by any angle about a
fixed axis; all axes lie on a cone about that of H. What p such rotations reach from a point is a
ring about the last axis, since a connected set that is rotated by all angles is one, and a further
rotation takes a ring of angles :math:`[l, u]` to the ring of all angles that its points have to the
next axis. With the angle :math:`\delta` between both axes the new ends are the distance from
:math:`\delta` to :math:`[l, u]`, and :math:`\pi` less that from :math:`\pi - \delta`. So the least
loss of any number of gates follows exactly (`two_level_gaps`). It is how the order of generation of
the rotation group by two axes was found [1]_, for given axes in place of the best.

**The law.** For a random ancilla vector and a random ancilla Hamiltonian the opening of the cone is
uniform, and so is the change of the polar angle that a wrong label at the start asks for. With
random times the angles between neighbouring axes of a narrow cone of opening a average
:math:`4a/\pi`, so that p gates fall short with probability

.. math:: P(p) \to \frac{\pi}{4 (p - 1)}, \qquad P(p) \to \frac{4 S}{3 (p - 1)^2}

for one gate, and for two gates with vectors of their own in turn (`unreachable_share`). S is the
area of the openings whose mean step, an elliptic integral, is below 1. With all times at will it
would be at least :math:`1/(2p)`, since a step is :math:`2a` at most.

References
----------
.. [1] F. Lowenthal, Uniform finite generation of the rotation group, Rocky Mountain Journal of
   Mathematics 1, 575 (1971).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.special import ellipe

from trainscape.physics.bond_coefficients import Operator, dense
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem

__all__ = [
    "UNREACHED",
    "arc",
    "largest_turn",
    "least_gates",
    "network_reach",
    "ring_gaps",
    "steering_bound",
    "two_level_gaps",
    "unreachable_share",
]

Real = NDArray[np.float64]

SLACK = 1e-9
"""Angle in radians up to which a target counts as reached: rounding."""

EQUAL = 1e-9
"""Difference up to which eigenvalues of a gate are one."""

UNREACHED = -1
"""Stands for a number of gates that is larger than all that were looked at."""


def steering_bound(block: SectorBlock) -> int:
    """Return a number of gates below which no parameters and no times give all labels of a block.

    See the module. It is 1 where nothing is known. Eigenvectors that the gate cannot move are an
    obstacle for any number of gates; the bound is then that of a weight of 1 - 1e-15.
    """
    _, vectors = np.linalg.eigh(dense(block.hamiltonian))
    turn = largest_turn(vectors, block.gate)
    most = 1.0
    for accepted in np.unique(block.accepted, axis=1).T:
        chosen = (block.accepted == accepted[:, None]).all(axis=0)
        start = _angles(block.inputs[:, chosen].conj().T @ vectors)
        end = _angles(vectors[accepted])
        change = end - start
        if chosen.sum() == accepted.sum():
            change = np.abs(change)
        most = max(most, float((change / turn).max()))
    return math.ceil(most - SLACK)


def largest_turn(vectors: NDArray[np.inexact], gate: Operator) -> Real:
    """Return a bound on the angle by which ``exp(i A theta)`` turns vectors, for any angle theta.

    Parameters
    ----------
    vectors
        Unit vectors as columns, shape ``(D, K)``; for `steering_bound` the eigenvectors of H.
    gate
        A, Hermitian, dense or sparse, shape ``(D, D)``.

    Returns
    -------
    numpy.ndarray
        Angles in radians, pi/2 at most, and at least 4e-8, so that nothing is divided by zero;
        shape ``(K,)``.
    """
    values, spaces = np.linalg.eigh(dense(gate))
    space = np.cumsum(np.diff(values, prepend=values[0]) > EQUAL)
    shares = np.abs(spaces.conj().T @ vectors) ** 2
    heaviest = np.array([shares[space == one].sum(axis=0) for one in np.unique(space)]).max(axis=0)
    return np.asarray(np.arccos(np.clip(2 * heaviest - 1, 0, 1 - 1e-15)))


def _angles(amplitudes: NDArray[np.inexact]) -> Real:
    """Return the angles of vectors to a space from their components in it, one vector a column."""
    norms = np.linalg.norm(amplitudes, axis=0)
    return np.asarray(np.arccos(np.clip(norms, 0, 1)))


def arc(first: ArrayLike, second: ArrayLike, azimuth: ArrayLike) -> Real:
    """Return the angle between directions from their polar angles and their azimuths' difference.

    All in radians; the haversine formula, which is accurate for near directions.
    """
    a, b, phi = (np.asarray(x, dtype=np.float64) for x in (first, second, azimuth))
    half = np.sin((a - b) / 2) ** 2 + np.sin(a) * np.sin(b) * np.sin(phi / 2) ** 2
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def ring_gaps(first: Real, steps: Real, last: Real) -> Real:
    """Return how far what p rotations reach stays from a target, for p = 1, 2, ...

    Parameters
    ----------
    first
        Angle between the point from which the rings grow and the first axis, shape ``(...)``.
    steps
        Angles between neighbouring axes, shape ``(..., P - 1)``.
    last
        Angle between the other point and each axis, shape ``(..., P)``.

    Returns
    -------
    numpy.ndarray
        Angles on the sphere in radians, 0 where the point is reached, shape ``(..., P)``.
    """
    low = high = np.asarray(first, dtype=np.float64)
    gaps = np.empty(last.shape)
    for gates in range(last.shape[-1]):
        if gates:
            step = steps[..., gates - 1]
            low, high = (
                np.maximum(0, np.maximum(low - step, step - high)),
                np.pi - np.maximum(0, np.maximum(low + step - np.pi, np.pi - step - high)),
            )
        gaps[..., gates] = np.maximum(
            0, np.maximum(low - last[..., gates], last[..., gates] - high)
        )
    return gaps


def least_gates(gaps: Real) -> NDArray[np.int64]:
    """Return the least number of gates that leaves no gap, shape ``(...)``; else `UNREACHED`."""
    reached = gaps <= SLACK
    first = np.argmax(reached, axis=-1) + 1
    return np.where(reached.any(axis=-1), first, UNREACHED).astype(np.int64)


def _bloch(operator: NDArray[np.inexact]) -> Real:
    """Return the direction of a Hermitian matrix of order 2 on the Bloch sphere, not normalised."""
    raised = complex(operator[1, 0])
    return np.array([raised.real, raised.imag, float(np.real(operator[0, 0] - operator[1, 1])) / 2])


def _turned(axis: Real, angles: Real, vector: Real) -> Real:
    """Return a vector turned by each of the angles about a unit axis, shape (K, 3)."""
    turn = angles[:, None]
    along = axis * (axis @ vector)
    return along + np.cos(turn) * (vector - along) + np.sin(turn) * np.cross(axis, vector)


def _between(first: Real, second: Real) -> Real:
    """Return the angles between unit vectors, shapes (..., 3)."""
    across = np.linalg.norm(np.cross(first, second), axis=-1)
    return np.asarray(np.arctan2(across, np.sum(first * second, axis=-1)))


def two_level_gaps(block: SectorBlock, times: Real) -> Real:
    """Return how far the best parameters stay from the label of a block of two levels.

    Parameters
    ----------
    block
        A block of order 2 with one input, whose label is one of the two levels.
    times
        ``t', t'', t_1, .., t_P``, shape ``(P + 2,)``.

    Returns
    -------
    numpy.ndarray
        For each number of gates from 1 to P the least angle on the Bloch sphere between output and
        label, in radians, shape ``(P,)``. The least loss is the squared sine of half of it.

    Raises
    ------
    ValueError
        If the block is no such block.
    """
    if block.inputs.shape != (2, 1) or block.accepted.sum() != 1:
        raise ValueError(
            f"block {block.name} has inputs of shape {block.inputs.shape}, and only for one input "
            "on two levels with one label is the reachable set known; use steering_bound"
        )
    energy, gate = _bloch(dense(block.hamiltonian)), _bloch(dense(block.gate))
    rate = 2 * float(np.linalg.norm(energy))
    axis = energy / np.linalg.norm(energy) if rate else np.array([0.0, 0.0, 1.0])
    column = block.inputs[:, 0]
    begin = 2 * _bloch(np.outer(column, column.conj()))
    end = np.array([0.0, 0.0, 1.0 if block.accepted[0, 0] else -1.0])
    # exp(-iHt) turns by twice the norm of H times t about the direction of H.
    begin, end = (_turned(axis, rate * times[k : k + 1], v)[0] for k, v in enumerate((begin, end)))
    axes = _turned(axis, rate * times[2:], gate / np.linalg.norm(gate))
    # Gate 1 acts last, and further gates act earlier: the rings grow from the label.
    return ring_gaps(_between(end, axes[0]), _between(axes[:-1], axes[1:]), _between(begin, axes))


def network_reach(problem: SectorProblem, times: Real) -> int:
    """Return a number of gates below which a network with given times cannot give all labels.

    It is exact for each block of two levels by itself, and `steering_bound` for the others;
    `UNREACHED` if more gates are needed than there are times for.
    """
    least = 1
    for block in problem.blocks:
        two = block.inputs.shape == (2, 1) and block.accepted.sum() == 1
        needed = int(least_gates(two_level_gaps(block, times))) if two else steering_bound(block)
        if needed == UNREACHED or needed > len(times) - 2:
            return UNREACHED
        least = max(least, needed)
    return least


@cache
def _two_gate_area() -> float:
    """Return the area of the pairs of openings whose mean step is below 1."""

    def mean_step(angle: float) -> float:
        a, b = math.cos(angle), math.sin(angle)
        return 2 / math.pi * (a + b) * float(ellipe(min(1.0, 4 * a * b / (a + b) ** 2)))

    # Symmetric under exchange of both openings, with a logarithmic kink where they are equal.
    return float(quad(lambda angle: mean_step(angle) ** -2, 0, math.pi / 4)[0])


def unreachable_share(gates: ArrayLike, kinds: int = 1) -> Real:
    """Return the law of the share of draws that cannot be steered; for many gates, see the module.

    Parameters
    ----------
    gates
        Numbers of gates, two at least.
    kinds
        1: one gate; 2: two gates with vectors of their own, in turn.
    """
    steps = np.asarray(gates, dtype=np.float64) - 1
    if kinds == 1:
        return np.asarray(math.pi / 4 / steps)
    return np.asarray(4 / 3 * _two_gate_area() / steps**2)
