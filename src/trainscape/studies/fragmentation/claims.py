"""What the paper claims, as far as this study tests it, and what was measured."""

from __future__ import annotations

from functools import partial

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage
from trainscape.studies.fragmentation.attacks.claims import claims as attacks_claims
from trainscape.studies.fragmentation.failures.claims import claims as failure_claims
from trainscape.studies.fragmentation.generalisation.claims import claims as generalisation_claims
from trainscape.studies.fragmentation.loss_law.claims import claims as loss_law_claims
from trainscape.studies.fragmentation.models.claims import claims as models_claims
from trainscape.studies.fragmentation.rules import PAPER, law_claim, ratio_verdict
from trainscape.studies.fragmentation.shots.claims import claims as shots_claims
from trainscape.studies.fragmentation.spectra.claims import claims as spectra_claims
from trainscape.studies.fragmentation.training.claims import claims as training_claims

__all__ = ["claims"]


def _haar(results: Results) -> Claim:
    """Compare measured second moments with the exact Haar average, which stands in for the lower bound of the paper's Theorem 2."""
    table = results.summary("tl_full", Stage.GRADIENTS)
    found = ratio_verdict(
        table["haar_ratio"], table["haar_ratio_low"], table["haar_ratio_high"], table["instances"]
    )
    return Claim(
        id="gradient-haar",
        paper=PAPER,
        section="Theorem 2",
        statement="The gradient does not vanish faster than the Krylov dimensions demand: its variance is that of Haar-random blocks.",
        verdict=found.verdict,
        measured=found.mean,
        interval=found.interval,
        samples=int(table["samples"].sum()),
        expected="ratio of measured to Haar variance = 1, interval of each system containing 1 in 95 % of the systems",
        figure="gradient_scaling",
        store=results.store("tl_full", Stage.GRADIENTS),
        note=f"95 % interval of the weighted mean over {table.sizes['system']} systems, of which {int(found.inside.sum())} have 1 in their own interval; "
        "intervals from few instances are too short. The constants of the theorem were not accessible; the exact Haar average takes their place.",
    )


def _close_look(results: Results) -> list[Claim]:
    """Judge the formula on the systems with many instances: one claim, if there are any."""
    table = results.summary("tl_full", Stage.GRADIENTS)
    table = table.isel(system=np.flatnonzero(np.isfinite(table["haar_ratio_low_99"].values)))
    if not table.sizes["system"]:
        return []
    low, high = table["haar_ratio_low_99"].values, table["haar_ratio_high_99"].values
    inside = (low <= 1) & (high >= 1)
    worst = int(np.argmax(np.abs(table["haar_ratio"].values - 1)))
    rows = zip(
        table["site_dim"].values,
        table["sites"].values,
        table["haar_ratio"].values,
        low,
        high,
        strict=True,
    )
    return [
        Claim(
            id="gradient-haar-close",
            paper=PAPER,
            section="Theorem 2",
            statement="The second moment of the gradient over draws of the coefficients is the exact Haar average.",
            verdict="reproduced" if inside.all() else "not reproduced",
            measured=float(table["haar_ratio"].values[worst]),
            interval=(float(low[worst]), float(high[worst])),
            samples=int(table["samples"].sum()),
            expected="the 99 % interval of the ratio, over draws of the coefficients, contains 1 in every system",
            figure="gradient_scaling",
            store=results.store("tl_full", Stage.GRADIENTS),
            note=f"Measured is the ratio farthest from 1; {int(table['instances'].min())} draws of the coefficients or more in each system: "
            + "; ".join(
                f"d={d}, L={sites}: {ratio:.4f} ({a:.4f} to {b:.4f})"
                for d, sites, ratio, a, b in rows
            )
            + ".",
        )
    ]


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    law = partial(law_claim, results, quantity="E[g^2]", figure="gradient_scaling")
    exponential = "The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish exponentially with its length."
    polynomial = "Restricted to the two sectors with most copies, N = L, and the gradient vanishes as a power of the length."
    return [
        _haar(results),
        *_close_look(results),
        law(
            "gradient-full-length",
            exponential,
            "tl_full",
            Stage.GRADIENTS,
            "d=3, all sectors",
            expected="exponential",
        ),
        law(
            "gradient-top-length",
            polynomial,
            "tl_top",
            Stage.GRADIENTS,
            "d=3, top 2",
            expected="power",
        ),
        *training_claims(results),
        *generalisation_claims(results),
        *failure_claims(results),
        *spectra_claims(results),
        *loss_law_claims(results),
        *shots_claims(results),
        *models_claims(results),
        *attacks_claims(results),
    ]
