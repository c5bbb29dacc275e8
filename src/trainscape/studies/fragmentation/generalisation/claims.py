"""What is claimed of generalisation (Theorem 1), and by which rules it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, BaseRule, Share, Within
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Outcome, Results, claim
from trainscape.trainability.intervals import Estimate

EXACT = 1e-10
"""Largest deviation from an equality or a bound that is put down to rounding."""
FEWEST_INSTANCES = 5


@dataclass(frozen=True, kw_only=True)
class AllNearZero(BaseRule):
    """Each of several estimates is zero: by its interval, or up to a tolerance.

    Parameters
    ----------
    tolerance
        Distance from zero below which an interval need not contain it.
    """

    tolerance: float

    @property
    def condition(self) -> str:
        """The condition on the quantity."""
        return f"is below {self.tolerance:g} or has 0 in its interval"

    def decide(self, data: Sequence[Estimate]) -> Outcome:
        """Judge the estimates."""
        far = [e for e in data if not e.contains(0.0) and abs(e.value) >= self.tolerance]
        return Outcome(
            verdict="not reproduced" if far else "reproduced",
            measured=max(abs(estimate.value) for estimate in data),
            reason=f"{len(far)} of {len(data)} cases deviate" if far else "",
        )


def _table(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("generalisation", Stage.SIMULATE))


STORE = ("generalisation", Stage.SIMULATE)


@claim(
    "The loss of a state depends on its sector and Krylov state, and not on its copy.",
    origin="paper",
    source="Theorem 1",
    rule=AllBelow(
        "the largest spread over all copies and random superpositions of them",
        limit=EXACT,
    ),
    figure="generalisation",
    store=STORE,
)
def generalisation_copies(results: Results) -> Evidence:
    """Return the largest spreads over copies and their superpositions, of all training sets."""
    table = _table(results)
    return Evidence(
        data=table[["copy_spread", "copy_superposition_deviation"]],
        counts={"samples": int(table["networks"].sum())},
    )


@claim(
    "The loss on the full data set is bounded by the largest loss over a reduced set with one"
    " copy of each Krylov state.",
    origin="paper",
    source="Theorem 1; the bound for superpositions inside one Krylov space is derived here",
    rule=AllBelow(
        "the excess of the full loss over the largest trained loss and over M times "
        "the training loss, and of superpositions over sum_q of their Krylov states,",
        limit=EXACT,
    ),
    figure="generalisation",
    store=STORE,
)
def generalisation_bound(results: Results) -> Evidence:
    """Return how far losses exceed their bounds, with all labels trained."""
    table = _table(results)
    whole = table[table["missing"] == "nothing"]
    return Evidence(
        data=whole[["full_excess", "training_excess", "krylov_excess"]],
        counts={"samples": int(whole["networks"].sum())},
    )


@claim(
    "Operators outside the bond algebra break generalisation.",
    origin="derived",
    source="Theorem 1 asks for operators inside the algebra; at a perfect minimum the loss is "
    "not negative, so that it rises like the square of what is added",
    rule=Within(
        "the exponent, farthest from 2, of the loss of a trained network against the "
        "strength of a projector on one site",
        low=1.9,
        high=2.1,
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="generalisation",
    store=STORE,
)
def generalisation_outside(results: Results) -> Evidence:
    """Return the exponent of the chain that deviates most from 2."""
    table = _table(results)
    fitted = table[(table["missing"] == "nothing") & table["exponent_low"].notna()]
    exponents = estimates(fitted, "exponent", "networks")
    return Evidence(
        data=max(exponents, key=lambda e: abs(e.value - 2)) if exponents else None,
        counts={
            "samples": int(fitted["networks"].sum()),
            "instances": int(fitted["instances"].min()) if len(fitted) else 0,
        },
        facts={"chains": len(fitted)},
    )


@claim(
    "A label that is not in the training set is not learned.",
    origin="derived",
    source="Theorem 1 asks for every Krylov state; without one the network is free on what "
    "training leaves, and a Haar average over that is the expected loss",
    rule=AllOf(
        parts={
            "deviations": AllNearZero(
                "the mean loss of labels left out, less its Haar average,",
                tolerance=0.05,
            ),
            "coverage": Share(
                "the coverage test, which must name exactly what is missing,",
                at_least=1.0,
            ),
        },
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="generalisation",
    store=STORE,
)
def generalisation_missing(results: Results) -> Evidence:
    """Return how far the losses of labels left out are from their Haar averages."""
    table = _table(results)
    partial = table[table["missing"] != "nothing"]
    deviations = estimates(partial, "unseen_deviation", "instances")
    networks, flagged = int(table["networks"].sum()), int(table["flagged"].sum())
    return Evidence(
        data={"deviations": deviations, "coverage": np.arange(networks) < flagged}
        if deviations
        else None,
        counts={
            "samples": int(partial["networks"].sum()),
            "instances": int(partial["instances"].min()) if len(partial) else 0,
        },
        facts={
            "cases": len(deviations),
            "cases with 0 in the interval": sum(e.contains(0.0) for e in deviations),
            "training sets": networks,
            "training sets whose gaps the coverage test names": flagged,
        },
    )
