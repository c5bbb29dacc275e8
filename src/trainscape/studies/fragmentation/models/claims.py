"""What is claimed of the models: the condition on N, its bound, gradients, and training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, BaseRule, RatioIsOne, Share
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Outcome, Results, Verdict, claim

FEWEST_INSTANCES = 5
"""Intervals come from the spread between instances; those from fewer say nothing."""

FEWEST_RESTARTS = 10

DECIDED = {"models whose growth is decided": 1}


@dataclass(frozen=True, kw_only=True)
class NearRank(BaseRule):
    """Critical numbers of parameters lie at the rank R, or somewhat above, in every model.

    The evidence is ``ratios``, the critical numbers in units of R (negative: none was reached), and
    ``full``, which of the models have a full Lie algebra: only these are judged. The median of all
    ratios is reported.

    Parameters
    ----------
    margin
        How far above R, in units of R, a critical number may lie.
    conditional_from
        Share of the models from which on the claim is conditional.
    """

    margin: float
    conditional_from: float

    @property
    def condition(self) -> str:
        """The condition in words."""
        return (
            f"lies between R and {1 + self.margin:g} R in every model whose Lie algebra with the "
            f"ancilla is full (conditional from {100 * self.conditional_from:g} % of them on)"
        )

    def decide(self, data: Mapping[str, Any]) -> Outcome:
        """Judge ratios of which there are enough."""
        ratios, full = np.asarray(data["ratios"]), np.asarray(data["full"], dtype=bool)
        reached = ratios[ratios > 0]
        measured = float(np.median(reached)) if len(reached) else None
        result = Outcome(verdict="reproduced", measured=measured)
        if not full.any():
            return replace(result, verdict="undecided", reason="no Lie algebra is known to be full")
        near = ((ratios >= 1) & (ratios <= 1 + self.margin))[full]
        if near.all():
            return result
        some: Verdict = "conditional" if near.mean() >= self.conditional_from else "not reproduced"
        return replace(result, verdict=some, reason=f"so in {near.sum()} of {len(near)} models")


def _krylov_table(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("models", Stage.DATASET))


@claim(
    "Fragmented models have a sum N of distinct Krylov dimensions that is polynomial in the "
    "length.",
    origin="paper",
    source="condition on N (abstract), here on the full space; gradient-top-length tests a "
    "restriction to few sectors",
    rule=Share(
        "polynomial N, by a fit of log2 N with a linear and a logarithmic term, among "
        "the models that the lengths decide,",
        at_least=1.0,
        conditional_above=0.0,
        least=DECIDED,
    ),
    figure="krylov_table",
    store=("models", Stage.DATASET),
)
def models_polynomial_krylov_sum(results: Results) -> Evidence:
    """Return for which models the sum of the Krylov dimensions is polynomial on the full space."""
    table = _krylov_table(results)
    answers = table.drop_duplicates("model").groupby("polynomial_krylov_sum")["model"].agg(list)
    yes, no = (answers.get(answer, []) for answer in ("yes", "no"))
    return Evidence(
        data=[True] * len(yes) + [False] * len(no),
        counts={next(iter(DECIDED)): len(yes) + len(no), "samples": len(table)},
        facts={str(answer): names for answer, names in answers.items()},
    )


@claim(
    "Generators of range r on every place of a chain give N >= 2^floor(L/r): on the full "
    "space local models cannot meet the condition on N.",
    origin="derived",
    source="generators on disjoint supports commute (docs/fragmentation.md); it holds on "
    "tensor-product spaces, not for few sectors, collective generators, constrained spaces",
    rule=AllAbove("the smallest N over its bound", limit=1.0),
    figure="models",
    store=("models", Stage.DATASET),
)
def models_no_go(results: Results) -> Evidence:
    """Return N of every system over the bound for generators on disjoint supports."""
    table = _krylov_table(results)
    local = table["range"] < table["sites"]
    least = table["bound"].where(~local, table[["bound", "range_bound"]].max(axis=1))
    ratio = table["krylov_sum"] / least
    return Evidence(
        data=ratio,
        counts={"samples": len(table)},
        facts={"systems that reach the bound": int((ratio == 1).sum())},
    )


@claim(
    "The Krylov spaces can be had from the list of generators alone: sectors found "
    "numerically agree with all closed forms.",
    origin="check",
    source="the numerical search against closed forms of N, dim A, dim C and components",
    rule=Share("agreement with a number that is known", at_least=1.0),
    figure="krylov_table",
    store=("models", Stage.DATASET),
)
def models_closed_forms(results: Results) -> Evidence:
    """Return which of the known numbers agree with those that were found."""
    table = _krylov_table(results)
    known, agree = int(table["closed_forms"].sum()), int(table["closed_forms_agree"].sum())
    return Evidence(
        data=[True] * agree + [False] * (known - agree),
        counts={"samples": known},
        facts={"largest deviation of a generator from its blocks": table["deviation"].max()},
    )


@claim(
    "For every model the gradient is that of Haar-random blocks with the model's own Krylov "
    "dimensions.",
    origin="paper",
    source="Theorem 2; the exact Haar average stands in for its constants. With many frozen "
    "sectors it is reached from below, and only with many parameters",
    rule=RatioIsOne(
        "the ratio of measured to Haar second moment",
        tolerance=0.15,
        share=0.75,
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="models",
    store=("models", Stage.GRADIENTS),
)
def models_gradient_haar(results: Results) -> Evidence:
    """Return the ratios of the gradients of all models to the exact Haar average."""
    table = to_frame(results.summary("models", Stage.GRADIENTS))
    ratios = estimates(table, "haar_ratio", "instances")
    outside = [not ratio.contains(1) for ratio in ratios]
    named = zip(table["model"], table["sites"], strict=True)
    return Evidence(
        data=ratios,
        counts={"instances": int(table["instances"].min()), "samples": int(table["samples"].sum())},
        facts={
            "systems": len(table),
            "systems whose own interval excludes 1": [
                f"{model}, L = {sites}"
                for (model, sites), excluded in zip(named, outside, strict=True)
                if excluded
            ],
        },
    )


@claim(
    "For every model the number of parameters from which training succeeds is set by its own "
    "Krylov spaces: R = 2 (N_a - 1) sum N_lambda^2.",
    origin="derived",
    source="rank of the Hessian at a perfect minimum, far below the bound of Theorem 3; it "
    "presupposes a full Lie algebra, which free fermions have with the ancilla only",
    rule=NearRank(
        "the critical number of parameters",
        margin=0.2,
        conditional_from=0.5,
        least={"restarts": FEWEST_RESTARTS},
    ),
    figure="models",
    store=("models", Stage.SIMULATE),
)
def models_threshold(results: Results) -> Evidence:
    """Return the critical numbers of parameters in units of the orbit rank of the own blocks."""
    points = to_frame(results.summary("models", Stage.SIMULATE))
    names = ["model", "sites", "couplings"]
    systems = points.drop_duplicates(names)
    ratios = systems["critical"] / systems["rank_formula"]
    full = systems["lie_dimension"] == systems["lie_bound"]
    titles = [
        f"{row.model}, L = {row.sites}, {row.couplings}" for row in systems.itertuples(index=False)
    ]
    below = points[points["parameters"] < points["rank_formula"]]
    early = int(np.rint((below["success"] * below["restarts"]).sum()))
    reached = systems["critical"] > 0
    return Evidence(
        data={"ratios": ratios, "full": full},
        counts={
            "restarts": int(systems["restarts"].min()),
            "samples": int(points["restarts"].sum()),
        },
        facts={
            "p_c / R": dict(zip(titles, ratios.where(reached), strict=True)),
            "p_c / N": dict(
                zip(
                    titles,
                    (systems["critical"] / systems["krylov_sum"]).where(reached),
                    strict=True,
                )
            ),
            "largest Krylov dimension": dict(zip(titles, systems["largest_krylov"], strict=True)),
            "Lie algebra not full, or not known": [
                title for title, known in zip(titles, full, strict=True) if not known
            ],
            "restarts below R": int(below["restarts"].sum()),
            "restarts below R that succeed": early,
        },
    )
