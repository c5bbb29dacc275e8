"""What a component of the gradient costs in shots, and by which rules it is judged."""

from __future__ import annotations

from dataclasses import replace

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import (
    FEWEST_INSTANCES,
    NO_GO,
    law_evidence,
    ratio_evidence,
)
from trainscape.studies.kit.judge import RatioIsOne, ScalingLaw
from trainscape.studies.reporting import Claim, Evidence, Results

SHOTS = "n_*, the shots whose noise is as large as the derivative,"


def _formula(results: Results) -> Evidence:
    """Return the ratios of measured shots to those of the Haar prediction."""
    evidence = ratio_evidence(results, "shots", Stage.SIMULATE, "ratio")
    deviations = results.summary("shots", Stage.SIMULATE)["largest_deviation_of_shift_rule"]
    name = "largest deviation of the shift rule from the exact derivative"
    return replace(evidence, facts={**evidence.facts, name: float(deviations.max())})


CLAIMS = (
    Claim(
        id="shots-formula",
        origin="paper",
        source="Theorem 2; the exact Haar averages stand in for its constants",
        statement="The gradient is measured with a number of shots that is the inverse of its "
        "variance, up to the variance of one shot.",
        rule=RatioIsOne(
            quantity="the ratio of measured shots to those predicted by Haar averages",
            tolerance=0.15,
            share=0.75,
            least={"instances": FEWEST_INSTANCES},
        ),
        evidence=_formula,
        figure="shots",
        store=("shots", Stage.SIMULATE),
    ),
    Claim(
        id="shots-full-length",
        origin="derived",
        source=NO_GO,
        statement="With all sectors, the shots for one component of the gradient grow "
        "exponentially with the length.",
        rule=ScalingLaw(quantity=SHOTS, expected="exponential", against="the number of sites"),
        evidence=lambda results: law_evidence(results, "shots", Stage.SIMULATE, top_sectors=0),
        figure="shots",
        store=("shots", Stage.THRESHOLDS),
    ),
    Claim(
        id="shots-top-length",
        origin="paper",
        source="Theorem 2",
        statement="With the top two sectors, the shots for one component of the gradient grow as "
        "a power of the length.",
        rule=ScalingLaw(quantity=SHOTS, expected="power", against="the number of sites"),
        evidence=lambda results: law_evidence(results, "shots", Stage.SIMULATE, top_sectors=2),
        figure="shots",
        store=("shots", Stage.THRESHOLDS),
    ),
)
