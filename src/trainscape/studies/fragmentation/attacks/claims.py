"""What is claimed of the attacks: that they are exact, and how their costs grow."""

from dataclasses import replace

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow, Share
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

DECIDED = "attacks whose growth is decided"


def _searches(results: Results, sector: str) -> Evidence:
    """Return the laws of the searches on Temperley-Lieb chains that the lengths decide."""
    fits = to_frame(results.summary("attacks", Stage.THRESHOLDS))
    fits = select(fits, abscissa="sites", quantity="search", sector=sector)
    fits = fits[fits["model"].str.startswith("temperley_lieb")]
    decided = fits["verdict"][fits["verdict"] != "undecided"]
    return Evidence(
        data=decided,
        counts={DECIDED: len(decided), "samples": int(fits["sizes"].sum())},
        facts=dict(zip(fits["attack"], fits["verdict"], strict=True)),
    )


@claim(
    "The attacks compute the loss, or the label, of the network exactly: their costs are "
    "costs of the same task.",
    # Far below any gradient, far above the errors of the linear algebra.
    origin="check",
    source="each attack against the full space or the path basis",
    rule=AllBelow(
        "the largest deviation from the exact loss, or share of wrong labels,", limit=1e-7
    ),
    figure="dequantisation",
    store=("attacks", Stage.SIMULATE),
)
def attacks_exact(results: Results) -> Evidence:
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
        least={DECIDED: 1},
    ),
    figure="dequantisation",
    store=("attacks", Stage.THRESHOLDS),
)
def attacks_full_exponential(results: Results) -> Evidence:
    searches = _searches(results, "largest")
    return replace(searches, data=searches.data == "exponential")


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
        least={DECIDED: 1},
    ),
    figure="dequantisation",
    store=("attacks", Stage.THRESHOLDS),
)
def attacks_one_dimer(results: Results) -> Evidence:
    searches = _searches(results, "one_dimer")
    return replace(searches, data=(searches.data == "power").mean())
