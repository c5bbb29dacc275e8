"""What is claimed of the scaling of gradients, and by which rules it is judged."""

from __future__ import annotations

from trainscape.studies.contract import Claim, Evidence, Results, Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import RatioIsOne, ScalingLaw, Share
from trainscape.studies.kit.tables import estimates, select, to_frame

FEWEST_INSTANCES = 5
"""Intervals come from the spread between instances; those from fewer say nothing."""


def _haar(results: Results) -> Evidence:
    """Return the ratios of measured second moments to the exact Haar average."""
    frame = to_frame(results.summary("tl_full", Stage.GRADIENTS))
    ratios = estimates(frame, "haar_ratio", "instances")
    return Evidence(
        data=ratios,
        counts={"instances": int(frame["instances"].min()), "samples": int(frame["samples"].sum())},
        facts={
            "systems": len(frame),
            "systems whose own interval contains 1": sum(ratio.contains(1) for ratio in ratios),
        },
    )


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
    laws = to_frame(results.summary(family, Stage.THRESHOLDS))
    fits = select(laws, abscissa="sites", site_dim=3, top_sectors=top_sectors)
    samples = to_frame(results.summary(family, Stage.GRADIENTS))["samples"]
    return Evidence(
        data=fits.iloc[0].to_dict() if len(fits) else None,
        counts={"samples": int(samples.sum())},
        facts={} if fits.empty else {"sizes": int(fits["sizes"].iloc[0])},
    )


NO_GO = "Theorem 2, with the no-go for local generators derived here: N >= 2^floor(L/2)"

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
        evidence=_haar,
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
        statement="Restricted to the two sectors with most copies, N = L, and the gradient vanishes "
        "as a power of the length.",
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
