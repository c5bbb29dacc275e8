"""What follows for the losses of single inputs if the network is Haar-random in each sector, and what was measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
from statsmodels.stats.multitest import multipletests

from trainscape.studies.contract import Claim, Results, Stage

__all__ = ["claims"]

FEWEST_PARAMETERS = 20
FEWEST_SAMPLES = 500
LEVEL = 0.01


def claims(results: Results) -> list[Claim]:
    """Return the claim about the distribution of losses: Kolmogorov-Smirnov tests, Holm-corrected over the sectors, chains and numbers of parameters."""
    table = results.summary("loss_law", Stage.SIMULATE).to_dataframe()
    deep = table[table["parameters"] >= FEWEST_PARAMETERS]
    verdict: Literal[
        "reproduced", "not reproduced", "holds only if", "cannot be tested at this size"
    ] = "cannot be tested at this size"
    rejected = np.zeros(len(deep), dtype=bool)
    if len(deep):
        rejected = multipletests(deep["p_value"].to_numpy(), alpha=LEVEL, method="holm")[0]
        if deep["samples"].min() >= FEWEST_SAMPLES:
            # On one-dimensional sectors all generators vanish, see the stage.
            frozen = (deep["dimension"] == 1).to_numpy()
            verdict = (
                "reproduced"
                if not rejected.any()
                else "not reproduced"
                if rejected[~frozen].any()
                else "holds only if"
            )
    where = [
        f"L = {row.sites:.0f}, p = {row.parameters:.0f}, 2 lambda = {row.through_lines:.0f}"
        for row in deep[rejected].itertuples()
    ]
    return [
        Claim(
            id="loss-law",
            paper="arXiv:2512.00751",
            section="Hypothesis 1",
            statement="At random parameters the output of each input is a Haar-random state of its sector, so that its loss follows Beta(N_lambda (N_a - 1), N_lambda).",
            verdict=verdict,
            measured=float(deep["distance"].max()) if len(deep) else None,
            interval=None,
            samples=int(deep["samples"].sum()),
            expected=f"no Kolmogorov-Smirnov test rejects at a family-wise level of {LEVEL:.0%} where p >= {FEWEST_PARAMETERS}",
            figure="loss_law",
            store=results.store("loss_law", Stage.SIMULATE),
            note=f"{int(rejected.sum())} of {len(deep)} tests reject (Holm){': ' + '; '.join(where) if where else ''}. Measured: the largest distance of the two "
            "cumulative distributions."
            + (
                " All of them in the sector of dimension 1, where all generators vanish and the ancilla mixes slowly in some instances: the law holds only if the generators act."
                if verdict == "holds only if"
                else ""
            ),
        )
    ]
