"""What the paper claims, as far as this study tests it, and what was measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from trainscape.studies.contract import Claim, Results, Stage
from trainscape.studies.fragmentation.attacks.claims import claims as attacks_claims
from trainscape.studies.fragmentation.failures.claims import claims as failure_claims
from trainscape.studies.fragmentation.generalisation.claims import claims as generalisation_claims
from trainscape.studies.fragmentation.loss_law.claims import claims as loss_law_claims
from trainscape.studies.fragmentation.models.claims import claims as models_claims
from trainscape.studies.fragmentation.shots.claims import claims as shots_claims
from trainscape.studies.fragmentation.spectra.claims import claims as spectra_claims
from trainscape.studies.fragmentation.training.claims import claims as training_claims

__all__ = ["claims"]

PAPER = "arXiv:2512.00751"
FEWEST_INSTANCES = 5
Verdict = Literal["reproduced", "not reproduced", "holds only if", "cannot be tested at this size"]


def _haar(results: Results) -> Claim:
    """Compare measured second moments with the exact Haar average, which stands in for the lower bound of the paper's Theorem 2."""
    table = results.summary("tl_full", Stage.GRADIENTS)
    inside = (table["haar_ratio_low"] <= 1) & (table["haar_ratio_high"] >= 1)
    weights = 1 / ((table["haar_ratio_high"] - table["haar_ratio_low"]).values / 3.92) ** 2
    mean = float(np.sum(weights * table["haar_ratio"].values) / weights.sum())
    error = 1.96 / float(np.sqrt(weights.sum()))
    # The intervals come from the spread between instances, and two or three of those say nothing.
    enough = int(table["instances"].min()) >= FEWEST_INSTANCES
    agrees = abs(mean - 1) < 0.15 and float(inside.mean()) >= 0.75
    verdict: Verdict = "cannot be tested at this size" if not enough else "reproduced" if agrees else "not reproduced"
    return Claim(
        id="gradient-haar",
        paper=PAPER,
        section="Theorem 2",
        statement="The gradient does not vanish faster than the Krylov dimensions demand: its variance is that of Haar-random blocks.",
        verdict=verdict,
        measured=mean,
        interval=(mean - error, mean + error),
        samples=int(table["samples"].sum()),
        expected="ratio of measured to Haar variance = 1, interval of each system containing 1 in 95 % of the systems",
        figure="gradient_scaling",
        store=results.store("tl_full", Stage.GRADIENTS),
        note=f"95 % interval of the weighted mean over {table.sizes['system']} systems, of which {int(inside.sum())} have 1 in their own interval; "
        "intervals from few instances are too short. The constants of the theorem were not accessible; the exact Haar average takes their place.",
    )


def _fit(results: Results, family: str, series: str, abscissa: str) -> xr.Dataset | None:
    table = results.summary(family, Stage.THRESHOLDS)
    found = np.flatnonzero((table["series"].values == series) & (table["abscissa"].values == abscissa))
    return table.isel(fit=int(found[0])) if len(found) else None


def _scaling(results: Results, identity: str, family: str, series: str, abscissa: str, statement: str, expected: str) -> Claim:
    """Report which scaling law a series obeys."""
    fit = _fit(results, family, series, abscissa)
    samples = int(results.summary(family, Stage.GRADIENTS)["samples"].sum())
    verdict: Verdict = "cannot be tested at this size"
    measured, interval, note = None, None, "too few sizes"
    if fit is not None:
        found = str(fit["verdict"].values)
        law = expected if found == "undecided" else found
        measured = float(fit[f"{law}_slope"])
        low, high = float(fit[f"{law}_slope_low"]), float(fit[f"{law}_slope_high"])
        interval = (low, high) if np.isfinite(low) and np.isfinite(high) else None
        if found != "undecided":
            verdict = "reproduced" if found == expected else "not reproduced"
        delta = float(fit["delta_aicc"])
        note = f"{int(fit['sizes'])} sizes; AICc of power law minus exponential {delta:.1f}: {found}; slope of log E[g^2] under the {law} law, 95 % interval"
    return Claim(
        id=identity,
        paper=PAPER,
        section="Theorem 2 and the no-go for local generators derived here",
        statement=statement,
        verdict=verdict,
        measured=measured,
        interval=interval,
        samples=samples,
        expected=f"{expected} law",
        figure="gradient_scaling",
        store=results.store(family, Stage.THRESHOLDS),
        note=note,
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    exponential = "The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish exponentially with its length."
    polynomial = "Restricted to the two sectors with most copies, N = L, and the gradient vanishes as a power of the length."
    return [
        _haar(results),
        _scaling(results, "gradient-full-length", "tl_full", "d=3, all sectors", "sites", exponential, "exponential"),
        _scaling(results, "gradient-top-length", "tl_top", "d=3, top 2", "sites", polynomial, "power"),
        *training_claims(results),
        *generalisation_claims(results),
        *failure_claims(results),
        *spectra_claims(results),
        *loss_law_claims(results),
        *shots_claims(results),
        *models_claims(results),
        *attacks_claims(results),
    ]
