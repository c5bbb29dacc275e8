r"""Orbit dimensions of the network on its reduced training set: where training becomes easy.

With all ``q`` of each used sector trained (:math:`D = N_\lambda N_a`), the output states move in
:math:`\sum_\lambda (2 D N_\lambda - N_\lambda^2 - N_\lambda)` real directions. At a perfect minimum
the loss bends in ``R`` of them: :math:`R = 2 (N_a - 1) \sum_\lambda N_\lambda^2` if only the sector
is learned (label mode ``lambda``), and
:math:`R = \sum_\lambda [2 N_\lambda^2 (N_a - 1) - N_\lambda (N_\lambda - 1)]` for ``lambda_q``.
Both are derived here. They take the place of the bound :math:`p = O(M N_a^3 N^3)` of
arXiv:2512.00751, Theorem 3, which is far above them.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["orbit_rank", "qfim_rank"]


def orbit_rank(dimensions: Sequence[int], ancilla_dim: int, label: str) -> int:
    """Return ``R``, the rank of the Hessian at a perfect minimum with enough parameters."""
    full = 2 * (ancilla_dim - 1) * sum(n * n for n in dimensions)
    return full - (sum(n * (n - 1) for n in dimensions) if label == "lambda_q" else 0)


def qfim_rank(dimensions: Sequence[int], ancilla_dim: int) -> int:
    """Return the largest rank of the stacked quantum Fisher information matrix."""
    return sum(2 * ancilla_dim * n * n - n * n - n for n in dimensions)
