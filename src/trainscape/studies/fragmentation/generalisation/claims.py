"""Claims about generalisation: Theorem 1."""

from __future__ import annotations

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.studies.fragmentation.rules import PAPER

__all__ = ["claims"]

EXACT = 1e-10
"""Largest deviation from an equality or a bound that is put down to rounding."""
FEWEST = 5
"""Instances, for a mean."""


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    table = results.summary("generalisation", Stage.SIMULATE)
    store = results.store("generalisation", Stage.SIMULATE)
    networks = int(table["networks"].sum())
    whole = table.isel(row=np.flatnonzero(table["missing"].values == "nothing"))
    partial = table.isel(row=np.flatnonzero(table["missing"].values != "nothing"))

    def claim(
        identity: str,
        statement: str,
        verdict: Verdict,
        measured: float | None,
        samples: int,
        expected: str,
        note: str,
        interval: tuple[float, float] | None = None,
    ) -> Claim:
        return Claim(
            id=identity,
            paper=PAPER,
            section="Theorem 1",
            statement=statement,
            verdict=verdict,
            measured=measured,
            interval=interval,
            samples=samples,
            expected=expected,
            figure="generalisation",
            store=store,
            note=note,
        )

    spread = float(max(table["copy_spread"].max(), table["copy_superposition_deviation"].max()))
    excess = float(
        np.nanmax(
            [
                whole["full_excess"].max(),
                whole["training_excess"].max(),
                np.nanmax(whole["krylov_excess"].values),
            ]
        )
    )
    exponents = whole["exponent"].values
    fitted = np.isfinite(whole["exponent_low"].values)
    worst = int(np.argmax(np.where(fitted, np.abs(exponents - 2), -1)))
    rises: Verdict = "cannot be tested at this size"
    if fitted.any() and int(whole["instances"].values[fitted].min()) >= FEWEST:
        rises = "reproduced" if abs(exponents[worst] - 2) <= 0.1 else "not reproduced"
    flagged, dropped = int(table["flagged"].sum()), int(partial["networks"].sum())
    deviations = partial["unseen_deviation"].values
    inside = (partial["unseen_deviation_low"].values <= 0) & (
        partial["unseen_deviation_high"].values >= 0
    )
    fails: Verdict = "cannot be tested at this size"
    if len(deviations) and int(partial["instances"].min()) >= FEWEST:
        fails = (
            "reproduced"
            if flagged == networks and (inside | (np.abs(deviations) < 0.05)).all()
            else "not reproduced"
        )
    return [
        claim(
            "generalisation-copies",
            "The loss of a state depends on its sector and Krylov state, and not on its copy.",
            "reproduced" if spread <= EXACT else "not reproduced",
            spread,
            networks,
            f"largest spread over all copies and random superpositions of them <= {EXACT:.0e}",
            "Networks evaluated on the full space, without knowledge of sectors; the training sets that lack labels included.",
        ),
        claim(
            "generalisation-bound",
            "The loss on the full data set is bounded by the largest loss over a reduced set with one copy of each Krylov state.",
            "reproduced" if excess <= EXACT else "not reproduced",
            excess,
            int(whole["networks"].sum()),
            f"largest excess of: full loss over the largest trained loss, full loss over M times the training loss, superpositions over sum_q of their Krylov states; <= {EXACT:.0e}",
            "The last bound is derived here, for superpositions inside one Krylov space.",
        ),
        claim(
            "generalisation-outside",
            "Operators outside the bond algebra break generalisation.",
            rises,
            float(exponents[worst]) if fitted.any() else None,
            int(whole["networks"].values[fitted].sum()),
            "loss of a trained network rises with the strength to the power 2 (within 0.1), for a projector on one site",
            "exponent of the chain that deviates most; 95 % interval by Student's t over networks",
            (
                float(whole["exponent_low"].values[worst]),
                float(whole["exponent_high"].values[worst]),
            )
            if fitted.any()
            else None,
        ),
        claim(
            "generalisation-missing",
            "A label that is not in the training set is not learned.",
            fails,
            float(np.abs(deviations).max()) if len(deviations) else None,
            dropped,
            "mean loss of labels left out = Haar average on what training leaves free (in its interval, or within 0.05); the coverage test names exactly what is missing",
            f"largest deviation; 95 % intervals by Student's t over instances contain 0 for {int(inside.sum())} of {len(deviations)} cases; "
            f"the coverage test was right for {flagged} of {networks} training sets.",
        ),
    ]
