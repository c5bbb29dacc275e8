"""Claims about failures."""

from __future__ import annotations

from trainscape.studies.contract import Claim, Results, Stage, Verdict

__all__ = ["claims"]


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    table = results.summary("failures", Stage.SIMULATE)
    sound = table["failure"].values == "none"
    losses = table["loss"].values
    named = bool((table["named"] == table["instances"]).all())
    learned = float(losses[sound].max())
    verdict: Verdict = (
        "reproduced"
        if named and learned < 1e-8 and losses[~sound].min() > 0.01
        else "not reproduced"
    )
    return [
        Claim(
            id="failure-signatures",
            paper="arXiv:2512.00751",
            section="Theorem 1, Theorem 3 and Section 2",
            statement="Generic coupled gates, long random times, enough parameters and all sectors in the training set are each needed to learn.",
            verdict=verdict,
            measured=float(losses[~sound].min()),
            interval=None,
            samples=int(table["restarts"].sum()),
            expected="median loss of the sound network below 1e-8, of each with one thing wrong above 0.01, and the diagnosis made before training names that thing alone",
            figure="failures",
            store=results.store("failures", Stage.SIMULATE),
            note=f"measured: least median loss of the failures; sound network {learned:.1e}; right diagnosis for {int(table['named'].sum())} of {int(table['instances'].sum())} networks.",
        )
    ]
