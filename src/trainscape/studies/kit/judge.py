"""Rules that turn evidence into verdicts. Each has its numbers as fields, and its text from them.

============== =========================================== =====================================
rule           a claim is reproduced if                     `Evidence.data`
============== =========================================== =====================================
`Within`       a number, or its whole interval, is inside   an `Estimate` or a number
`RatioIsOne`   the mean ratio is near 1, and 1 lies in      the ratios of all systems, estimates
               enough of the single intervals
`ScalingLaw`   the fit prefers the expected law             columns of a fit, or None
`AllBelow`     no number exceeds a limit                    numbers
`AllAbove`     no number falls below a limit                numbers
`Share`        enough cases hold                            truth values
`PairedGain`   every paired test says so                    case to `PairedTest`, p corrected
`AllOf`        several rules hold                           name to data of each rule
============== =========================================== =====================================

`trainscape.studies.kit.composite.AllOf` puts several together. Every rule has a least evidence,
below which the answer is ``undecided``. An interval that excludes what is claimed is not overruled
by anything that the rule does not name. A number that is infinite, as the steps of runs that never
come to a limit, or an infinite end of an interval is an open end: it lies beyond every limit.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from trainscape.studies.reporting import Evidence, Outcome
from trainscape.trainability.intervals import Estimate, combined_mean, exact
from trainscape.trainability.paired import PairedTest

__all__ = [
    "AllAbove",
    "AllBelow",
    "BaseRule",
    "PairedGain",
    "RatioIsOne",
    "ScalingLaw",
    "Share",
    "Within",
]

NOTHING = Outcome(verdict="undecided", reason="nothing was measured")


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


@dataclass(frozen=True)
class BaseRule:
    """What all rules share.

    Parameters
    ----------
    quantity
        What is judged, as the subject of a sentence.
    least
        Least counts of evidence by kind, such as ``{"instances": 5}``.
    """

    quantity: str
    least: Mapping[str, int] = field(default_factory=dict, kw_only=True)

    @property
    @abstractmethod
    def condition(self) -> str:
        """The condition on the quantity, as the rest of the sentence."""

    @abstractmethod
    def decide(self, data: Any) -> Outcome:
        """Judge data of which there is enough."""

    @property
    def text(self) -> str:
        """The rule in words."""
        sentence = f"{self.quantity} {self.condition}".strip()
        if self.least:
            needs = ", ".join(f"{count} {kind}" for kind, count in self.least.items())
            sentence += f"; undecided with fewer than {needs}"
        return sentence

    def judge(self, evidence: Evidence) -> Outcome:
        """Return the verdict on evidence; ``undecided`` where there is too little of it."""
        outcome = NOTHING if evidence.data is None else self.decide(evidence.data)
        short = [
            f"{evidence.counts.get(kind, 0)} of at least {count} {kind}"
            for kind, count in self.least.items()
            if evidence.counts.get(kind, 0) < count
        ]
        if short:
            return replace(outcome, verdict="undecided", reason=f"only {', '.join(short)}")
        return outcome


@dataclass(frozen=True, kw_only=True)
class Within(BaseRule):
    """A number lies between two bounds.

    Parameters
    ----------
    low, high
        The bounds; infinite for none.
    by
        ``value``: the number itself decides. ``interval``: its whole interval must lie inside; one
        that reaches beyond a bound leaves the claim undecided, one that lies outside refutes it.
    outside
        Verdict where it lies outside.
    """

    low: float = -math.inf
    high: float = math.inf
    by: Literal["value", "interval"] = "value"
    outside: Literal["not reproduced", "conditional"] = "not reproduced"

    @property
    def condition(self) -> str:
        what = "has its interval" if self.by == "interval" else "lies"
        if math.isinf(self.low):
            return f"{what} below {self.high:g}"
        if math.isinf(self.high):
            return f"{what} above {self.low:g}"
        return f"{what} between {self.low:g} and {self.high:g}"

    def decide(self, data: Estimate | float) -> Outcome:
        estimate = data if isinstance(data, Estimate) else exact(float(data))
        low, high = estimate.low, estimate.high
        known = not (math.isnan(low) or math.isnan(high))
        interval = (low, high) if known and estimate.method != "exact" else None
        result = Outcome(verdict="reproduced", measured=estimate.value, interval=interval)
        if math.isnan(estimate.value):
            return replace(result, verdict="undecided", measured=None, reason=NOTHING.reason)
        if self.by == "value":
            inside = self.low <= estimate.value <= self.high
            verdict = "reproduced" if inside else self.outside
            reason = "" if inside else f"{estimate.value:.4g} lies outside"
            return replace(result, verdict=verdict, reason=reason)
        if not known:
            return replace(result, verdict="undecided", reason="the number has no interval")
        if self.low <= low and high <= self.high:
            return result
        if high < self.low or low > self.high:
            return replace(result, verdict=self.outside, reason="the interval lies outside")
        return replace(
            result,
            verdict="undecided",
            reason="the interval reaches beyond a bound: more samples would decide",
        )


@dataclass(frozen=True, kw_only=True)
class RatioIsOne(BaseRule):
    """Ratios of measured to expected are 1.

    Parameters
    ----------
    tolerance
        Largest distance of the mean ratio from 1.
    share
        Least share of the systems whose own interval contains 1.
    weighted
        Whether the mean is weighted by the errors.
    errors
        Standard errors of the mean that are allowed in any case, where they exceed the tolerance.
    """

    tolerance: float
    share: float
    weighted: bool = True
    errors: float = 0.0

    @property
    def condition(self) -> str:
        weights = "weighted by the errors" if self.weighted else "with equal weights"
        errors = f" (or {self.errors:g} standard errors)" if self.errors else ""
        return (
            f"has a mean, {weights}, within {self.tolerance:g}{errors} of 1, and 1 lies in the "
            f"intervals of at least {_percent(self.share)} of the systems"
        )

    def decide(self, data: Sequence[Estimate]) -> Outcome:
        known = [ratio for ratio in data if ratio.standard_error > 0]
        if not known:
            return NOTHING
        mean = combined_mean(known, weighted=self.weighted)
        inside = float(np.mean([ratio.contains(1.0) for ratio in data]))
        near = abs(mean.value - 1) <= max(self.tolerance, self.errors * mean.standard_error)
        holds = near and inside >= self.share
        reason = "" if holds else f"mean {mean}, 1 in {_percent(round(inside, 3))} of the intervals"
        return Outcome(
            verdict="reproduced" if holds else "not reproduced",
            measured=mean.value,
            interval=mean.interval,
            reason=reason,
        )


@dataclass(frozen=True, kw_only=True)
class ScalingLaw(BaseRule):
    """The fit of a series prefers a law: AICc lower by four at least than that of any other.

    Parameters
    ----------
    expected
        The law.
    against
        What the quantity is a function of, in words.
    """

    expected: Literal["power", "exponential", "stretched"]
    against: str

    @property
    def condition(self) -> str:
        names = {"power": "a power law", "exponential": "an exponential law"}
        law = names.get(self.expected, "a stretched exponential")
        return f"follows {law} in {self.against}: AICc lower by 4 at least than that of other laws"

    def decide(self, data: Mapping[str, Any]) -> Outcome:
        verdict = str(data["verdict"])
        law = self.expected if verdict == "undecided" else verdict
        slope, low, high = (float(data[f"{law}_{end}"]) for end in ("slope", "low", "high"))
        known = math.isfinite(low) and math.isfinite(high)
        result = Outcome(
            verdict="reproduced", measured=slope, interval=(low, high) if known else None
        )
        if verdict == "undecided":
            return replace(
                result,
                verdict="undecided",
                reason=f"{int(data['sizes'])} sizes do not tell the laws apart: larger ones would",
            )
        if verdict != self.expected:
            return replace(
                result, verdict="not reproduced", reason=f"the fit prefers the {verdict} law"
            )
        return result


def _numbers(data: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.atleast_1d(np.asarray(data, dtype=np.float64)).ravel()
    return values[~np.isnan(values)]


@dataclass(frozen=True, kw_only=True)
class _Limit(BaseRule):
    """All numbers lie on one side of a limit; missing numbers (NaN) do not count.

    Parameters
    ----------
    limit
        The limit, which may be reached.
    outside
        Verdict where a number lies beyond it.
    """

    limit: float
    outside: Literal["not reproduced", "conditional"] = "not reproduced"

    @abstractmethod
    def worst(self, values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, bool, str]:
        """Return the number nearest to a violation, whether it holds, and the word if not."""

    def decide(self, data: Any) -> Outcome:
        values = _numbers(data)
        if not len(values):
            return NOTHING
        worst, holds, word = self.worst(values)
        if holds:
            return Outcome(verdict="reproduced", measured=worst)
        if math.isinf(worst):
            # Of an open end it is known how far the others come, and that it lies beyond the limit.
            found = self.worst(np.append(values[np.isfinite(values)], self.limit))[0]
            interval = (found, worst) if worst > 0 else (worst, found)
            reason = f"an open end {word} {self.limit:g}"
            return Outcome(verdict=self.outside, measured=worst, interval=interval, reason=reason)
        reason = f"{worst:.4g} {word} {self.limit:g}"
        return Outcome(verdict=self.outside, measured=worst, reason=reason)


@dataclass(frozen=True, kw_only=True)
class AllBelow(_Limit):
    """No number exceeds a limit, see `_Limit`."""

    @property
    def condition(self) -> str:
        return f"is at most {self.limit:g}"

    def worst(self, values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, bool, str]:
        largest = float(values.max())
        return largest, largest <= self.limit, "exceeds"


@dataclass(frozen=True, kw_only=True)
class AllAbove(_Limit):
    """No number falls below a limit, see `_Limit`."""

    @property
    def condition(self) -> str:
        return f"is at least {self.limit:g}"

    def worst(self, values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, bool, str]:
        least = float(values.min())
        return least, least >= self.limit, "falls below"


@dataclass(frozen=True, kw_only=True)
class Share(BaseRule):
    """Enough of the cases hold.

    Parameters
    ----------
    at_least
        Share from which on the claim is reproduced.
    conditional_above
        Share above which it is conditional: some cases hold, and the facts name them. None: never.
    """

    at_least: float
    conditional_above: float | None = None

    @property
    def condition(self) -> str:
        text = f"holds in at least {_percent(self.at_least)} of the cases"
        if self.conditional_above is not None:
            text += f" (conditional above {_percent(self.conditional_above)})"
        return text

    def decide(self, data: Any) -> Outcome:
        cases = np.atleast_1d(np.asarray(data, dtype=bool)).ravel()
        if not len(cases):
            return NOTHING
        share = float(cases.mean())
        reason = f"{int(cases.sum())} of {len(cases)} cases hold"
        if share >= self.at_least:
            return Outcome(verdict="reproduced", measured=share)
        some = self.conditional_above is not None and share > self.conditional_above
        return Outcome(
            verdict="conditional" if some else "not reproduced", measured=share, reason=reason
        )


@dataclass(frozen=True, kw_only=True)
class PairedGain(BaseRule):
    """The first side of paired tests is lower in every case.

    Reproduced if all tests say so, conditional if some do. Where none does, it is not reproduced if
    a test says the opposite or all pairs are tied; else there are too few pairs to tell.

    Parameters
    ----------
    level
        Family-wise level of the corrected p-values.
    shown
        Case whose median difference is reported; the first where it is missing.
    share
        Whether the share of the cases with a gain is reported in its place.
    """

    level: float = 0.05
    shown: str = ""
    share: bool = False

    @property
    def condition(self) -> str:
        reported = "share of the cases in which it is" if self.share else self.shown
        where = f" (reported: {reported})" if reported else ""
        return (
            "is negative in every case: Wilcoxon signed-rank tests, Holm-corrected p below "
            f"{self.level:g}{where}"
        )

    def decide(self, data: Mapping[str, PairedTest]) -> Outcome:
        tests = list(data.values())
        if not tests:
            return NOTHING
        reported = data.get(self.shown, tests[0]).difference
        result = Outcome(verdict="reproduced", measured=reported.value, interval=reported.interval)
        wins = [test.p_value < self.level and test.effect > 0 for test in tests]
        if self.share:
            result = replace(result, measured=float(np.mean(wins)), interval=None)
        losses = [test.p_value < self.level and test.effect < 0 for test in tests]
        if all(wins):
            return result
        reason = f"lower in {sum(wins)}, higher in {sum(losses)} of {len(tests)} cases"
        if any(wins):
            return replace(result, verdict="conditional", reason=reason)
        if any(losses) or all(test.effect == 0 for test in tests):
            return replace(result, verdict="not reproduced", reason=reason)
        return replace(result, verdict="undecided", reason=f"{reason}: more pairs would decide")
