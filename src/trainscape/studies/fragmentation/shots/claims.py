"""What a component of the gradient costs in shots: claims and measurements."""

from __future__ import annotations

from typing import Literal

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage

__all__ = ["claims"]

PAPER = "arXiv:2512.00751"
FEWEST_INSTANCES = 5
Verdict = Literal["reproduced", "not reproduced", "holds only if", "cannot be tested at this size"]


def _formula(results: Results) -> Claim:
    """Compare the shots that resolve the gradient with the Haar prediction."""
    table = results.summary("shots", Stage.SIMULATE).drop_dims("budget").to_dataframe()
    weights = 1 / ((table["ratio_high"] - table["ratio_low"]) / 3.92) ** 2
    mean = float((weights * table["ratio"]).sum() / weights.sum())
    error = 1.96 / float(np.sqrt(weights.sum()))
    inside = (table["ratio_low"] <= 1) & (table["ratio_high"] >= 1)
    enough = int(table["instances"].min()) >= FEWEST_INSTANCES
    agrees = abs(mean - 1) < 0.15 and float(inside.mean()) >= 0.75
    verdict: Verdict = "cannot be tested at this size" if not enough else "reproduced" if agrees else "not reproduced"
    return Claim(
        id="shots-formula",
        paper=PAPER,
        section="Theorem 2",
        statement="The gradient is measured with a number of shots that is the inverse of its variance, up to the variance of one shot.",
        verdict=verdict,
        measured=mean,
        interval=(mean - error, mean + error),
        samples=int(table["samples"].sum()),
        expected="measured over predicted shots = 1; prediction: Haar averages of the variance l (1 - l) of one shot and of the squared gradient",
        figure="shots",
        store=results.store("shots", Stage.SIMULATE),
        note=f"95 % interval of the weighted mean over {len(table)} systems, of which {int(inside.sum())} have 1 in their own interval. Four-term shift rule; it deviates from "
        f"the exact derivative by at most {table['largest_deviation_of_shift_rule'].max():.1g}.",
    )


def _scaling(results: Results, identity: str, series: str, statement: str, expected: str) -> Claim:
    """Report how the shots grow with the length of the chain."""
    table = results.summary("shots", Stage.THRESHOLDS)
    found = np.flatnonzero((table["series"].values == series) & (table["abscissa"].values == "sites"))
    verdict: Verdict = "cannot be tested at this size"
    measured, interval, note = None, None, "too few sizes"
    if len(found):
        fit = table.isel(fit=int(found[0]))
        law = str(fit["verdict"].values)
        name = expected if law == "undecided" else law
        measured = float(fit[f"{name}_slope"])
        low, high = float(fit[f"{name}_slope_low"]), float(fit[f"{name}_slope_high"])
        interval = (low, high) if np.isfinite(low) and np.isfinite(high) else None
        if law != "undecided":
            verdict = "reproduced" if law == expected else "not reproduced"
        note = f"{int(fit['sizes'])} sizes; AICc of power law minus exponential {float(fit['delta_aicc']):.1f}: {law}; slope of log n_* under the {name} law, 95 % interval"
    return Claim(
        id=identity,
        paper=PAPER,
        section="Theorem 2 and the no-go for local generators derived here",
        statement=statement,
        verdict=verdict,
        measured=measured,
        interval=interval,
        samples=int(results.summary("shots", Stage.SIMULATE)["samples"].sum()),
        expected=f"{expected} law",
        figure="shots",
        store=results.store("shots", Stage.THRESHOLDS),
        note=note,
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims of the family ``shots``."""
    return [
        _formula(results),
        _scaling(
            results,
            "shots-full-length",
            "all sectors",
            "With all sectors, the shots for one component of the gradient grow exponentially with the length.",
            "exponential",
        ),
        _scaling(results, "shots-top-length", "top 2", "With the top two sectors, they grow as a power of the length.", "power"),
    ]
