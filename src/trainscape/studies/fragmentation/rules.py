"""Rules by which measurements become verdicts, the same for all groups of this study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from trainscape.studies.contract import Claim, Results, Stage, Verdict

__all__ = [
    "FEWEST_INSTANCES",
    "PAPER",
    "LawVerdict",
    "RatioVerdict",
    "law_claim",
    "law_verdict",
    "ratio_verdict",
]

PAPER = "arXiv:2512.00751"

FEWEST_INSTANCES = 5
"""Intervals come from the spread between instances; those from fewer say nothing."""


@dataclass(frozen=True, eq=False)
class RatioVerdict:
    """Whether ratios of measured to expected are 1: their weighted mean, its 95 % interval, and which systems have 1 in their own interval."""

    verdict: Verdict
    mean: float
    interval: tuple[float, float]
    inside: NDArray[np.bool_]


def ratio_verdict(
    ratio: ArrayLike, low: ArrayLike, high: ArrayLike, instances: ArrayLike
) -> RatioVerdict:
    """Judge the ratios of several systems, with 95 % intervals: reproduced if their mean is within 15 % of 1, and 1 in three quarters of the intervals."""
    ratios, lows, highs = (np.asarray(values, dtype=np.float64) for values in (ratio, low, high))
    weights = 1 / ((highs - lows) / 3.92) ** 2
    mean = float(np.sum(weights * ratios) / weights.sum())
    error = 1.96 / float(np.sqrt(weights.sum()))
    inside = (lows <= 1) & (highs >= 1)
    verdict: Verdict = (
        "reproduced" if abs(mean - 1) < 0.15 and inside.mean() >= 0.75 else "not reproduced"
    )
    if int(np.min(instances)) < FEWEST_INSTANCES:
        verdict = "cannot be tested at this size"
    return RatioVerdict(verdict, mean, (mean - error, mean + error), inside)


@dataclass(frozen=True)
class LawVerdict:
    """Whether a series obeys the expected scaling law: slope under the law that it obeys, with its 95 % interval, and one sentence."""

    verdict: Verdict
    slope: float | None
    interval: tuple[float, float] | None
    note: str


def law_verdict(
    fits: xr.Dataset, series: str, abscissa: str, expected: str, quantity: str
) -> LawVerdict:
    """Judge a series by the scaling fits of a summary; `expected` is ``power`` or ``exponential``, `quantity` names what was fitted."""
    found = np.flatnonzero(
        (fits["series"].values == series) & (fits["abscissa"].values == abscissa)
    )
    if not len(found):
        return LawVerdict("cannot be tested at this size", None, None, "too few sizes")
    fit = fits.isel(fit=int(found[0]))
    law = str(fit["verdict"].values)
    name = expected if law == "undecided" else law
    low, high = float(fit[f"{name}_slope_low"]), float(fit[f"{name}_slope_high"])
    verdict: Verdict = "cannot be tested at this size"
    if law != "undecided":
        verdict = "reproduced" if law == expected else "not reproduced"
    note = (
        f"{int(fit['sizes'])} sizes; AICc of power law minus exponential {float(fit['delta_aicc']):.1f}: {law}; slope of log {quantity} under the {name} law, "
        "95 % interval"
    )
    return LawVerdict(
        verdict,
        float(fit[f"{name}_slope"]),
        (low, high) if np.isfinite(low) and np.isfinite(high) else None,
        note,
    )


def law_claim(
    results: Results,
    identity: str,
    statement: str,
    family: str,
    sampled: Stage,
    series: str,
    *,
    expected: str,
    quantity: str,
    figure: str,
) -> Claim:
    """Return the claim that a series of a family, with samples in the stage `sampled` and fits in ``thresholds``, obeys the expected law in the number of sites; see `law_verdict`."""
    found = law_verdict(
        results.summary(family, Stage.THRESHOLDS), series, "sites", expected, quantity
    )
    return Claim(
        id=identity,
        paper=PAPER,
        section="Theorem 2 and the no-go for local generators derived here",
        statement=statement,
        verdict=found.verdict,
        measured=found.slope,
        interval=found.interval,
        samples=int(results.summary(family, sampled)["samples"].sum()),
        expected=f"{expected} law",
        figure=figure,
        store=results.store(family, Stage.THRESHOLDS),
        note=found.note,
    )
