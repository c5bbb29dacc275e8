r"""Ideal qumode hypergraph states :math:`e^{i\varphi(q)} |p = 0\rangle^{\otimes n}`, exactly.

The state is the table of coefficients of its phase polynomial, shape ``(..., M)``, in the order of
`trainscape.physics.hypergraph.monomials.Monomials`. Every rule here is a sparse change of that
table, for a whole batch at once, and returns a new one. Units are those of
:math:`[q_i, p_j] = i \delta_{ij}`.

========================================  =======================================================
gate :math:`e^{i g q_S}`                  :math:`\varphi_S` grows by g
:math:`X_i(s) = e^{-i s p_i}`             :math:`\varphi(q)` becomes :math:`\varphi(q - s e_i)`
:math:`Z_i(t) = e^{i t q_i}`              :math:`\varphi_{\{i\}}` grows by t
position of mode i found to be y          :math:`q_i` is replaced by y
nullifier :math:`p_b - \partial_b\kappa`  has the residual :math:`\partial_b(\varphi - \kappa)`
========================================  =======================================================

Since monomials are square-free, each rule but the first is one pass over the monomials that contain
one mode.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.monomials import Monomials

__all__ = [
    "add_gate",
    "derivative",
    "displace",
    "evaluate",
    "kick",
    "measure_position",
    "nullifier_residual",
    "shifted",
    "zero_phase",
]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Modes = int | NDArray[np.integer]
"""One mode for the whole batch, or an array with one for each of its elements."""


def zero_phase(monomials: Monomials, *batch: int) -> Real:
    """Return the table of the state without gates, shape ``(*batch, M)``."""
    return np.zeros((*batch, monomials.count))


def _checked(monomials: Monomials, table: ArrayLike) -> Real:
    array = np.asarray(table, dtype=np.float64)
    if array.ndim < 1 or array.shape[-1] != monomials.count:
        raise ValueError(
            f"a table of shape {array.shape} does not fit {monomials.modes} modes of order "
            f"{monomials.order}: its last axis has one entry for each of {monomials.count} "
            "monomials"
        )
    return array


def _rows(monomials: Monomials, mode: Modes, batch: tuple[int, ...]) -> tuple[Int, Int]:
    """Return the indices with and without a mode, of shape ``(c,)`` or ``(*batch, c)``."""
    modes = np.asarray(mode)
    wrong = modes[(modes < 0) | (modes >= monomials.modes)]
    if wrong.size:
        raise ValueError(
            f"mode {wrong[0]} is not there: the modes are counted from 0 to {monomials.modes - 1}"
        )
    above, below = monomials.incidence
    if modes.ndim == 0:
        return above[modes], below[modes]
    modes = np.broadcast_to(modes, batch)
    return above[modes], below[modes]


def _padded(table: Real) -> Real:
    """Return the table with a place for the constant behind it."""
    return np.concatenate([table, np.zeros((*table.shape[:-1], 1))], axis=-1)


def _lower(
    monomials: Monomials, padded: Real, mode: Modes, factor: ArrayLike, *, remove: bool = False
) -> None:
    """Replace q_mode by q_mode + factor in place, or by factor alone."""
    above, below = _rows(monomials, mode, padded.shape[:-1])
    scale = np.asarray(factor, dtype=np.float64)[..., None]
    if above.ndim == 1:
        padded[..., below] += scale * padded[..., above]
        if remove:
            padded[..., above] = 0.0
        return
    lowered = np.take_along_axis(padded, below, -1)
    lowered += scale * np.take_along_axis(padded, above, -1)
    np.put_along_axis(padded, below, lowered, -1)
    if remove:
        np.put_along_axis(padded, above, 0.0, -1)


def add_gate(
    monomials: Monomials,
    phi: ArrayLike,
    monomial: tuple[int, ...] | int | NDArray[np.integer],
    strength: ArrayLike,
) -> Real:
    """Apply the gate ``exp(i g q_S)``.

    Parameters
    ----------
    monomials
        The monomials of the table.
    phi
        Phase, shape ``(..., M)``.
    monomial
        The set S as a tuple of modes; or the index of the monomial, one for the batch or one for
        each of its elements. The index of edge e is ``monomials.edge_offset + e``.
    strength
        Strengths g, of a shape that broadcasts to the batch.

    Returns
    -------
    ndarray
        Phase, shape ``(..., M)``.
    """
    table = _checked(monomials, phi).copy()
    index = np.asarray(monomials.where(monomial) if isinstance(monomial, tuple) else monomial)
    if index.ndim == 0:
        table[..., index] += np.asarray(strength, dtype=np.float64)
        return table
    place = np.broadcast_to(index, table.shape[:-1])[..., None]
    value = np.take_along_axis(table, place, -1) + np.asarray(strength, dtype=np.float64)[..., None]
    np.put_along_axis(table, place, value, -1)
    return table


def shifted(
    monomials: Monomials, table: ArrayLike, shift: ArrayLike, modes: tuple[int, ...] | None = None
) -> tuple[Real, Real]:
    """Return the polynomial ``P(q + s)``.

    Parameters
    ----------
    monomials
        The monomials of the table.
    table
        Coefficients of P without its constant, shape ``(..., M)``.
    shift
        The vector s, shape ``(..., n)``; the batches of both broadcast.
    modes
        Modes in which s may differ from 0; all of them if not given.

    Returns
    -------
    constant : ndarray
        What the shift adds to the constant, shape ``(...)``.
    table : ndarray
        The other coefficients, shape ``(..., M)``.
    """
    coefficients = _checked(monomials, table)
    vector = np.asarray(shift, dtype=np.float64)
    if vector.ndim < 1 or vector.shape[-1] != monomials.modes:
        raise ValueError(
            f"a shift of shape {vector.shape} does not fit {monomials.modes} modes: its last axis "
            "has one entry for each mode"
        )
    batch = np.broadcast_shapes(coefficients.shape[:-1], vector.shape[:-1])
    padded = _padded(np.broadcast_to(coefficients, (*batch, monomials.count)))
    for mode in range(monomials.modes) if modes is None else modes:
        if np.any(vector[..., mode]):
            _lower(monomials, padded, mode, vector[..., mode])
    return padded[..., -1], padded[..., :-1]


def displace(monomials: Monomials, phi: ArrayLike, mode: Modes, shift: ArrayLike) -> Real:
    """Apply ``X_i(s) = exp(-i s p_i)``: the phase becomes ``phi(q - s e_i)``.

    Parameters
    ----------
    monomials
        The monomials of the table.
    phi
        Phase, shape ``(..., M)``.
    mode
        Mode i, one for the batch or one for each of its elements.
    shift
        Displacements s, of a shape that broadcasts to the batch.

    Returns
    -------
    ndarray
        Phase, shape ``(..., M)``; the constant, a global phase, is dropped.
    """
    padded = _padded(_checked(monomials, phi))
    _lower(monomials, padded, mode, -np.asarray(shift, dtype=np.float64))
    return padded[..., :-1]


def kick(monomials: Monomials, phi: ArrayLike, mode: Modes, momentum: ArrayLike) -> Real:
    """Apply ``Z_i(t) = exp(i t q_i)``: the momentum of a mode grows by t.

    Parameters as for `displace`, with the momentum t for the shift.
    """
    _rows(monomials, mode, np.asarray(phi).shape[:-1])
    # The monomial of a single mode has the index of the mode.
    return add_gate(monomials, phi, np.asarray(mode), momentum)


def measure_position(monomials: Monomials, phi: ArrayLike, mode: Modes, value: ArrayLike) -> Real:
    """Replace the position of a mode by the value that it was found to have, or prepared in.

    Parameters
    ----------
    monomials
        The monomials of the table.
    phi
        Phase, shape ``(..., M)``.
    mode
        The mode, one for the batch or one for each of its elements.
    value
        Positions y, of a shape that broadcasts to the batch.

    Returns
    -------
    ndarray
        Phase of the other modes, shape ``(..., M)``; monomials with the mode have coefficient 0.
    """
    padded = _padded(_checked(monomials, phi))
    _lower(monomials, padded, mode, value, remove=True)
    return padded[..., :-1]


def derivative(monomials: Monomials, table: ArrayLike, mode: Modes) -> tuple[Real, Real]:
    """Return the derivative of a polynomial by the position of a mode.

    Parameters
    ----------
    monomials
        The monomials of the table.
    table
        Coefficients, shape ``(..., M)``.
    mode
        The mode, one for the batch or one for each of its elements.

    Returns
    -------
    constant : ndarray
        Shape ``(...)``.
    table : ndarray
        The other coefficients, shape ``(..., M)``.
    """
    coefficients = _checked(monomials, table)
    above, below = _rows(monomials, mode, coefficients.shape[:-1])
    result = np.zeros((*coefficients.shape[:-1], monomials.count + 1))
    if above.ndim == 1:
        result[..., below] = coefficients[..., above]
    else:
        np.put_along_axis(result, below, np.take_along_axis(coefficients, above, -1), -1)
    return result[..., -1], result[..., :-1]


def nullifier_residual(
    monomials: Monomials, phi: ArrayLike, mode: Modes, kappa: ArrayLike = 0.0
) -> tuple[Real, Real]:
    """Return what the nullifier ``p_b - d kappa / d q_b`` reads off the state, as a polynomial.

    Parameters
    ----------
    monomials
        The monomials of the table.
    phi
        Phase, shape ``(..., M)``.
    mode
        Mode b, one for the batch or one for each of its elements.
    kappa
        Polynomial of the nullifier, of a shape that broadcasts to that of `phi`; 0 stands for the
        momentum itself.

    Returns
    -------
    constant : ndarray
        Constant of the residual R, shape ``(...)``: the outcome if R has no other term.
    table : ndarray
        The other coefficients of R, shape ``(..., M)``.
    """
    difference = _checked(monomials, phi) - np.asarray(kappa, dtype=np.float64)
    return derivative(monomials, difference, mode)


def evaluate(monomials: Monomials, table: ArrayLike, positions: ArrayLike) -> Real:
    """Return the values of polynomials at positions.

    Parameters
    ----------
    monomials
        The monomials of the table.
    table
        Coefficients, shape ``(..., M)``.
    positions
        Shape ``(..., n)``; the batches of both broadcast.
    """
    coefficients = _checked(monomials, table)
    q = np.asarray(positions, dtype=np.float64)
    products = np.concatenate(
        [q[..., members].prod(axis=-1) for members in monomials.members], axis=-1
    )
    return np.asarray((coefficients * products).sum(axis=-1), dtype=np.float64)
