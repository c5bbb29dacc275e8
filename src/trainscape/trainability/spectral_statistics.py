r"""Compare the spectrum and eigenbasis of a Hamiltonian with those of random matrices.

Arguments that replace averages over random times by Haar averages assume the eigenstate
thermalisation hypothesis in a strong form. Four of its consequences can be measured on one
diagonalised block of order ``N``:

* **Gap ratio** [1]_ :math:`r_n = \min(s_n, s_{n+1}) / \max(s_n, s_{n+1})` of consecutive gaps: mean
  0.386 for independent levels, 0.531 for real symmetric and 0.600 for Hermitian random matrices
  [2]_. Levels of different symmetry sectors do not repel, so that sectors must be separated first.
* **Matrix elements** [3]_ of a local operator between close levels: normal, with kurtosis 3 and
  :math:`E[O_{ab}^2] / E[|O_{ab}|]^2 = \pi/2`, and with half the variance of the diagonal elements
  (real symmetric matrices).
* **Freeness** [4]_: at late times ``A(t)`` and ``B`` are free, so that for centred operators
  (:math:`\varphi(A) = \varphi(B) = 0`, :math:`\varphi = \mathrm{Tr} / N`) the normalised
  :math:`c_4 = \overline{\varphi(A(t) B A(t) B)} / \varphi(A^2)\varphi(B^2)` vanishes; for a
  Haar-random instead of a time-evolved basis its mean is :math:`-1/(N^2 - 1)`. If all energies and
  all gaps differ, the average over all times keeps the terms with
  :math:`E_a - E_b + E_c - E_d = 0`:

  .. math:: N\,\overline{\varphi(A(t) B A(t) B)} = \sum_{ac} A_{aa} B_{ac}^2 A_{cc}
            + \sum_{ab} A_{ab}^2 B_{aa} B_{bb} - \sum_a A_{aa}^2 B_{aa}^2 .

* **Frame potential** of the evolutions at random times,
  :math:`F_k = E\,|\mathrm{Tr}\, e^{-iHt}|^{2k}` over differences ``t`` of two times:
  :math:`F_1 = N` and :math:`F_2 = 2N^2 - N` if all energies and all gaps differ and the times are
  long; larger otherwise.

References
----------
.. [1] V. Oganesyan, D. A. Huse, Localization of interacting fermions at high temperature,
   arXiv:cond-mat/0610854.
.. [2] Y. Y. Atas, E. Bogomolny, O. Giraud, G. Roux, Distribution of the ratio of consecutive level
   spacings in random matrix ensembles, arXiv:1212.5611.
.. [3] L. D'Alessio, Y. Kafri, A. Polkovnikov, M. Rigol, From quantum chaos and eigenstate
   thermalization to statistical mechanics and thermodynamics, arXiv:1509.06411.
.. [4] M. Fava, J. Kurchan, S. Pappalardi, Designs via free probability, arXiv:2308.06200.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "GOE",
    "GUE",
    "POISSON",
    "MatrixElements",
    "frame_potential",
    "frame_potential_limit",
    "gap_ratios",
    "late_time_freeness",
    "matrix_elements",
    "middle",
    "windowed",
]

Real = NDArray[np.float64]

POISSON = float(2 * np.log(2) - 1)
"""Mean gap ratio of independent levels, exact."""
GOE = 0.5307
"""Mean gap ratio of large real symmetric random matrices."""
GUE = 0.5996
"""Mean gap ratio of large Hermitian random matrices."""

DEGENERATE = 1e-11
"""Gaps below this part of the width of the spectrum are rounding errors of a degenerate level."""

FEWEST_LEVELS = 4
"""Fewer levels than this have too few gaps or matrix elements for any statistics."""


@dataclass(frozen=True)
class MatrixElements:
    """Statistics of the elements of a local operator between levels that are close in energy.

    Parameters
    ----------
    kurtosis
        Fourth moment over squared second moment of the off-diagonal elements: 3 if they are normal.
    gaussianity
        Second moment over squared mean absolute value: pi/2 if they are normal.
    variance_ratio
        Variance of the diagonal elements, less their linear trend in energy, over that of the
        off-diagonal ones: 2 for real symmetric random matrices.
    """

    kurtosis: float
    gaussianity: float
    variance_ratio: float


def middle(levels: int, fraction: float) -> slice:
    """Return the slice of the middle levels of a spectrum.

    Parameters
    ----------
    levels
        Number of levels.
    fraction
        Part of the levels to keep, in (0, 1]. At least `FEWEST_LEVELS` are kept if there are as
        many.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction={fraction} of the levels must lie in (0, 1]")
    kept = min(levels, max(FEWEST_LEVELS, round(fraction * levels)))
    first = (levels - kept) // 2
    return slice(first, first + kept)


