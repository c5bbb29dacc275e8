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
from trainscape.studies.reporting import Claim, Evidence, Results


def _close_look(results: Results) -> list[Evidence]:
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


def _law(family: str, top_sectors: int, results: Results) -> Evidence:
    """Return the fit of a series of chains with d = 3 against their length."""
    series = {"site_dim": 3, "top_sectors": top_sectors}
    return law_evidence(results, family, Stage.GRADIENTS, **series)


CLAIMS = (
    Claim(
        id="gradient-haar",
        origin="paper",
        source="Theorem 2; the exact Haar average stands in for its constants",
        statement="The gradient does not vanish faster than the Krylov dimensions demand: its "
        "variance is that of Haar-random blocks.",
        rule=RatioIsOne(
            quantity="the ratio of measured to Haar variance",
            tolerance=0.15,
            share=0.75,
            least={"instances": FEWEST_INSTANCES},
        ),
        evidence=lambda results: ratio_evidence(results, "tl_full", Stage.GRADIENTS, "haar_ratio"),
        figure="gradient_scaling",
        store=("tl_full", Stage.GRADIENTS),
    ),
    Claim(
        id="gradient-haar-close",
        origin="paper",
        source="Theorem 2; the exact Haar average stands in for its constants",
        statement="The second moment of the gradient over draws of the coefficients is the exact "
        "Haar average.",
        rule=AllOf(
            parts={
                "ratios": RatioIsOne(
                    quantity="the ratio over many draws of the coefficients",
                    tolerance=0.15,
                    share=0.0,
                ),
                "contained": Share(quantity="1 in the 99 % interval of a system", at_least=1.0),
            },
        ),
        evidence=_close_look,
        figure="gradient_scaling",
        store=("tl_full", Stage.GRADIENTS),
    ),
    Claim(
        id="gradient-full-length",
        origin="derived",
        source=NO_GO,
        statement="The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish "
        "exponentially with its length.",
        rule=ScalingLaw(
            quantity="E[g^2] of the chains with d = 3",
            expected="exponential",
            against="the number of sites",
        ),
        evidence=lambda results: _law("tl_full", 0, results),
        figure="gradient_scaling",
        store=("tl_full", Stage.THRESHOLDS),
    ),
    Claim(
        id="gradient-top-length",
        origin="paper",
        source="Theorem 2",
        statement="Restricted to the two sectors with most copies, N = L, and the gradient "
        "vanishes as a power of the length.",
        rule=ScalingLaw(
            quantity="E[g^2] of the chains with d = 3",
            expected="power",
            against="the number of sites",
        ),
        evidence=lambda results: _law("tl_top", 2, results),
        figure="gradient_scaling",
        store=("tl_top", Stage.THRESHOLDS),
    ),
)
