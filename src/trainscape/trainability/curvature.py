r"""Ranks of state Jacobians and of Hessians: the number of parameter directions that a model uses.

For output states :math:`\psi_m(\theta)`, :math:`m = 1..M`, the projective tangents

.. math:: t_{jm} = \partial_j \psi_m - \psi_m \langle \psi_m | \partial_j \psi_m \rangle

are the derivatives without the change of the phase of each state. Their stacked Gram matrix is the
quantum Fisher information matrix (QFIM)

.. math:: F_{jk} = 4 \sum_m \mathrm{Re} \langle t_{jm} | t_{km} \rangle ,

and its rank, the dimension of what the circuit reaches around :math:`\theta`, saturates as
parameters are added [1]_. It is computed from the singular values of the real tangent matrix, not
from the eigenvalues of F, which are their squares and lose half of the digits.

The rank of the Hessian of a loss says the same only at a minimum: at a generic point it is full for
any number of parameters. At residual loss f the Hessian of a loss that is bounded below by zero is
:math:`J^T J + O(\sqrt f)`, so eigenvalues that should vanish are of order :math:`\sqrt f` times the
largest. Converge to f < 1e-13 before measuring a rank.

References
----------
.. [1] M. Larocca et al., Theory of overparametrization in quantum neural networks, Nature
   Computational Science 3, 542 (2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONVERGED",
    "Rank",
    "hessian_rank",
    "jacobian_rank",
    "minimum_rank",
    "numerical_rank",
    "projective_tangents",
    "stacked_qfim",
    "stacked_qfim_rank",
]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

ROUNDING = 2e-15
"""Tolerance relative to the largest singular value times the longer side of the matrix.

It is about ten units of rounding."""

CONVERGED = 1e-13
"""Residual loss up to which the rank of a Hessian is measured."""

EPSILON = float(np.finfo(np.float64).eps)
"""A loss, being one minus something, is not known any better."""

CONTAMINATION = 10.0
"""Tolerance of a Hessian's eigenvalues in units of sqrt(loss) times the largest eigenvalue."""


@dataclass(frozen=True)
class Rank:
    """A numerical rank and how clear it is.

    Parameters
    ----------
    rank
        Number of singular values above the tolerance.
    last_kept, first_dropped
        The smallest singular value above the tolerance and the largest one below it; NaN where
        there is none.
    tolerance
        Absolute tolerance.
    """

    rank: int
    last_kept: float
    first_dropped: float
    tolerance: float

    @property
    def gap(self) -> float:
        """Ratio of the last kept to the first dropped singular value.

        The rank is clear if this is large. It is infinite if no value was dropped.
        """
        if self.rank == 0:
            return np.nan
        if not self.first_dropped > 0:
            return np.inf
        return self.last_kept / self.first_dropped


