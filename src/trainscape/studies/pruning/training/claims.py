"""What is claimed of training before and after pruning, and by which rules it is judged.

Least numbers have intervals, because 40 restarts do not tell a success of 88 % from one of 92 %;
ratios of them are judged by their whole interval, the largest for all systems.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, PairedGain, Share, Within
from trainscape.studies.kit.tables import estimate_at, to_frame
from trainscape.studies.pruning.evidence import counted
from trainscape.studies.pruning.names import SMALLER
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.paired import PairedTest

EXPERIMENTS = "abstract and the three metrics of section 4, as far as summaries tell them"
FEWEST_RESTARTS = 40
FEWEST_CASES = 3
LEAST = {"systems": FEWEST_CASES, "restarts": FEWEST_RESTARTS}
RUNS = ("training", Stage.SIMULATE)
LEAST_DEPTHS = ("training", Stage.THRESHOLDS)
FINAL_ERRORS = ("training", Stage.GRADIENTS)
OVER = 2.0
"""Least number of parameters, in units of the rank, up to which the rank explains it."""


def _over(above: Estimate, below: Estimate) -> Estimate:
    """Return the ratio of two estimates, between the ratios of the ends that lie farthest apart.

    Both may be infinite: then the ratio is not known.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        value, low, high = (
            float(np.divide(a, b))
            for a, b in (
                (above.value, below.value),
                (above.low, below.high),
                (above.high, below.low),
            )
        )
    return Estimate(
        value, math.nan, low, high, above.level, min(above.samples, below.samples), "ends"
    )


def _largest(ratios: Mapping[str, Estimate]) -> Estimate | None:
    """Return the largest of several ratios: between the largest low and the largest high end."""
    known = [ratio for ratio in ratios.values() if not math.isnan(ratio.value)]
    if not known:
        return None
    value, low, high = (
        max(getattr(ratio, end) for ratio in known) for end in ("value", "low", "high")
    )
    return Estimate(value, math.nan, low, high, known[0].level, known[0].samples, "largest")


