r"""Outcomes of measurements on ideal hypergraph states, without any state vector.

*Position*: the outcome is normal, whatever the gates were. *Nullifier*
:math:`p_b - \partial_b \kappa`: the outcome is :math:`p_0 + R(q)` with the residual R and
independent normal :math:`p_0` and q; its first two moments are sums over the coefficients of R,
since different square-free monomials are orthogonal.

*Phase estimation* of group elements :math:`g_1, \dots, g_c` that commute reads angles
:math:`\theta_j`, eigenvalues being :math:`e^{i\theta_j}`. Whenever the product
:math:`h = \prod_j g_j^{m_j}` has a constant residual r, :math:`\sum_j m_j \theta_j = r` modulo a
turn; otherwise :math:`\langle h \rangle = 0`. So the outcomes are uniform on the coset that these
constraints define. The vectors m form a lattice; in a basis in echelon form an angle is free unless
a basis vector ends with it, and a vector that ends with the power m leaves m values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.group import GroupElement
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import Modes, evaluate, nullifier_residual

__all__ = [
    "Constraints",
    "context_constraints",
    "nullifier_moments",
    "sample_context",
    "sample_nullifier",
]

Real = NDArray[np.float64]

CONSTANT = 1e-9
"""Coefficients of a residual below this are rounding errors, in units of the table's largest."""

TURN = 2 * np.pi


def nullifier_moments(
    monomials: Monomials,
    phi: ArrayLike,
    mode: Modes,
    kappa: ArrayLike,
    position_variance: float,
    momentum_variance: float,
) -> tuple[Real, Real]:
    """Return mean and second moment of the outcome of a nullifier.

    Parameters
    ----------
    monomials
        The monomials of the table.
    phi
        Phase, shape ``(..., M)``.
    mode
        Mode b of the nullifier.
    kappa
        Its polynomial, of a shape that broadcasts to that of `phi`.
    position_variance, momentum_variance
        Variances of q and p in each mode before the gates.

    Returns
    -------
    mean, second : ndarray
        Shape ``(...)``.
    """
    constant, table = nullifier_residual(monomials, phi, mode, kappa)
    spread = (table**2 * position_variance**monomials.degrees).sum(axis=-1)
    return constant, momentum_variance + constant**2 + spread


def sample_nullifier(
    monomials: Monomials,
    phi: ArrayLike,
    mode: Modes,
    kappa: ArrayLike,
    rng: np.random.Generator,
    position_variance: float = 1.0,
    momentum_variance: float = 0.0,
) -> Real:
    """Draw the outcome of a nullifier, which is the last measurement on these modes.

    Parameters
    ----------
    monomials, phi, mode, kappa
        As for `nullifier_moments`.
    rng
        Source of the noise.
    position_variance, momentum_variance
        Variances of q and p in each mode before the gates. The ideal limit of the second is 0; that
        of the first has no outcome unless the residual is a constant.

    Returns
    -------
    ndarray
        Outcomes y, shape ``(...)``.
    """
    constant, table = nullifier_residual(monomials, phi, mode, kappa)
    q = rng.normal(scale=np.sqrt(position_variance), size=(*constant.shape, monomials.modes))
    p = rng.normal(scale=np.sqrt(momentum_variance), size=constant.shape)
    return p + constant + evaluate(monomials, table, q)


@dataclass(frozen=True)
class Constraints:
    """Constraints ``sum_j m_j theta_j = r`` modulo a turn on the angles of a context.

    Parameters
    ----------
    powers
        The vectors m that were tried, one of each pair m and -m, shape ``(t, c)``.
    holds
        Whether the product has a constant residual, shape ``(..., t)``.
    angles
        The constants r, shape ``(..., t)``, valid where `holds`.
    """

    powers: NDArray[np.int64]
    holds: NDArray[np.bool_]
    angles: Real


def _powers(count: int, largest: int) -> NDArray[np.int64]:
    """Return all vectors of integers up to `largest` whose last entry that is not 0 is positive."""
    vectors = product(range(-largest, largest + 1), repeat=count)
    kept = [m for m in vectors if any(m) and next(entry for entry in reversed(m) if entry) > 0]
    return np.array(kept, dtype=np.int64)