def numerical_rank(singular_values: Real, tolerance: float) -> Rank:
    """Count the singular values above a tolerance.

    Parameters
    ----------
    singular_values
        Non-negative, shape (K,), in any order.
    tolerance
        Absolute tolerance; a value equal to it is dropped.

    Returns
    -------
    Rank

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    values = np.sort(np.asarray(singular_values, dtype=np.float64).ravel())[::-1]
    if not np.all(np.isfinite(values)):
        raise ValueError(
            "the spectrum holds values that are not finite; look at the parameters at which it was "
            "computed"
        )
    rank = int(np.sum(values > tolerance))
    return Rank(
        rank,
        float(values[rank - 1]) if rank else np.nan,
        float(values[rank]) if rank < len(values) else np.nan,
        float(tolerance),
    )


def jacobian_rank(jacobian: NDArray[np.inexact], *, relative: float = ROUNDING) -> Rank:
    """Return the rank of a matrix from its singular values.

    Parameters
    ----------
    jacobian
        Real or complex matrix, shape (P, D). The rank of a complex matrix is that over the complex
        numbers; for real parameters use `stacked_qfim_rank`, or stack real and imaginary parts.
    relative
        The tolerance is the largest singular value times the longer side of the matrix times this.

    Returns
    -------
    Rank
    """
    if jacobian.ndim != 2:
        raise ValueError(
            "a Jacobian is a matrix (parameters, outputs), and this one has the shape "
            f"{jacobian.shape}"
        )
    if not np.all(np.isfinite(jacobian)):
        raise ValueError(
            "the Jacobian holds values that are not finite; look at the parameters at which it was "
            "computed"
        )
    values: Real = np.asarray(np.linalg.svd(jacobian, compute_uv=False), dtype=np.float64)
    return numerical_rank(
        values, float(np.max(values, initial=0.0)) * max(jacobian.shape) * relative
    )


def hessian_rank(
    hessian: Real, loss: float, *, relative: float = ROUNDING, maximum_loss: float = CONVERGED
) -> Rank:
    r"""Return the rank of a Hessian at a minimum of a loss that is bounded below by zero.

    Parameters
    ----------
    hessian
        Symmetric, shape (P, P).
    loss
        Loss at the point where the Hessian was taken, above the exact minimum and in units in which
        its range is of order one. Below 2e-16, where it is but rounding, it counts as 2e-16.
    relative
        Tolerance from rounding, as for `jacobian_rank`.
    maximum_loss
        Refuse above this loss: there, eigenvalues that should vanish cannot be told from small
        ones.

    Returns
    -------
    Rank
        Of the absolute eigenvalues. The tolerance is the larger of rounding and ``10 sqrt(loss)``
        times the largest eigenvalue.

    Raises
    ------
    ValueError
        If the loss has not converged, or the matrix is not symmetric.
    """
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError(
            f"a Hessian is a square matrix, and this one has the shape {hessian.shape}"
        )
    if not loss <= maximum_loss:
        raise ValueError(
            f"the loss is {loss:.3g}, above {maximum_loss:.3g}: this is no minimum, and away from "
            "one the Hessian is of full rank for any number of parameters. Converge further, or "
            "leave this run out"
        )
    largest = float(np.max(np.abs(hessian), initial=0.0))
    if not np.all(np.abs(hessian - hessian.T) <= 1e-6 * largest):
        raise ValueError(
            "the Hessian is not symmetric to six digits; its derivatives are not accurate enough "
            "for a rank"
        )
    values = np.abs(np.linalg.eigvalsh((hessian + hessian.T) / 2))
    top = float(np.max(values, initial=0.0))
    return numerical_rank(
        values,
        top * max(len(hessian) * relative, CONTAMINATION * float(np.sqrt(max(loss, EPSILON)))),
    )


def minimum_rank(
    residuals: Real, loss: float, *, relative: float = ROUNDING, maximum_loss: float = CONVERGED
) -> Rank:
    r"""Return the rank of the Hessian of a sum of squares at a minimum where all of them vanish.

    There the Hessian is :math:`2 J J^T`, and the rank of J is better resolved than its own.

    Parameters
    ----------
    residuals
        J: derivatives of the terms that are squared, real, shape (P, K).
    loss
        Residual loss, as for `hessian_rank`.
    relative
        Tolerance from rounding, as for `jacobian_rank`.
    maximum_loss
        Refuse above this loss.

    Returns
    -------
    Rank
        Of the singular values of J. The tolerance is the larger of rounding and ``10 sqrt(loss)``
        times the largest: the distance to the minimum, by which J is wrong.

    Raises
    ------
    ValueError
        If the loss has not converged.
    """
    if not loss <= maximum_loss:
        raise ValueError(
            f"the loss is {loss:.3g}, above {maximum_loss:.3g}: this is no minimum where all "
            "residuals vanish. Converge further, or leave this run out"
        )
    contamination = CONTAMINATION * float(np.sqrt(max(loss, EPSILON)))
    return jacobian_rank(residuals, relative=max(relative, contamination / max(residuals.shape)))


def projective_tangents(jacobian: Complex, states: Complex) -> Complex:
    """Remove the change of the phase of each state from its derivatives.

    Parameters
    ----------
    jacobian
        Derivatives of the output states, shape (P, M, D), or (P, M * D) with the inputs stacked.
    states
        Normalised output states, shape (M, D), or (D,) for one input.

    Returns
    -------
    numpy.ndarray
        Tangents, shape (P, M, D), each orthogonal to its state.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a state is not normalised to 1e-8.
    """
    psi = np.atleast_2d(np.asarray(states, dtype=np.complex128))
    if jacobian.ndim not in (2, 3) or jacobian[:1].size != psi.size:
        raise ValueError(
            f"a Jacobian of shape {jacobian.shape} does not belong to states of shape {psi.shape}"
        )
    norms = np.sum(np.abs(psi) ** 2, axis=1)
    if not np.all(np.abs(norms - 1) <= 1e-8):
        raise ValueError(
            f"state {int(np.argmax(np.abs(norms - 1)))} is not normalised; the projective tangents "
            "need unit vectors"
        )
    derivatives = np.asarray(jacobian, dtype=np.complex128).reshape(len(jacobian), *psi.shape)
    overlaps = np.sum(psi.conj() * derivatives, axis=2, keepdims=True) / norms[:, None]
    result: Complex = derivatives - overlaps * psi
    return result


def stacked_qfim(jacobian: Complex, states: Complex) -> Real:
    """Return the quantum Fisher information matrix, summed over the inputs.

    Parameters
    ----------
    jacobian, states
        As for `projective_tangents`.

    Returns
    -------
    numpy.ndarray
        Shape (P, P), symmetric and positive semidefinite. For one input this is four times the
        Fubini-Study metric.
    """
    matrix = _stacked(projective_tangents(jacobian, states))
    result: Real = 4 * (matrix @ matrix.T)
    return result


def stacked_qfim_rank(jacobian: Complex, states: Complex, *, relative: float = ROUNDING) -> Rank:
    """Return the rank of the stacked quantum Fisher information matrix.

    Parameters
    ----------
    jacobian, states
        As for `projective_tangents`.
    relative
        As for `jacobian_rank`.

    Returns
    -------
    Rank
        From the singular values of the real tangent matrix; those of the QFIM are four times their
        squares.
    """
    return jacobian_rank(_stacked(projective_tangents(jacobian, states)), relative=relative)


def _stacked(tangents: Complex) -> Real:
    """Return tangents, shape ``(P, M, D)``, as a real matrix of shape ``(P, 2 M D)``."""
    flat = tangents.reshape(len(tangents), -1)
    return np.concatenate([flat.real, flat.imag], axis=1)
