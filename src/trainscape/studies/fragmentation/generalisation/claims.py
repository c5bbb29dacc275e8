"""What is claimed of generalisation (Theorem 1), and by which rules it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import FEWEST_INSTANCES
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, BaseRule, Share, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Outcome, Results, claim
from trainscape.trainability.intervals import Estimate

EXACT = 1e-10
"""Largest deviation from an equality or a bound that is put down to rounding."""
STORE = ("generalisation", Stage.SIMULATE)

of_networks = partial(claim, figure="generalisation", store=STORE)
"""Declares a claim on the networks that were evaluated on the full space."""


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


def _table(results: Results, **chosen: Any) -> pd.DataFrame:
    return select(to_frame(results.summary(*STORE)), **chosen)


def _counts(table: pd.DataFrame) -> dict[str, int]:
    instances = int(table["instances"].min()) if len(table) else 0
    return {"samples": int(table["networks"].sum()), "instances": instances}


@of_networks(
    "The loss of a state depends on its sector and Krylov state, and not on its copy.",
    # It holds by construction for every operator of the algebra.
    origin="check",
    source="Theorem 1, an identity: what is measured is the code",
    rule=AllBelow(
        "the largest spread over all copies and random superpositions of them", limit=EXACT
    ),
)
def generalisation_copies(results: Results) -> Evidence:
    """Return the largest spreads over copies and their superpositions, of all training sets."""
    table = _table(results)
    spreads = table[["copy_spread", "copy_superposition_deviation"]]
    return Evidence(data=spreads, counts=_counts(table))


@of_networks(
    "The loss on the full data set is bounded by the largest loss over a reduced set with one"
    " copy of each Krylov state.",
    origin="check",
    source="Theorem 1, which follows from the identity above; the bound for superpositions inside "
    "one Krylov space is derived here",
    rule=AllBelow(
        "the excess of the full loss over the largest trained loss and over M times "
        "the training loss, and of superpositions over sum_q of their Krylov states,",
        limit=EXACT,
    ),
)
def generalisation_bound(results: Results) -> Evidence:
    """Return how far losses exceed their bounds, with all labels trained."""
    whole = _table(results, missing="nothing")
    excesses = whole[["full_excess", "training_excess", "krylov_excess"]]
    return Evidence(data=excesses, counts=_counts(whole))


@of_networks(
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
)
def generalisation_outside(results: Results) -> Evidence:
    """Return the exponent of the chain that deviates most from 2."""
    whole = _table(results, missing="nothing")
    fitted = whole[whole["exponent_low"].notna()]
    exponents = estimates(fitted, "exponent", "networks")
    return Evidence(
        data=max(exponents, key=lambda e: abs(e.value - 2), default=None),
        counts=_counts(fitted),
        facts={"chains": len(fitted)},
    )


@of_networks(
    "A label that is not in the training set is not learned.",
    origin="derived",
    source="Theorem 1 asks for every Krylov state; without one the network is free on what "
    "training leaves, and a Haar average over that is the expected loss",
    rule=AllOf(
        parts={
            "deviations": AllNearZero(
                "the mean loss of labels left out, less its Haar average,", tolerance=0.05
            ),
            "coverage": Share(
                "the coverage test, which must name exactly what is missing,", at_least=1.0
            ),
        },
        least={"instances": FEWEST_INSTANCES},
    ),
)
def generalisation_missing(results: Results) -> Evidence:
    """Return how far the losses of labels left out are from their Haar averages."""
    table = _table(results)
    incomplete = table[table["missing"] != "nothing"]
    deviations = estimates(incomplete, "unseen_deviation", "instances")
    networks, flagged = int(table["networks"].sum()), int(table["flagged"].sum())
    data = {"deviations": deviations, "coverage": np.arange(networks) < flagged}
    return Evidence(
        data=data if deviations else None,
        counts=_counts(incomplete),
        facts={
            "cases": len(deviations),
            "cases with 0 in the interval": sum(e.contains(0.0) for e in deviations),
            "training sets": networks,
            "training sets whose gaps the coverage test names": flagged,
        },
    )
