"""Claims of the group: the condition on N, model by model; the bound that local generators obey; gradients with a model's own N."""

from __future__ import annotations

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.studies.fragmentation.rules import PAPER, ratio_verdict

__all__ = ["claims"]


def _condition(results: Results) -> Claim:
    """Report for which models the sum of the Krylov dimensions grows polynomially on the full space."""
    table = results.summary("models", Stage.DATASET)
    answers = dict(zip(table["model"].values.tolist(), table["verdict_polynomial_krylov_sum"].values.tolist(), strict=True))
    groups = {answer: [name for name, found in answers.items() if found == answer] for answer in ("yes", "no", "undecided")}
    decided = len(groups["yes"]) + len(groups["no"])
    verdict: Verdict = "cannot be tested at this size"
    if decided:
        verdict = "reproduced" if not groups["no"] else "holds only if" if groups["yes"] else "not reproduced"
    listed = "; ".join(f"{answer}: {', '.join(names) or 'none'}" for answer, names in groups.items())
    return Claim(
        id="models-polynomial-krylov-sum",
        paper=PAPER,
        section="condition on N (abstract)",
        statement="Fragmented models have a sum N of distinct Krylov dimensions that is polynomial in the length.",
        verdict=verdict,
        measured=len(groups["yes"]) / decided if decided else None,
        interval=None,
        samples=table.sizes["system"],
        expected="share of the models with polynomial N on the full space, among those that the lengths decide",
        figure="krylov_table",
        store=results.store("models", Stage.DATASET),
        note=f"By a fit of log2 N with a linear and a logarithmic term in the length. {listed}. The body of the paper was not available to us; a restriction to few sectors, where N is "
        "polynomial, is tested by gradient-top-length.",
    )


def _bound(results: Results) -> Claim:
    """Hold every system against the bound for generators on disjoint supports."""
    table = results.summary("models", Stage.DATASET)
    local = table["range"].values < table["sites"].values
    least = np.where(local, np.maximum(table["bound"].values, table["range_bound"].values), table["bound"].values)
    ratio = table["krylov_sum"].values / least
    return Claim(
        id="models-no-go",
        paper=PAPER,
        section="derived here, not in the paper: docs/fragmentation.md",
        statement="Generators of range r on every place of a chain give N >= 2^floor(L/r): on the full space local models cannot meet the condition on N.",
        verdict="reproduced" if ratio.min() >= 1 else "not reproduced",
        measured=float(ratio.min()),
        interval=None,
        samples=table.sizes["system"],
        expected="smallest N / bound over all models and lengths at least 1",
        figure="models",
        store=results.store("models", Stage.DATASET),
        note=f"{int((ratio == 1).sum())} of {table.sizes['system']} systems reach the bound. It holds on tensor-product spaces; it does not touch the theorems where their condition holds (few sectors, "
        "collective generators, constrained spaces).",
    )


def _closed_forms(results: Results) -> Claim:
    """Report whether the sectors found agree with what is known."""
    table = results.summary("models", Stage.DATASET)
    known, agree = int(table["closed_forms"].sum()), int(table["closed_forms_agree"].sum())
    return Claim(
        id="models-closed-forms",
        paper=PAPER,
        section="learning without knowing the algebra (abstract)",
        statement="The Krylov spaces can be had from the list of generators alone: sectors found numerically agree with all closed forms.",
        verdict="reproduced" if agree == known else "not reproduced",
        measured=agree / known,
        interval=None,
        samples=known,
        expected="share of known numbers (N, dim A, dim C, components, largest component) that agree = 1",
        figure="krylov_table",
        store=results.store("models", Stage.DATASET),
        note=f"largest deviation of a generator from its block form {float(table['deviation'].max()):.1e}. The search is classical and costs the cube of the largest component.",
    )


def _gradients(results: Results) -> Claim:
    """Compare the gradients of all models with the exact Haar average, each with its own N."""
    table = results.summary("models", Stage.GRADIENTS)
    found = ratio_verdict(table["haar_ratio"], table["haar_ratio_low"], table["haar_ratio_high"], table["instances"])
    outside = [f"{m} L={s}" for m, s, fine in zip(table["model"].values, table["sites"].values, found.inside, strict=True) if not fine]
    return Claim(
        id="models-gradient-haar",
        paper=PAPER,
        section="Theorem 2",
        statement="For every model the gradient is that of Haar-random blocks with the model's own Krylov dimensions.",
        verdict=found.verdict,
        measured=found.mean,
        interval=found.interval,
        samples=int(table["samples"].sum()),
        expected="ratio of measured to Haar second moment = 1",
        figure="models",
        store=results.store("models", Stage.GRADIENTS),
        note=f"95 % interval of the weighted mean over {table.sizes['system']} systems of {len(set(table['model'].values))} models, of which {int(found.inside.sum())} have 1 in their own "
        f"interval{'; outside: ' + ', '.join(outside) if outside else ''}. Intervals from few instances are too short. With many frozen sectors "
        "the gate turns one state of a large ancilla, and the average is reached from below only with more parameters.",
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims of the group."""
    return [_condition(results), _bound(results), _closed_forms(results), _gradients(results)]
