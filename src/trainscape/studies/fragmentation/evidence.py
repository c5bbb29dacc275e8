"""What claims of several groups rest on."""

from typing import Any

from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results

__all__ = ["FEWEST_INSTANCES", "NO_GO", "law_evidence", "ratio_evidence"]

FEWEST_INSTANCES = 5
"""Intervals come from the spread between instances; those from fewer say nothing."""

NO_GO = "Theorem 2, with the no-go for local generators derived here: N >= 2^floor(L/2)"
"""Source of claims that something grows or falls exponentially with the length of a chain."""


def law_evidence(results: Results, family: str, sampled: Stage, **series: Any) -> Evidence:
    """Return the fit of one series of chains against their length.

    `series` are columns of the fits in ``thresholds``, and the values that name the series; the
    summary of the stage `sampled` counts the samples.
    """
    laws = to_frame(results.summary(family, Stage.THRESHOLDS))
    fits = select(laws, abscissa="sites", **series)
    samples = to_frame(results.summary(family, sampled))["samples"]
    return Evidence(
        data=fits.iloc[0].to_dict() if len(fits) else None,
        counts={"samples": int(samples.sum())},
        facts={"sizes": int(fits["sizes"].iloc[0])} if len(fits) else {},
    )


def ratio_evidence(results: Results, family: str, sampled: Stage, name: str) -> Evidence:
    """Return the ratios `name`, measured to expected, of all systems in a summary."""
    frame = to_frame(results.summary(family, sampled))
    ratios = estimates(frame, name, "instances")
    return Evidence(
        data=ratios,
        counts={"instances": int(frame["instances"].min()), "samples": int(frame["samples"].sum())},
        facts={
            "systems": len(frame),
            "systems whose own interval contains 1": sum(ratio.contains(1) for ratio in ratios),
        },
    )
