"""What claims of several groups rest on."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import Share, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = [
    "FEWEST_INSTANCES",
    "NO_GO",
    "equivalence",
    "equivalent",
    "law_evidence",
    "ratio_evidence",
]

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


def equivalent(quantity: str, margin: float) -> AllOf:
    """Return the rule that ratios are 1 up to a margin, over all systems and in each.

    Its evidence is made by `equivalence`. All instances have the same weight: weights from errors
    would prefer small ratios, whose errors are small. A system refutes the rule only if its
    interval lies beyond the margin as a whole, at a level for all systems together: of claims that
    are true, 5 % at most are refuted by chance, however many systems there are.
    """
    mean = Within(
        f"the mean of {quantity}, with equal weights for all instances,",
        low=1 - margin,
        high=1 + margin,
        by="interval",
    )
    systems = Share(
        f"that the interval of {quantity} in one system, at 95 % for all systems together, reaches "
        f"to within {margin:g} of 1",
        at_least=1.0,
    )
    parts = {"mean": mean, "systems": systems}
    return AllOf(parts=parts, least={"instances": FEWEST_INSTANCES})


def equivalence(
    ratios: Sequence[Estimate], margin: float, table: pd.DataFrame, names: Sequence[str] = ()
) -> Evidence:
    """Return evidence for `equivalent`.

    Parameters
    ----------
    ratios
        For each system the mean ratio over its instances.
    margin
        That of the rule.
    table
        One row for each system, with ``instances`` and ``samples``.
    names
        Names of the systems, for the facts.
    """
    values = np.array([ratio.value for ratio in ratios])
    errors = np.array([ratio.standard_error for ratio in ratios])
    counts = table["instances"].to_numpy()
    weights = counts / counts.sum()
    centre, error = float(weights @ values), float(np.sqrt((weights**2) @ errors**2))
    half = float(stats.norm.ppf((1 + LEVEL) / 2)) * error
    method = "normal, equal weights for instances"
    total = int(counts.sum())
    mean = Estimate(centre, error, centre - half, centre + half, LEVEL, total, method)
    reach = stats.t.ppf(1 - (1 - LEVEL) / (2 * len(values)), counts - 1) * errors
    near = np.abs(values - 1) - reach <= margin
    known = math.isfinite(error)
    facts: dict[str, Any] = {"systems": len(values)}
    labels = names or [str(place) for place in range(len(values))]
    facts["systems beyond"] = [
        name for name, inside in zip(labels, near, strict=True) if not inside
    ]
    return Evidence(
        data={"mean": mean, "systems": near.tolist()} if known else None,
        counts={"instances": int(counts.min()), "samples": int(table["samples"].sum())},
        facts=facts,
    )