def _facts(ratios: Mapping[str, Estimate]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, ratio in ratios.items():
        facts[name] = ratio.value
        facts[f"interval, {name}"] = [ratio.low, ratio.high]
    return facts


def _ratios(
    table: pd.DataFrame, name: str, pair: tuple[str, str], by: Sequence[str]
) -> dict[str, Estimate]:
    """Return a number at a later stage of pruning over that at an earlier one."""
    before, after = pair
    ratios: dict[str, Estimate] = {}
    for names, rows in table.groupby(list(by), sort=False):
        known = {row["stage"]: estimate_at(row, name) for row in rows.to_dict("records")}
        if before in known and after in known:
            place = ", ".join(
                f"{key} = {value}" for key, value in zip(by[1:], names[1:], strict=True)
            )
            ratios[f"{names[0]}, {place}: {after} / {before}"] = _over(known[after], known[before])
    return ratios


def _least(results: Results, name: str, pair: tuple[str, str]) -> Evidence:
    table = to_frame(results.summary(*LEAST_DEPTHS))
    ratios = _ratios(table, name, pair, ("model", "qubits"))
    return Evidence(
        data=_largest(ratios),
        counts=counted(table, "restarts", systems=len(ratios)),
        facts=_facts(ratios),
    )


@claim(
    "Where the dense ansatz does not converge, the pruned one ends at lower energies with no more "
    "gates.",
    origin="paper",
    source=EXPERIMENTS,
    rule=PairedGain(
        "the median difference of final errors, pruned minus dense (less than the smallest limit "
        "is a tie),",
        share=True,
        least={"cases": FEWEST_CASES, "pairs": FEWEST_RESTARTS},
    ),
    figure="error_curves",
    store=FINAL_ERRORS,
)
def pruning_loss(results: Results) -> Evidence:
    table = to_frame(results.summary(*FINAL_ERRORS))
    tests: dict[str, PairedTest] = {}
    facts: dict[str, Any] = {}
    for row in table.to_dict("records"):
        name = f"{row['model']}, n = {row['qubits']}, {row['dense_gates']} gates"
        difference = estimate_at(row, "difference", int(row["pairs"]))
        tests[name] = PairedTest(difference, row["p_holm"], row["effect"])
        facts[f"{name}: dense"] = row["dense_error"]
        facts[f"{name}: pruned, {row['pruned_gates']} gates"] = row["pruned_error"]
    counts = counted(table, "pairs", cases=len(tests))
    return Evidence(data=tests or None, counts=counts, facts=facts)


@claim(
    "The pruned ansatz converges with fewer gates than the dense one.",
    origin="paper",
    source=EXPERIMENTS,
    rule=Within(
        "the largest ratio of least numbers of gates, pruned over dense,",
        high=SMALLER,
        by="interval",
        least=LEAST,
    ),
    figure="least_gates",
    store=LEAST_DEPTHS,
)
def pruning_gates(results: Results) -> Evidence:
    return _least(results, "gates", ("A0", "A3"))


@claim(
    "The pruned ansatz converges with fewer parameters than the dense one.",
    origin="paper",
    source=EXPERIMENTS,
    rule=Within(
        "the largest ratio of least numbers of parameters, pruned over dense,",
        high=SMALLER,
        by="interval",
        least=LEAST,
    ),
    figure="least_gates",
    store=LEAST_DEPTHS,
)
def pruning_parameters(results: Results) -> Evidence:
    return _least(results, "parameters", ("A0", "A3"))


@claim(
    "To share parameters within orbits costs no gates.",
    origin="derived",
    source="the last step of pruning alone: A3 against A2, the same gates with more parameters",
    rule=Within(
        "the largest ratio of least numbers of gates, tied over free,",
        high=1.0,
        by="interval",
        least=LEAST,
    ),
    figure="least_gates",
    store=LEAST_DEPTHS,
)
def tying_gates(results: Results) -> Evidence:
    return _least(results, "gates", ("A2", "A3"))


def _equal_depth(
    results: Results, name: str, per: str | None = None
) -> tuple[dict[str, Estimate], dict[str, int]]:
    """Return a number of the pruned ansatz over that of the dense one, at equal depth."""
    table = to_frame(results.summary(*RUNS))
    if per:
        for end in ("", "_low", "_high"):
            table[f"{name}{end}"] /= table[per]
    table = table[np.isfinite(table[name])]
    ratios = _ratios(table, name, ("A0", "A3"), ("model", "qubits", "layers"))
    systems = len({key.split(", layers")[0] for key in ratios})
    return ratios, counted(table, "restarts", systems=systems)


@claim(
    "Where both converge, the pruned ansatz takes fewer iterations than the dense one of equal "
    "depth.",
    origin="paper",
    source=EXPERIMENTS,
    rule=Within(
        "the largest ratio of median iterations, pruned over dense,",
        high=1.0,
        by="interval",
        least=LEAST,
    ),
    figure="iterations_to_convergence",
    store=RUNS,
)
def pruning_iterations(results: Results) -> Evidence:
    ratios, counts = _equal_depth(results, "iterations")
    return Evidence(data=_largest(ratios), counts=counts, facts=_facts(ratios))


@claim(
    "The tangent kernel of the pruned ansatz is larger than that of the dense one, for each "
    "parameter.",
    origin="paper",
    source="the effective tangent kernel (EQNTK) of symmetric ansätze, abstract",
    rule=AllAbove(
        "the kernel at random angles for each parameter, pruned over dense,",
        limit=1.0,
        least=LEAST,
    ),
    figure="error_curves",
    store=RUNS,
)
def pruning_kernel(results: Results) -> Evidence:
    ratios, counts = _equal_depth(results, "kernel", "parameters")
    values = [ratio.value for ratio in ratios.values()]
    return Evidence(data=values or None, counts=counts, facts=_facts(ratios))


@claim(
    "Training succeeds from as many parameters on as the quantum Fisher information can have "
    "rank, up to a factor of two.",
    origin="derived",
    source="over-parameterisation as the saturation of the rank, M. Larocca et al. "
    "(arXiv:2109.11676)",
    rule=Share(
        "that the interval of the least number of parameters meets that from the rank to twice "
        "the rank",
        at_least=0.9,
        conditional_above=0.5,
        least={"ansätze": 8, "restarts": FEWEST_RESTARTS},
    ),
    figure="success_parameters",
    store=LEAST_DEPTHS,
)
def success_rank(results: Results) -> Evidence:
    table = to_frame(results.summary(*LEAST_DEPTHS))
    cases: dict[str, bool] = {}
    facts: dict[str, Any] = {}
    for row in table.to_dict("records"):
        name = f"{row['model']}, n = {row['qubits']}, {row['stage']}"
        low, high = row["parameters_low"] / row["rank"], row["parameters_high"] / row["rank"]
        facts[name] = [low, high]
        # Where no depth is certain, a low end below twice the rank says nothing.
        if math.isfinite(high) or low > OVER:
            cases[name] = low <= OVER and high >= 1.0
    counts = counted(table, "restarts", ansätze=len(cases))
    return Evidence(data=list(cases.values()) or None, counts=counts, facts=facts)


@claim(
    "Where an ansatz converges at several depths, it takes fewer iterations at the largest than at "
    "the least.",
    origin="derived",
    source="over-parameterised circuits converge faster, X. You, S. Chakrabarti and X. Wu "
    "(arXiv:2205.12481)",
    rule=Within(
        "the largest ratio of median iterations, deepest over shallowest,",
        high=1.0,
        by="interval",
        least={"ansätze": 8, "restarts": FEWEST_RESTARTS},
    ),
    figure="iterations_to_convergence",
    store=RUNS,
)
def depth_iterations(results: Results) -> Evidence:
    table = to_frame(results.summary(*RUNS))
    table = table[np.isfinite(table["iterations"])].sort_values("layers")
    ratios: dict[str, Estimate] = {}
    for (model, qubits, stage), rows in table.groupby(["model", "qubits", "stage"], sort=False):
        if len(rows) > 1:
            first, last = (estimate_at(row, "iterations") for row in (rows.iloc[0], rows.iloc[-1]))
            depths = f"L = {rows['layers'].iloc[-1]} / {rows['layers'].iloc[0]}"
            ratios[f"{model}, n = {qubits}, {stage}: {depths}"] = _over(last, first)
    counts = counted(table, "restarts", ansätze=len(ratios))
    return Evidence(data=_largest(ratios), counts=counts, facts=_facts(ratios))
