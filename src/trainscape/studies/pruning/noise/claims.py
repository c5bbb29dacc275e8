"""What is claimed of training under noise, and by which rules it is judged.

To first order in the strength p, noise adds p times the sum over all gates of the energy that is
lost if the qubits of one gate are replaced by mixed ones. In the ground state of the ring a bond
and a field have -0.65 each; a mixed qubit costs three of these terms, two neighbours five, others
six. That makes 2.6 J for a gate of the pruned ansatz, 2.9 for A1 and 2.5 for the dense one: equal
to 17 %. The limit of 1.5 leaves room for gates in the middle of a circuit, where the state is
another.

Fisher information: its large eigenvalues lose a share of p for each gate or so. A direction in
which the pure state does not move changes the part of the state that noise has mixed in, of weight
p, by p; a squared derivative over an eigenvalue is p^2 over p. So it is lifted in proportion to p.
Dense and pruned ansatz of two layers have 36 and 16 gates, and should lose as one to 0.44; the
limit of 0.75 leaves room for gates that cost more than others.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow, PairedGain
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.evidence import paired_evidence
from trainscape.studies.reporting import Evidence, Results, claim

RUNS = ("noise", Stage.SIMULATE)
TESTS = ("noise", Stage.THRESHOLDS)
PAIRS = 8
"""Least pairs: 2^-7 is below 0.05 after correction for four tests."""
LINEAR = 1e-3
"""Largest strength at which noise counts as weak: p times gates is far below 1."""
FISHER = ("fisher", Stage.SIMULATE)
LESS = 0.75
"""Limit on what the pruned ansatz loses of its Fisher information, over the dense one."""
SAME = 1.5
"""Limit on ratios of what a gate costs."""


def _deepest(table: pd.DataFrame) -> pd.DataFrame:
    return select(table, layers=table["layers"].max())


@claim(
    "At equal noise of each gate, the pruned ansatz ends at a lower energy than the dense one of "
    "equal depth.",
    origin="derived",
    source="it has fewer gates; what the authors call a limit of the method is that large circuits "
    "need good hardware",
    rule=PairedGain(
        "the median difference of final errors under noise, pruned minus dense, at each strength,",
        least={"pairs": PAIRS},
    ),
    figure="noise_errors",
    store=TESTS,
)
def noise_gain(results: Results) -> Evidence:
    rows = _deepest(select(to_frame(results.summary(*TESTS)), shots=0))
    rows = rows[rows["strength"] > 0]
    return paired_evidence(rows, [f"p = {p:g}" for p in rows["strength"]], [1] * len(rows))


def _lost_per_gate(results: Results) -> pd.DataFrame:
    table = _deepest(select(to_frame(results.summary(*RUNS)), shots=0))
    weak = table[(table["strength"] > 0) & (table["strength"] <= LINEAR)]
    return weak.assign(per_gate=weak["lost"] / (weak["strength"] * weak["gates"]))


@claim(
    "Weak noise costs the same energy for each gate, whatever the ansatz: what it adds to the "
    "energy is proportional to the number of gates.",
    origin="derived",
    source="first order in the strength, see the module of the claims",
    rule=AllBelow(
        "the cost of a gate in A1, A2 and A3 over that in the dense ansatz, or its inverse,",
        limit=SAME,
        least={"stages": 4, "restarts": PAIRS},
    ),
    figure="noise_per_gate",
    store=RUNS,
)
def noise_per_gate(results: Results) -> Evidence:
    table = _lost_per_gate(results)
    ratios, facts = [], {}
    for strength, rows in table.groupby("strength"):
        costs = dict(zip(rows["stage"], rows["per_gate"], strict=True))
        for stage, cost in costs.items():
            facts[f"{stage}, p = {strength:g}: J for each gate"] = float(cost)
            if "A0" in costs and stage != "A0":
                ratios.append(max(cost / costs["A0"], costs["A0"] / cost))
    restarts = int(table["restarts"].min()) if len(table) else 0
    counts = {"stages": table["stage"].nunique(), "restarts": restarts}
    return Evidence(data=ratios or None, counts=counts, facts=facts)


@claim(
    "Weak noise adds to the energy in proportion to its strength.",
    origin="derived",
    source="first order in the strength; the second order is p times gates over two",
    rule=AllBelow(
        "the distance from 1 of what is added for each unit of strength, at one weak strength over "
        "another,",
        limit=0.1,
        least={"stages": 4, "restarts": PAIRS},
    ),
    figure="noise_per_gate",
    store=RUNS,
)
def noise_linear(results: Results) -> Evidence:
    table = _lost_per_gate(results)
    facts = {}
    for stage, rows in table.groupby("stage"):
        if rows["strength"].nunique() > 1:
            ordered = rows.sort_values("strength")["per_gate"].to_numpy()
            facts[str(stage)] = float(ordered[-1] / ordered[0])
    distances = np.abs(np.array(list(facts.values())) - 1)
    restarts = int(table["restarts"].min()) if len(table) else 0
    counts = {"stages": len(facts), "restarts": restarts}
    return Evidence(data=distances if facts else None, counts=counts, facts=facts)


@claim(
    "With one layer, which is too few for the pruned ansatz, the dense one ends lower without "
    "noise, and the pruned one at strong noise.",
    origin="derived",
    source="a floor of the pruned ansatz against the cost of ten more gates",
    rule=PairedGain(
        "the median difference of final errors, dense minus pruned without noise and pruned minus "
        "dense at the strongest noise,",
        least={"pairs": PAIRS},
    ),
    figure="noise_errors",
    store=TESTS,
)
def noise_crossover(results: Results) -> Evidence:
    table = select(to_frame(results.summary(*TESTS)), shots=0, layers=1).sort_values("strength")
    ends = table.iloc[[0, -1]] if len(table) > 1 else table.iloc[:0]
    ends = ends if len(ends) and ends["strength"].iloc[0] == 0 else ends.iloc[:0]
    names = ["dense, no noise", "pruned, strongest noise"][: len(ends)]
    evidence = paired_evidence(ends, names, [-1, 1][: len(ends)])
    crossing = _crossing(table["strength"].to_numpy(), table["difference"].to_numpy())
    return Evidence(
        data=evidence.data,
        counts=evidence.counts,
        facts={**evidence.facts, "strength at which both are equal": crossing},
    )


def _crossing(strengths: np.ndarray, differences: np.ndarray) -> float | None:
    """Return the strength at which the difference changes its sign, by linear interpolation."""
    for (low, high), (before, after) in zip(
        pairwise(strengths), pairwise(differences), strict=True
    ):
        if before > 0 >= after:
            return float(low + (high - low) * before / (before - after))
    return None


@claim(
    "With equally many shots for each setting, the pruned ansatz ends at a lower energy than the "
    "dense one.",
    origin="derived",
    source="fewer parameters pick up less noise of the gradient",
    rule=PairedGain(
        "the median difference of final errors under noise, pruned minus dense, at each number of "
        "shots,",
        least={"pairs": PAIRS},
    ),
    figure="noise_shots",
    store=TESTS,
)
def noise_shots(results: Results) -> Evidence:
    table = to_frame(results.summary(*TESTS))
    rows = _deepest(table[table["shots"] > 0])
    return paired_evidence(rows, [f"{shots} shots" for shots in rows["shots"]], [1] * len(rows))


def _fisher(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*FISHER))


def _proportions(table: pd.DataFrame, name: str) -> dict[str, float]:
    """Return, for each ansatz, how far from 1 the growth from weak noise is, over that of p."""
    facts = {}
    weak = table[(table["strength"] <= LINEAR) & (table[name] > 0)]
    for (stage, layers), rows in weak.groupby(["stage", "layers"]):
        if rows["strength"].nunique() > 1:
            ordered = rows.sort_values("strength")
            growth = (ordered[name] / ordered["strength"]).to_numpy()
            facts[f"{stage}, L = {layers}"] = float(growth[-1] / growth[0])
    return facts


def _distances(results: Results, name: str) -> Evidence:
    table = _fisher(results)
    facts = _proportions(table, name)
    data = [abs(value - 1) for value in facts.values()]
    points = int(table["points"].min()) if len(table) else 0
    counts = {"ansätze": len(facts), "points": points}
    return Evidence(data=data or None, counts=counts, facts=facts)


@claim(
    "Directions in which the pure state does not move have Fisher information under weak noise, in "
    "proportion to its strength.",
    origin="derived",
    source="first order in the strength, see the module of the claims",
    rule=AllBelow(
        "the distance from 1 of what directions gain for each unit of strength, at one weak "
        "strength over another,",
        limit=0.1,
        least={"ansätze": 4, "points": PAIRS},
    ),
    figure="noise_fisher",
    store=FISHER,
)
def fisher_lifted(results: Results) -> Evidence:
    return _distances(results, "lifted")


@claim(
    "Weak noise takes a share of the Fisher information in proportion to its strength.",
    origin="derived",
    source="first order in the strength",
    rule=AllBelow(
        "the distance from 1 of the share lost for each unit of strength, at one weak strength "
        "over another,",
        limit=0.1,
        least={"ansätze": 4, "points": PAIRS},
    ),
    figure="noise_fisher",
    store=FISHER,
)
def fisher_lost(results: Results) -> Evidence:
    return _distances(results, "lost")


@claim(
    "At equal noise of each gate and equal depth, the pruned ansatz loses a smaller share of its "
    "Fisher information than the dense one.",
    origin="derived",
    source="it has fewer gates",
    rule=AllBelow(
        "the share lost, pruned over dense, at each strength",
        limit=LESS,
        least={"strengths": 3, "points": PAIRS},
    ),
    figure="noise_fisher",
    store=FISHER,
)
def fisher_gain(results: Results) -> Evidence:
    table = _fisher(results)
    facts = {}
    for (layers, strength), rows in table.groupby(["layers", "strength"]):
        lost = dict(zip(rows["stage"], rows["lost"], strict=True))
        if {"A0", "A3"} <= set(lost):
            facts[f"L = {layers}, p = {strength:g}"] = float(lost["A3"] / lost["A0"])
    points = int(table["points"].min()) if len(table) else 0
    counts = {"strengths": len(facts), "points": points}
    return Evidence(data=list(facts.values()) or None, counts=counts, facts=facts)
