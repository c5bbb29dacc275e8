"""Verdicts on a model from the numbers of several lengths, as `trainscape.physics.fragmentation.verdict` gives them from decompositions, which a store does not keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainscape.physics.fragmentation import Growth, growth, kind_of_fragmentation

__all__ = ["ModelVerdict", "judge"]

FEWEST_LENGTHS = 5
"""A fit of three parameters says nothing about fewer."""


@dataclass(frozen=True)
class ModelVerdict:
    """Judgement of a model; None and "undecided" where these lengths do not tell.

    Parameters
    ----------
    fragmented
        The commutant grows exponentially.
    kind
        "none", "classical" (Krylov spaces spanned by product states), "quantum" or "undecided"; see `trainscape.physics.fragmentation.Verdict`.
    strong
        The field's sense: the largest Krylov space is an exponentially small share of its symmetry sector.
    polynomial_krylov_sum
        The condition of arXiv:2512.00751 on the full space, by the fit alone: the bound is kept out of it, so that fit and bound can be compared.
    krylov_sum_rate, krylov_sum_rate_error
        Growth of N in bits a site with its standard error, NaN for too few lengths.
    """

    fragmented: bool | None
    kind: str
    strong: bool | None
    polynomial_krylov_sum: bool | None
    krylov_sum_rate: float
    krylov_sum_rate_error: float


def judge(sites: Sequence[int], table: Mapping[str, Any]) -> ModelVerdict:
    """Judge a model from the columns of the table of Krylov spaces, in ascending order of the lengths."""
    if len(sites) < FEWEST_LENGTHS:
        return ModelVerdict(None, "undecided", None, None, np.nan, np.nan)
    commutant, krylov = (
        _growth(sites, table["commutant_dimension"]),
        _growth(sites, table["krylov_sum"]),
    )
    share = _growth(sites, 1 / np.asarray(table["largest_share"]))
    excess = [
        int(number)
        for number in np.asarray(table["krylov_spaces"]) - np.asarray(table["components"])
    ]
    kind = kind_of_fragmentation([int(length) for length in sites], commutant, excess)
    polynomial = None if krylov.exponential is None else not krylov.exponential
    return ModelVerdict(
        commutant.exponential, kind, share.exponential, polynomial, krylov.rate, krylov.error
    )


def _growth(sites: Sequence[int], values: Any) -> Growth:
    return growth([int(length) for length in sites], [float(value) for value in values])
