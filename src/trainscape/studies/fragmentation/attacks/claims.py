"""What is claimed of the attacks: that they are exact, and how their costs grow."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow, Share
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

DECIDED = "attacks whose growth is decided"
ATTACKS = 6

GAP = 0.02
"""Coefficients lie in [1/2, 3/2], and the eigenvalues of sum_j e_j beside one dimer are
d + 2 cos(pi k / L). With d = 3 the levels therefore lie above 1/2 and below 15/2, and the frozen
states at 0. A Gaussian error of 0.02 of the width crosses half the gap with a probability of 5 % at
most, whatever the length."""


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
    "Where the network is trainable, in the sector with one dimer and Krylov dimension L - 1, each "
    "of the attacks finds its description at a cost that is a power of the length.",
    origin="derived",
    source="against the paper's abstract, by which known dequantisations fail. Where N grows "
    "exponentially so do all attacks, but then the network has vanishing gradients too, and "
    "nothing is claimed",
    rule=Share(
        "a power law in the length for the search, among the attacks that the lengths decide,",
        at_least=1.0,
        least={DECIDED: ATTACKS},
    ),
    figure="dequantisation",
    store=("attacks", Stage.THRESHOLDS),
)
def attacks_one_dimer(results: Results) -> Evidence:
    fits = to_frame(results.summary("attacks", Stage.THRESHOLDS))
    fits = select(fits, abscissa="sites", quantity="search", sector="one_dimer")
    decided = fits["verdict"][fits["verdict"] != "undecided"]
    rows = fits[["attack", "verdict", "power_slope"]].itertuples(index=False)
    return Evidence(
        data=decided == "power",
        counts={DECIDED: len(decided), "samples": int(fits["sizes"].sum())},
        facts={name: f"{law} (as a power: L^{slope:.2f})" for name, law, slope in rows},
    )


@claim(
    "Where the network is trainable, one energy measurement names the label without any learning, "
    "at a resolution that does not depend on the length.",
    origin="derived",
    source="all coefficients are positive, so that a gap separates one dimer from frozen states",
    rule=AllAbove(
        "the energy error, over the width of the spectrum, at which 90 % of labels are right",
        limit=GAP,
        least={"lengths": 4},
    ),
    figure="dequantisation",
    store=("attacks", Stage.SIMULATE),
)
def attacks_energy(results: Results) -> Evidence:
    table = to_frame(results.summary("attacks", Stage.SIMULATE))
    table = select(table, attack="energy", sector="one_dimer")
    return Evidence(data=table["resolution"], counts={"lengths": len(table), "samples": len(table)})
