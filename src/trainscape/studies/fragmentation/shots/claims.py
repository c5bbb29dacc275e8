"""What a component of the gradient costs in shots, and by which rules it is judged."""

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import (
    FEWEST_INSTANCES,
    NO_GO,
    equivalence,
    equivalent,
    law_evidence,
    ratio_evidence,
)
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import RatioIsOne, ScalingLaw
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

DEEP = 0.05
"""Distance of an exact second moment from Haar's within which a network is deep enough."""

SHOTS = "n_*, the shots whose noise is as large as the derivative,"


@claim(
    "In networks as deep as their design depth, the gradient is measured with a number of shots "
    "that is the inverse of Haar's variance, up to the variance of one shot.",
    origin="derived",
    source="exact Haar averages, for which Theorem 2 has bounds without constants",
    rule=AllOf(
        parts={
            "shots": RatioIsOne(
                "the ratio of measured shots to those predicted by Haar averages",
                tolerance=0.15,
                share=0.75,
            ),
        },
        conditions={
            "depth": equivalent("the exact second moment over its Haar average, at p,", DEEP)
        },
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="shots",
    store=("shots", Stage.SIMULATE),
)
def shots_formula(results: Results) -> Evidence:
    ratios = ratio_evidence(results, "shots", Stage.SIMULATE, "ratio")
    table = to_frame(results.summary("shots", Stage.SIMULATE))
    exact = table[table["exact_ratio"].notna()].reset_index(drop=True)
    depth = None
    if len(exact):
        moments = estimates(exact, "exact_ratio", "instances")
        depth = equivalence(moments, DEEP, exact).data
    deviation = float(table["largest_deviation_of_shift_rule"].max())
    return Evidence(
        data={"shots": ratios.data, "depth": depth},
        counts=ratios.counts,
        facts={
            **ratios.facts,
            "largest deviation of the shift rule from the exact derivative": deviation,
            "parameters, and exact second moments over Haar's": {
                f"L = {sites}, top {top}": [int(gates), float(moment)]
                for sites, top, gates, moment in zip(
                    *(table[name] for name in ("sites", "top_sectors", "parameters")),
                    table["exact_ratio"],
                    strict=True,
                )
            },
        },
    )


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
