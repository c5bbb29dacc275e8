"""What the paper claims, as far as this study tests it, and what was measured."""

from __future__ import annotations

from trainscape.studies.contract import Claim, Results

__all__ = ["claims"]


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    return []
