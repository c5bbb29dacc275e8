"""What a component of the gradient costs in shots: claims and measurements."""

from __future__ import annotations

from functools import partial

from trainscape.studies.contract import Claim, Results, Stage
from trainscape.studies.fragmentation.rules import PAPER, law_claim, ratio_verdict

__all__ = ["claims"]


def _formula(results: Results) -> Claim:
    """Compare the shots that resolve the gradient with the Haar prediction."""
    table = results.summary("shots", Stage.SIMULATE).drop_dims("budget").to_dataframe()
    found = ratio_verdict(
        table["ratio"], table["ratio_low"], table["ratio_high"], table["instances"]
    )
    return Claim(
        id="shots-formula",
        paper=PAPER,
        section="Theorem 2",
        statement="The gradient is measured with a number of shots that is the inverse of its variance, up to the variance of one shot.",
        verdict=found.verdict,
        measured=found.mean,
        interval=found.interval,
        samples=int(table["samples"].sum()),
        expected="measured over predicted shots = 1; prediction: Haar averages of the variance l (1 - l) of one shot and of the squared gradient",
        figure="shots",
        store=results.store("shots", Stage.SIMULATE),
        note=f"95 % interval of the weighted mean over {len(table)} systems, of which {int(found.inside.sum())} have 1 in their own interval. Four-term shift rule; it deviates from "
        f"the exact derivative by at most {table['largest_deviation_of_shift_rule'].max():.1g}.",
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims of the family ``shots``."""
    law = partial(
        law_claim, results, family="shots", sampled=Stage.SIMULATE, quantity="n_*", figure="shots"
    )
    exponential = "With all sectors, the shots for one component of the gradient grow exponentially with the length."
    power = "With the top two sectors, they grow as a power of the length."
    return [
        _formula(results),
        law("shots-full-length", exponential, series="all sectors", expected="exponential"),
        law("shots-top-length", power, series="top 2", expected="power"),
    ]
