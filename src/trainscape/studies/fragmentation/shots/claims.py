"""What a component of the gradient costs in shots, and by which rules it is judged."""

from dataclasses import replace

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import (
    FEWEST_INSTANCES,
    NO_GO,
    law_evidence,
    ratio_evidence,
)
from trainscape.studies.kit.judge import RatioIsOne, ScalingLaw
from trainscape.studies.reporting import Evidence, Results, claim

SHOTS = "n_*, the shots whose noise is as large as the derivative,"


@claim(
    "The gradient is measured with a number of shots that is the inverse of its variance, up "
    "to the variance of one shot.",
    origin="derived",
    source="exact Haar averages, for which Theorem 2 has bounds without constants",
    rule=RatioIsOne(
        "the ratio of measured shots to those predicted by Haar averages",
        tolerance=0.15,
        share=0.75,
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="shots",
    store=("shots", Stage.SIMULATE),
)
def shots_formula(results: Results) -> Evidence:
    evidence = ratio_evidence(results, "shots", Stage.SIMULATE, "ratio")
    deviations = results.summary("shots", Stage.SIMULATE)["largest_deviation_of_shift_rule"]
    name = "largest deviation of the shift rule from the exact derivative"
    return replace(evidence, facts={**evidence.facts, name: float(deviations.max())})


@claim(
    "With all sectors, the shots for one component of the gradient grow exponentially with "
    "the length.",
    origin="derived",
    source=NO_GO,
    rule=ScalingLaw(SHOTS, expected="exponential", against="the number of sites"),
    figure="shots",
    store=("shots", Stage.THRESHOLDS),
)
def shots_full_length(results: Results) -> Evidence:
    return law_evidence(results, "shots", Stage.SIMULATE, top_sectors=0)


@claim(
    "With the top two sectors, the shots for one component of the gradient grow as a power of"
    " the length.",
    origin="derived",
    source="Theorem 2: the inverse of a variance that falls as a power",
    rule=ScalingLaw(SHOTS, expected="power", against="the number of sites"),
    figure="shots",
    store=("shots", Stage.THRESHOLDS),
)
def shots_top_length(results: Results) -> Evidence:
    return law_evidence(results, "shots", Stage.SIMULATE, top_sectors=2)
