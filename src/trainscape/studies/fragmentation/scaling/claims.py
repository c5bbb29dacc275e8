"""What is claimed of the scaling of gradients, and by which rules it is judged."""

from typing import Any

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import (
    FEWEST_INSTANCES,
    NO_GO,
    law_evidence,
    ratio_evidence,
)
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import RatioIsOne, ScalingLaw, Share
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

HAAR = "Theorem 2; the exact Haar average stands in for its constants"
SERIES = "E[g^2] of the chains with d = 3"


@claim(
    "The gradient does not vanish faster than the Krylov dimensions demand: its variance is "
    "that of Haar-random blocks.",
    origin="paper",
    source=HAAR,
    rule=RatioIsOne(
        "the ratio of measured to Haar variance",
        tolerance=0.15,
        share=0.75,
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="gradient_scaling",
    store=("tl_full", Stage.GRADIENTS),
)
def gradient_haar(results: Results) -> Evidence:
    return ratio_evidence(results, "tl_full", Stage.GRADIENTS, "haar_ratio")


@claim(
    "The second moment of the gradient over draws of the coefficients is the exact Haar average.",
    origin="paper",
    source=HAAR,
    rule=AllOf(
        parts={
            "ratios": RatioIsOne(
                "the ratio over many draws of the coefficients", tolerance=0.15, share=0.0
            ),
            "contained": Share("1 in the 99 % interval of a system", at_least=1.0),
        },
    ),
    figure="gradient_scaling",
    store=("tl_full", Stage.GRADIENTS),
)
def gradient_haar_close(results: Results) -> list[Evidence]:
    """Return the ratios of the systems with many instances: one claim, if there are any."""
    frame = to_frame(results.summary("tl_full", Stage.GRADIENTS))
    frame = frame[frame["haar_ratio_99_low"].notna()]
    if frame.empty:
        return []
    ratios = estimates(frame, "haar_ratio_99", "instances")
    facts: dict[str, Any] = {"draws of the coefficients, at least": int(frame["instances"].min())}
    for site_dim, sites, ratio in zip(frame["site_dim"], frame["sites"], ratios, strict=True):
        facts[f"d = {site_dim}, L = {sites}"] = [ratio.value, ratio.low, ratio.high]
    data = {"ratios": ratios, "contained": [ratio.contains(1) for ratio in ratios]}
    return [Evidence(data=data, counts={"samples": int(frame["samples"].sum())}, facts=facts)]


@claim(
    "The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish exponentially "
    "with its length.",
    origin="derived",
    source=NO_GO,
    rule=ScalingLaw(SERIES, expected="exponential", against="the number of sites"),
    figure="gradient_scaling",
    store=("tl_full", Stage.THRESHOLDS),
)
def gradient_full_length(results: Results) -> Evidence:
    return law_evidence(results, "tl_full", Stage.GRADIENTS, site_dim=3, top_sectors=0)


@claim(
    "Restricted to the two sectors with most copies, N = L, and the gradient vanishes as a "
    "power of the length.",
    origin="paper",
    source="Theorem 2",
    rule=ScalingLaw(SERIES, expected="power", against="the number of sites"),
    figure="gradient_scaling",
    store=("tl_top", Stage.THRESHOLDS),
)
def gradient_top_length(results: Results) -> Evidence:
    return law_evidence(results, "tl_top", Stage.GRADIENTS, site_dim=3, top_sectors=2)