def gap_ratios(energies: Real, fraction: float = 2 / 3) -> Real:
    """Return the ratios of consecutive gaps of the middle `fraction` of the spectrum.

    Parameters
    ----------
    energies
        Levels in ascending order, of one symmetry sector, shape ``(N,)``.
    fraction
        Part of the levels that counts: the density of states changes quickly near the edges.

    Returns
    -------
    numpy.ndarray
        Ratios in [0, 1]; 0 where a gap is that of a degenerate level. Empty for fewer than three
        levels.
    """
    energies = np.asarray(energies, dtype=np.float64)
    if np.any(np.diff(energies) < 0):
        raise ValueError(
            "the levels are not in ascending order; sort them, or take them from an eigensolver "
            "for Hermitian matrices"
        )
    if len(energies) < 3:
        return np.empty(0)
    gaps = np.diff(energies[middle(len(energies), fraction)])
    gaps = np.where(gaps > DEGENERATE * (energies[-1] - energies[0]), gaps, 0.0)
    small, large = np.minimum(gaps[:-1], gaps[1:]), np.maximum(gaps[:-1], gaps[1:])
    return np.divide(small, large, out=np.zeros_like(small), where=large > 0)


def matrix_elements(energies: Real, operator: Real, fraction: float = 1 / 8) -> MatrixElements:
    """Return the statistics of matrix elements among the middle `fraction` of the levels.

    Parameters
    ----------
    energies
        Levels in ascending order, shape ``(N,)``.
    operator
        Hermitian operator in their eigenbasis, real, shape ``(N, N)``.
    fraction
        Part of the levels that counts. The fewer, the less the smooth dependence of the elements on
        the energies disturbs, and the larger the statistical errors.

    Returns
    -------
    MatrixElements
        All NaN if the off-diagonal elements vanish.
    """
    window = middle(len(energies), fraction)
    energy, inside = np.asarray(energies[window]), np.asarray(operator[window, window])
    size = len(energy)
    if size < FEWEST_LEVELS:
        raise ValueError(
            f"{size} levels are too few for statistics of matrix elements; at least "
            f"{FEWEST_LEVELS} are needed"
        )
    pairs = inside[np.triu_indices(size, 1)]
    variance = float(np.mean(pairs**2))
    if variance <= DEGENERATE * float(np.mean(np.asarray(operator) ** 2)):
        return MatrixElements(np.nan, np.nan, np.nan)
    diagonal = np.diag(inside)
    trend = np.polynomial.Polynomial.fit(energy, diagonal, 1)
    rest = float(np.sum((diagonal - trend(energy)) ** 2) / (size - 2))
    return MatrixElements(
        float(np.mean(pairs**4)) / variance**2,
        variance / float(np.mean(np.abs(pairs))) ** 2,
        rest / variance,
    )


def windowed(operator: Real, fraction: float) -> Real:
    """Return an operator in the eigenbasis, restricted to the middle `fraction` of the levels."""
    kept = middle(len(operator), fraction)
    return operator[kept, kept]


def late_time_freeness(first: Real, second: Real) -> float:
    r"""Return :math:`c_4`, centred and normalised, averaged over all times; see the module.

    Parameters
    ----------
    first, second
        ``A`` and ``B`` in the eigenbasis of the Hamiltonian, real symmetric, shape ``(N, N)``. They
        are centred here. The energies do not enter, as long as they and their gaps differ.

    Returns
    -------
    float
        NaN if one of them is a multiple of the identity.
    """
    size = len(first)
    if first.shape != (size, size) or second.shape != (size, size):
        raise ValueError(
            f"operators of shapes {first.shape} and {second.shape} do not act on one space; give "
            "both in the eigenbasis of one Hamiltonian"
        )
    a, b = (
        first - np.trace(first) / size * np.eye(size),
        second - np.trace(second) / size * np.eye(size),
    )
    norms = np.mean(np.sum(a**2, axis=1)) * np.mean(np.sum(b**2, axis=1))
    if norms <= DEGENERATE**2:
        return np.nan
    diagonal_a, diagonal_b = np.diag(a), np.diag(b)
    total = (
        diagonal_a @ b**2 @ diagonal_a
        + diagonal_b @ a**2 @ diagonal_b
        - np.sum(diagonal_a**2 * diagonal_b**2)
    )
    return float(total / size / norms)


def frame_potential(energies: Real, times: Real, order: int) -> float:
    r"""Return the mean of :math:`|\mathrm{Tr}\, e^{-iHt}|^{2k}` over times.

    Parameters
    ----------
    energies
        Levels, shape ``(N,)``.
    times
        Differences of two random times, shape ``(n,)``. The relative standard error is about
        ``1 / sqrt(n)`` for ``order=1`` and ``2.2 / sqrt(n)`` for ``order=2``.
    order
        ``k``.
    """
    total = 0.0
    # In pieces of bounded memory; the cut does not depend on anything but the sizes.
    step = max(1, 2**20 // max(1, len(energies)))
    for start in range(0, len(times), step):
        phases: NDArray[Any] = np.exp(
            -1j * np.multiply.outer(times[start : start + step], energies)
        )
        total += float(np.sum(np.abs(phases.sum(axis=1)) ** (2 * order)))
    return total / len(times)


def frame_potential_limit(levels: int, order: int) -> float:
    """Return the frame potential at long times if all energies and all gaps differ.

    It is ``N`` for order 1 and ``2 N^2 - N`` for order 2, with N `levels`.
    """
    if order not in (1, 2):
        raise ValueError(f"order={order}: the limit is implemented for orders 1 and 2")
    return float(levels if order == 1 else 2 * levels**2 - levels)
