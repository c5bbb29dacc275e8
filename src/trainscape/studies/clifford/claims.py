"""What the paper claims, as far as this study tests it, and what was measured."""

from __future__ import annotations

from trainscape.studies.clifford.landscape.claims import claims as landscape_claims
from trainscape.studies.clifford.moments.claims import claims as moments_claims
from trainscape.studies.clifford.surrogates.claims import claims as surrogates_claims
from trainscape.studies.clifford.vqe.claims import claims as vqe_claims
from trainscape.studies.contract import Claim, Results

__all__ = ["claims"]


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    return [
        *moments_claims(results),
        *surrogates_claims(results),
        *vqe_claims(results),
        *landscape_claims(results),
    ]
