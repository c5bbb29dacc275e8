"""What is claimed of the attacks: that they are exact, and how their costs grow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow, Share
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

DECIDED = {"attacks whose growth is decided": 1}


def _searches(results: Results, sector: str) -> tuple[pd.Series, dict[str, int], dict[str, str]]:
    """Return the verdicts on the searches on Temperley-Lieb chains against the length.

    Returns
    -------
    decided
        The laws of the attacks that the lengths decide.
    counts
        How many these are, and the lengths over all attacks (``samples``).
    facts
        Attack to its law, or "undecided".
    """
    fits = to_frame(results.summary("attacks", Stage.THRESHOLDS))
    fits = select(fits, abscissa="sites", quantity="search", sector=sector)
    fits = fits[fits["model"].str.startswith("temperley_lieb")]
    decided = fits["verdict"][fits["verdict"] != "undecided"]
    counts = {next(iter(DECIDED)): len(decided), "samples": int(fits["sizes"].sum())}
    return decided, counts, dict(zip(fits["attack"], fits["verdict"], strict=True))


@claim(
    "The attacks compute the loss, or the label, of the network exactly: their costs are "
    "costs of the same task.",
    # Far below any gradient, far above the errors of the linear algebra.
    origin="check",
    source="each attack against the full space or the path basis",
    rule=AllBelow(
        "the largest deviation from the exact loss, or share of wrong labels,",
        limit=1e-7,
    ),
    figure="dequantisation",
    store=("attacks", Stage.SIMULATE),
)
def attacks_exact(results: Results) -> Evidence:
    """Return the deviations of all computations that were held against another method."""
    deviation = to_frame(results.summary("attacks", Stage.SIMULATE))["deviation"].abs()
    return Evidence(
        data=deviation,
        counts={"samples": int(deviation.notna().sum())},
        facts={"computations": len(deviation)},
    )


@claim(
    "In the largest sector of the Temperley-Lieb chain, where N grows exponentially, none of "
    "the attacks tried is efficient in the length.",
    origin="derived",
    source="growth of the search for an effective description, in whose dimension one loss is "
    "polynomial; the network, too, has exponentially small gradients here",
    rule=Share(
        "exponential growth of the search with the length, among the attacks that the "
        "lengths decide,",
        at_least=1.0,
        least=DECIDED,
    ),
    figure="dequantisation",
    store=("attacks", Stage.THRESHOLDS),
)
def attacks_full_exponential(results: Results) -> Evidence:
    """Return whether the search of each attack is exponential where N grows exponentially."""
    decided, counts, facts = _searches(results, "largest")
    return Evidence(data=(decided == "exponential").tolist(), counts=counts, facts=facts)


@claim(
    "Known dequantisation methods fail where the network is trainable. Here: in the sector "
    "with one dimer, of Krylov dimension L - 1.",
    origin="paper",
    source="dequantisation (abstract), here for a state with a short description under "
    "generators whose relations are known",
    rule=AllBelow(
        "the share of the attacks whose search is a power law in the length, among "
        "those that the lengths decide,",
        limit=0.0,
        outside="conditional",
        least=DECIDED,
    ),
    figure="dequantisation",
    store=("attacks", Stage.THRESHOLDS),
)
def attacks_one_dimer(results: Results) -> Evidence:
    """Return the share of the attacks that are polynomial where the Krylov dimension is."""
    decided, counts, facts = _searches(results, "one_dimer")
    share = float(np.mean(decided == "power")) if len(decided) else None
    return Evidence(data=share, counts=counts, facts=facts)
