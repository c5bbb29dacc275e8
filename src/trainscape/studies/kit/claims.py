"""From declared claims and results to the records in ``claims.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from trainscape.studies.reporting import Claim, Evidence, Origin, Results, Verdict

__all__ = ["ClaimRecord", "claims_of", "judge_claims"]


class ClaimRecord(BaseModel):
    """A judged claim: one schema for all studies.

    `interval` is the confidence interval of `measured`, None where it is exact; an end that is open
    is None, and so is `measured` where it lies there. `rule` is generated from the numbers by which
    the code decides. `facts` are further measured numbers and names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    origin: Origin
    source: str
    statement: str
    rule: str
    verdict: Verdict
    reason: str
    measured: float | None
    interval: tuple[float | None, float | None] | None
    samples: int
    facts: dict[str, Any]
    figure: str | None
    store: str


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy scalars and arrays as Python's, NaN and inf as None."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _record(claim: Claim, evidence: Evidence, results: Results) -> ClaimRecord:
    outcome = claim.rule.judge(evidence)
    family, stage = claim.store
    return ClaimRecord(
        id=f"{claim.id}-{evidence.case}" if evidence.case else claim.id,
        origin=claim.origin,
        source=claim.source,
        statement=claim.statement.format(**evidence.words) if evidence.words else claim.statement,
        rule=claim.rule.text,
        verdict=outcome.verdict,
        reason=outcome.reason,
        measured=_plain(outcome.measured),
        interval=_plain(outcome.interval),
        samples=int(evidence.counts.get("samples", 0)),
        facts=_plain(evidence.facts),
        figure=claim.figure,
        store=results.store(family, stage),
    )


def claims_of(module: ModuleType) -> list[Claim]:
    """Return the claims that a module declares, in the order of their declaration."""
    found = [item for item in vars(module).values() if isinstance(item, Claim)]
    return [item for item in found if item.evidence.__module__ == module.__name__]


def judge_claims(claims: Sequence[Claim], results: Results) -> list[dict[str, Any]]:
    """Judge claims on results; return their records as plain values, in the order declared.

    Raises
    ------
    ValueError
        If two records have the same id.
    """
    records: list[ClaimRecord] = []
    for claim in claims:
        evidence = claim.evidence(results)
        cases = [evidence] if isinstance(evidence, Evidence) else evidence
        records += [_record(claim, case, results) for case in cases]
    names = [record.id for record in records]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"claims need ids of their own, and these occur twice: {', '.join(twice)}")
    return [record.model_dump(mode="json") for record in records]
