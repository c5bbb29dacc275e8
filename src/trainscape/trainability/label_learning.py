r"""Sizes of the task of learning labels of sectors: the register, and where training becomes easy.

A network acts on sectors of dimensions :math:`N_\lambda` and writes a label on a register of
dimension :math:`N_a`: the sector (``lambda``), or the sector and the state inside it
(``lambda_q``). All states of each sector are trained, so that its block has the order
:math:`D = N_\lambda N_a`, and the output states move in
:math:`\sum_\lambda (2 D N_\lambda - N_\lambda^2 - N_\lambda)` real directions. At a perfect minimum
the loss bends in ``R`` of them: :math:`R = 2 (N_a - 1) \sum_\lambda N_\lambda^2` if only the sector
is learned, and :math:`R = \sum_\lambda [2 N_\lambda^2 (N_a - 1) - N_\lambda (N_\lambda - 1)]` for
``lambda_q``. Both are derived here. They take the place of the bound :math:`p = O(M N_a^3 N^3)` of
arXiv:2512.00751, Theorem 3, which is far above them.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ancilla_dimension", "orbit_rank", "qfim_rank"]


def ancilla_dimension(label: str, dimensions: Sequence[int]) -> int:
    """Return the least power of two that holds all labels, ``N_a = 2^ceil(log2(labels))``.

    Parameters
    ----------
    label
        ``lambda``: one label for each sector. ``lambda_q``: one for each of its states.
    dimensions
        Dimensions of the sectors.

    Raises
    ------
    ValueError
        If there are fewer than two labels.
    """
    labels = len(dimensions) if label == "lambda" else sum(dimensions)
    if labels < 2:
        raise ValueError(
            f"{labels} label(s) for dimensions {tuple(dimensions)} with label={label}: there is "
            "nothing to tell apart; use at least two sectors"
        )
    return 1 << (labels - 1).bit_length()


def orbit_rank(dimensions: Sequence[int], ancilla_dim: int, label: str) -> int:
    """Return ``R``, the rank of the Hessian at a perfect minimum with enough parameters."""
    full = 2 * (ancilla_dim - 1) * sum(n * n for n in dimensions)
    return full - (sum(n * (n - 1) for n in dimensions) if label == "lambda_q" else 0)


def qfim_rank(dimensions: Sequence[int], ancilla_dim: int) -> int:
    """Return the largest rank of the stacked quantum Fisher information matrix."""
    return sum(2 * ancilla_dim * n * n - n * n - n for n in dimensions)
