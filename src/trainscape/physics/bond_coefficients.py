r"""Families of coefficients of a bond Hamiltonian, and the Hamiltonian.

For the Hermitian generators :math:`h_j` of a bond algebra, in the order of the chain,

.. math:: H = \sum_j c_j h_j + \sum_j c'_j \{h_j, h_{j+1}\}

with :math:`c'_j = 0` for all families except `Couplings.J2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = [
    "NEIGHBOURS",
    "Couplings",
    "Operator",
    "chain_hamiltonian",
    "dense",
    "draw_coefficients",
]

Real = NDArray[np.float64]

Operator = Any
"""A Hermitian matrix, dense or scipy.sparse."""

NEIGHBOURS = -0.5
"""Coefficient of the anticommutators for `Couplings.J2`.

A bad choice for Temperley-Lieb chains of qubits (d = 2) only: there it makes the open chain a
uniform Heisenberg ring with degenerate levels, which visits the odd sites one way and the even ones
back.
"""


class Couplings(StrEnum):
    """Families of the coefficients ``c_j``."""

    UNIFORM = "uniform"
    """All equal to 1: an integrable chain, for Temperley-Lieb generators."""
    GAUSSIAN = "gaussian"
    """Standard normal: strong disorder."""
    U0515 = "u0515"
    """Uniform on [0.5, 1.5]: level statistics near those of random matrices."""
    U01 = "u01"
    """Uniform on [0, 1]: some bonds are nearly cut."""
    J2 = "j2"
    """All equal to 1, and the anticommutators of neighbours with coefficient `NEIGHBOURS`.

    Not integrable, but symmetric under reflection.
    """
    QUASIPERIODIC = "quasiperiodic"
    """``1 + cos(2 pi beta j + phi) / 2`` with the golden ratio ``beta = (sqrt(5) - 1) / 2`` and a
    random phase.
    """


def draw_coefficients(
    rng: np.random.Generator, generators: int, couplings: Couplings
) -> tuple[Real, Real | None]:
    """Draw the coefficients of the Hamiltonian.

    Parameters
    ----------
    rng
        Random stream.
    generators
        Number ``m`` of generators of the bond algebra.
    couplings
        Family of the coefficients.

    Returns
    -------
    coefficients
        ``c_j``, shape ``(m,)``.
    anticommutators
        Coefficients of the anticommutators of neighbours, shape ``(m - 1,)``, or None.
    """
    match couplings:
        case Couplings.UNIFORM:
            return np.ones(generators), None
        case Couplings.GAUSSIAN:
            return rng.standard_normal(generators), None
        case Couplings.U0515:
            return rng.uniform(0.5, 1.5, generators), None
        case Couplings.U01:
            return rng.uniform(0.0, 1.0, generators), None
        case Couplings.J2:
            return np.ones(generators), np.full(generators - 1, NEIGHBOURS)
        case _:
            golden = (np.sqrt(5.0) - 1.0) / 2.0
            return 1.0 + 0.5 * np.cos(
                2 * np.pi * golden * np.arange(generators) + rng.uniform(0.0, 2 * np.pi)
            ), None


def dense(matrix: Operator) -> NDArray[Any]:
    """Return a dense or sparse matrix as a dense one."""
    return np.asarray(matrix.toarray() if sp.issparse(matrix) else matrix)


def chain_hamiltonian(
    coefficients: Real, anticommutators: Real | None, generators: Sequence[Operator]
) -> NDArray[Any]:
    r"""Return :math:`\sum_j c_j h_j + \sum_j c'_j \{h_j, h_{j+1}\}` as a dense matrix.

    Parameters
    ----------
    coefficients, anticommutators
        ``c_j`` and ``c'_j`` (or None), see `draw_coefficients`.
    generators
        ``h_1 .. h_m``, Hermitian, dense or sparse, on the full space or on one irrep.
    """
    hamiltonian = sum(c * dense(h) for c, h in zip(coefficients, generators, strict=True))
    if anticommutators is not None:
        for c, g, h in zip(anticommutators, generators[:-1], generators[1:], strict=True):
            product = dense(g @ h)
            hamiltonian = hamiltonian + c * (product + product.conj().T)
    return np.asarray(hamiltonian)
