"""The part of the contract that figures and claims stand on; see `trainscape.studies.contract`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from trainscape.studies.contract import CellData, Stage

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = [
    "Claim",
    "Evidence",
    "EvidenceFunction",
    "Origin",
    "Outcome",
    "Plot",
    "Results",
    "Rule",
    "Table",
    "Verdict",
    "claim",
]

Verdict = Literal["reproduced", "conditional", "not reproduced", "undecided"]
"""Outcome of a claim. A conditional claim holds under a condition that is itself measured."""

Origin = Literal["paper", "derived", "check"]
"""Where a claim comes from: the paper, a derivation of our own, or a check of the code."""


class Results(Protocol):
    """What figures and claims see: everything that the study's manifests vouch for."""

    @property
    def preset(self) -> str: ...

    def cells(self, family: str, stage: Stage) -> Sequence[CellData]: ...

    def summary(self, family: str, stage: Stage) -> xr.Dataset: ...

    def store(self, family: str, stage: Stage) -> str:
        """Return the path of the store, relative to the folder that holds ``results``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A figure.

    Parameters
    ----------
    figure
        The picture.
    table
        The numbers in it.
    caption
        What a reader must know: sample counts, meaning of the error bars, what the lines are. It is
        shown beside the picture by whatever shows it, and never inside.
    """

    figure: Figure
    table: pd.DataFrame
    caption: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A figure that is a table: columns as a reader should see them, and a caption."""

    table: pd.DataFrame
    caption: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was measured for a claim.

    Parameters
    ----------
    data
        What the rule of the claim judges, see the rule.
    counts
        How much evidence there is, by kind, such as ``{"instances": 5, "samples": 320}``. A rule
        asks for least counts; ``samples`` goes into the record.
    facts
        Further measured numbers and names, as plain values, for readers of the record.
    case
        Name of the system, for claims that are judged once for each: it ends the claim's id.
    words
        What stands for the braces in the claim's statement.
    """

    data: Any
    counts: Mapping[str, int]
    facts: Mapping[str, Any] = field(default_factory=dict)
    case: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rule says of evidence: verdict, the number it rests on, and, if any, its interval.

    `reason` says in one sentence why a claim is undecided, conditional or not reproduced.
    """

    verdict: Verdict
    measured: float | None = None
    interval: tuple[float, float] | None = None
    reason: str = ""


class Rule(Protocol):
    """A rule that turns evidence into a verdict. Its text is generated from its own numbers."""

    @property
    def text(self) -> str: ...

    def judge(self, evidence: Evidence) -> Outcome: ...


EvidenceFunction = Callable[[Results], Evidence | Sequence[Evidence]]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement that is fixed, with its rule, before anything is measured; see `claim`."""

    id: str
    statement: str
    origin: Origin
    source: str
    rule: Rule
    evidence: EvidenceFunction
    figure: str | None
    store: tuple[str, Stage]


def claim(
    statement: str,
    *,
    origin: Origin,
    source: str,
    rule: Rule,
    figure: str | None,
    store: tuple[str, Stage],
) -> Callable[[EvidenceFunction], Claim]:
    """Declare a claim by the function that returns what was measured for it.

    The function returns one `Evidence`, or one for each system. Its name, with hyphens, is the
    claim's id, unique within the study.

    Parameters
    ----------
    statement
        The statement, one sentence; ``{words}`` in braces come from the evidence.
    origin
        `paper`, `derived` (here) or `check` (of the code).
    source
        Section or theorem of the paper; the derivation; what is checked against what.
    rule
        The rule.
    figure
        Figure that shows it.
    store
        Family and stage whose store holds the numbers.
    """

    def declare(evidence: EvidenceFunction) -> Claim:
        return Claim(
            id=evidence.__name__.replace("_", "-"),
            statement=statement,
            origin=origin,
            source=source,
            rule=rule,
            evidence=evidence,
            figure=figure,
            store=store,
        )

    return declare
