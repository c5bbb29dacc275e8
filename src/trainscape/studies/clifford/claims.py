"""TEMPORARY composition, to be replaced by the study's own."""

from __future__ import annotations

from trainscape.studies.clifford.landscape import claims as landscape
from trainscape.studies.clifford.vqe import claims as vqe
from trainscape.studies.contract import Claim, Results

__all__ = ["claims"]


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    return [*vqe.claims(results), *landscape.claims(results)]