def context_constraints(
    elements: Sequence[GroupElement], phi: ArrayLike, largest_power: int = 1
) -> Constraints:
    """Return what the angles of commuting elements have to fulfil.

    Parameters
    ----------
    elements
        The elements ``g_1 ... g_c``, which must commute.
    phi
        Phase of the state, shape ``(..., M)``.
    largest_power
        Largest power of an element that is tried.

    Raises
    ------
    ValueError
        If two elements do not commute.
    """
    for later, g in enumerate(elements):
        for earlier, h in enumerate(elements[:later]):
            rest = g.commutator(h)
            turns = rest.constant / TURN
            size = 1.0 + np.abs(g.table).max(initial=0.0) * np.abs(h.shift).max(initial=0.0)
            if (
                np.abs(rest.table).max(initial=0.0) > CONSTANT * size
                or np.abs(turns - np.round(turns)).max(initial=0.0) > CONSTANT * size
            ):
                raise ValueError(
                    f"elements {earlier} and {later} of a context do not commute, so that they "
                    "cannot be measured together; measure them one after the other"
                )
    powers = _powers(len(elements), largest_power)
    monomials = elements[0].monomials
    state = np.asarray(phi, dtype=np.float64)
    raised = [
        {m: g.power(m) for m in range(-largest_power, largest_power + 1) if m} for g in elements
    ]
    holds, angles = [], []
    for vector in powers:
        whole = GroupElement.identity(monomials)
        for factor, m in zip(raised, vector.tolist(), strict=True):
            if m:
                whole = whole @ factor[m]
        constant, table = whole.residual(state)
        size = 1.0 + np.abs(whole.table).max(axis=-1, initial=0.0)
        holds.append(np.abs(table).max(axis=-1, initial=0.0) <= CONSTANT * size)
        angles.append(constant)
    return Constraints(powers, np.stack(holds, axis=-1), np.stack(angles, axis=-1))


def _echelon(vectors: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return a basis of the lattice that integer vectors span, with different last places.

    Returns
    -------
    list
        Pairs of the integer combination of `vectors` and the basis vector itself, whose last entry
        that is not 0 is positive; ascending by the place of that entry.
    """
    count, length = vectors.shape
    rows = np.concatenate([vectors, np.eye(count, dtype=np.int64)], axis=1)
    basis: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for place in reversed(range(length)):
        while np.count_nonzero(rows[:, place]) > 1:
            entries = np.abs(rows[:, place])
            pivot = int(np.argmin(np.where(entries > 0, entries, entries.max() + 1)))
            quotients = rows[:, place] // rows[pivot, place]
            quotients[pivot] = 0
            rows = rows - quotients[:, None] * rows[pivot]
        for pivot in np.flatnonzero(rows[:, place]).tolist():
            row = rows[pivot] * np.sign(rows[pivot, place])
            basis.insert(0, (row[length:], row[:length]))
            rows = np.delete(rows, pivot, axis=0)
    return basis


def sample_context(
    elements: Sequence[GroupElement],
    phi: ArrayLike,
    rng: np.random.Generator,
    largest_power: int = 1,
) -> Real:
    """Draw the angles that phase estimation of commuting elements reads.

    Parameters
    ----------
    elements, phi, largest_power
        As for `context_constraints`. What follows from the constraints found there is obeyed too;
        others, which hold for larger powers alone, are missed.
    rng
        Source of what is free. It gives two numbers for each angle, whatever the constraints.

    Returns
    -------
    ndarray
        Angles from 0 to a turn, in radians, shape ``(..., c)``.
    """
    constraints = context_constraints(elements, phi, largest_power)
    batch = constraints.holds.shape[:-1]
    holds = constraints.holds.reshape(-1, len(constraints.powers))
    angles = constraints.angles.reshape(-1, len(constraints.powers))
    theta = rng.uniform(0.0, TURN, size=(len(holds), len(elements)))
    choice = rng.random(size=theta.shape)
    patterns, which = np.unique(holds, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which.reshape(-1) == number)
        here = np.flatnonzero(pattern)
        for combination, m in _echelon(constraints.powers[here]):
            # The last power of the angle leaves as many values of it.
            last = int(np.flatnonzero(m)[-1])
            constant = angles[np.ix_(rows, here)] @ combination
            rest = constant - theta[rows, :last] @ m[:last]
            turns = np.floor(choice[rows, last] * m[last])
            theta[rows, last] = (rest + TURN * turns) / m[last]
    return np.mod(theta, TURN).reshape(*batch, len(elements))
