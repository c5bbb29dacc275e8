"""How many labels there are to be learned, and how large a register holds them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ancilla_dimension"]


def ancilla_dimension(label: str, dimensions: Sequence[int]) -> int:
    """Return ``N_a = 2^ceil(log2(labels))`` for Krylov spaces of the given `dimensions`.

    Parameters
    ----------
    label
        ``lambda``: one label for each sector. ``lambda_q``: one for each state of its Krylov space.
    dimensions
        Krylov dimensions of the sectors.

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
