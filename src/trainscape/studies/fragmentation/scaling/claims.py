"""What is claimed of the scaling of gradients, and by which rules it is judged."""

from __future__ import annotations

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


def _law(family: str, top_sectors: int, results: Results) -> Evidence:
    """Return the fit of a series of chains with d = 3 against their length."""
    series = {"site_dim": 3, "top_sectors": top_sectors}
    return law_evidence(results, family, Stage.GRADIENTS, **series)


@claim(
    "The gradient does not vanish faster than the Krylov dimensions demand: its variance is "
    "that of Haar-random blocks.",
    origin="paper",
    source="Theorem 2; the exact Haar average stands in for its constants",
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
    source="Theorem 2; the exact Haar average stands in for its constants",
    rule=AllOf(
        parts={
            "ratios": RatioIsOne(
                "the ratio over many draws of the coefficients",
                tolerance=0.15,
                share=0.0,
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
    names = [f"d = {row.site_dim}, L = {row.sites}" for row in frame.itertuples()]
    return [
        Evidence(
            data={"ratios": ratios, "contained": [ratio.contains(1) for ratio in ratios]},
            counts={"samples": int(frame["samples"].sum())},
            facts={
                "draws of the coefficients, at least": int(frame["instances"].min()),
                **{
                    name: [ratio.value, ratio.low, ratio.high]
                    for name, ratio in zip(names, ratios, strict=True)
                },
            },
        )
    ]


@claim(
    "The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish exponentially "
    "with its length.",
    origin="derived",
    source=NO_GO,
    rule=ScalingLaw(
        "E[g^2] of the chains with d = 3",
        expected="exponential",
        against="the number of sites",
    ),
    figure="gradient_scaling",
    store=("tl_full", Stage.THRESHOLDS),
)
def gradient_full_length(results: Results) -> Evidence:
    return _law("tl_full", 0, results)


@claim(
    "Restricted to the two sectors with most copies, N = L, and the gradient vanishes as a "
    "power of the length.",
    origin="paper",
    source="Theorem 2",
    rule=ScalingLaw(
        "E[g^2] of the chains with d = 3",
        expected="power",
        against="the number of sites",
    ),
    figure="gradient_scaling",
    store=("tl_top", Stage.THRESHOLDS),
)
def gradient_top_length(results: Results) -> Evidence:
    return _law("tl_top", 2, results)
