"""Claims of the group: that the attacks are right; how they scale where N grows exponentially, and where it does not."""

from __future__ import annotations

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.studies.fragmentation.rules import PAPER

__all__ = ["claims"]

EXACT = 1e-7
"""Deviation of a loss below which an attack is called exact: far below any gradient, far above the errors of its linear algebra."""


def _exact(results: Results) -> Claim:
    """Report whether the attacks compute what the network computes."""
    table = results.summary("attacks", Stage.SIMULATE)
    deviation = np.abs(table["deviation"].values)
    checked = np.isfinite(deviation)
    worst = float(deviation[checked].max())
    return Claim(
        id="attacks-exact",
        paper=PAPER,
        section="dequantisation (abstract)",
        statement="The attacks compute the loss, or the label, of the network exactly: their costs are costs of the same task.",
        verdict="reproduced" if worst < EXACT else "not reproduced",
        measured=worst,
        interval=None,
        samples=int(checked.sum()),
        expected=f"largest deviation from the exact loss, or share of wrong labels, below {EXACT:.0e}",
        figure="dequantisation",
        store=results.store("attacks", Stage.SIMULATE),
        note=f"{int(checked.sum())} of {len(deviation)} computations are small enough to be held against another method: the full space, or the path basis.",
    )


def _growth(results: Results, sector: str) -> tuple[dict[str, str], int]:
    """Return the verdict of each attack on Temperley-Lieb chains, for its search against the length, and the number of lengths in all."""
    fits = results.summary("attacks", Stage.THRESHOLDS)
    found, sizes = {}, 0
    for series, abscissa, verdict, count in zip(
        *(fits[name].values for name in ("series", "abscissa", "verdict", "sizes")), strict=True
    ):
        attack, model, rest = str(series).split(", ")
        if (
            abscissa == "sites"
            and rest == f"{sector}: search"
            and model.startswith("temperley_lieb")
        ):
            found[attack] = str(verdict)
            sizes += int(count)
    return found, sizes


def _listed(found: dict[str, str]) -> str:
    """Return the verdict of each attack, and what they rest on, for a note."""
    return (
        "; ".join(f"{attack}: {answer}" for attack, answer in found.items())
        + ". Growth of the operations of the search for an effective description, in whose dimension one loss is polynomial. AICc of power law against exponential on short windows; "
        "exact counts; samples: lengths, summed over the attacks."
    )


def _full(results: Results) -> Claim:
    """Report whether any attack is polynomial in the length where N grows exponentially."""
    found, sizes = _growth(results, "largest")
    decided = [verdict for verdict in found.values() if verdict != "undecided"]
    share = sum(verdict == "exponential" for verdict in decided) / len(decided) if decided else None
    verdict: Verdict = (
        "cannot be tested at this size"
        if share is None
        else "reproduced"
        if share == 1
        else "not reproduced"
    )
    return Claim(
        id="attacks-full-exponential",
        paper=PAPER,
        section="dequantisation (abstract)",
        statement="In the largest sector of the Temperley-Lieb chain, where N grows exponentially, none of the attacks tried is efficient in the length.",
        verdict=verdict,
        measured=share,
        interval=None,
        samples=sizes,
        expected="share of the attacks, among those that the lengths decide, whose search grows exponentially with the length = 1",
        figure="dequantisation",
        store=results.store("attacks", Stage.THRESHOLDS),
        note=f"{_listed(found)} The network, too, then has exponentially small gradients.",
    )


def _one_dimer(results: Results) -> Claim:
    """Report which attacks are polynomial where the Krylov dimension is."""
    found, sizes = _growth(results, "one_dimer")
    decided = [verdict for verdict in found.values() if verdict != "undecided"]
    share = sum(verdict == "power" for verdict in decided) / len(decided) if decided else None
    verdict: Verdict = (
        "cannot be tested at this size"
        if share is None
        else "holds only if"
        if share
        else "reproduced"
    )
    return Claim(
        id="attacks-one-dimer",
        paper=PAPER,
        section="dequantisation (abstract)",
        statement="Known dequantisation methods fail where the network is trainable. Here: in the sector with one dimer, of Krylov dimension L - 1.",
        verdict=verdict,
        measured=share,
        interval=None,
        samples=sizes,
        expected="share of the attacks, among those that the lengths decide, whose search is a power law in the length = 0",
        figure="dequantisation",
        store=results.store("attacks", Stage.THRESHOLDS),
        note=f"{_listed(found)} The state is an arc beside a product of frozen sites: the search of product states needs that, words need any short matrix product form of it, diagrams need the "
        "relations of the algebra. So the claim can hold only for states without a short description under generators whose relations are unknown, which is not tested here.",
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims of the group."""
    return [_exact(results), _full(results), _one_dimer(results)]
