"""What is claimed of training before and after pruning, and by which rules it is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.pruning.names import SMALLER
from trainscape.studies.reporting import Evidence, Results, claim

EXPERIMENTS = "abstract and the three metrics of section 4, as far as summaries tell them"
FEWEST_RESTARTS = 20
LEAST = {"systems": 3, "restarts": FEWEST_RESTARTS}
STORE = ("training", Stage.THRESHOLDS)


def _ratios(results: Results, name: str, pairs: Sequence[tuple[str, str]]) -> Evidence:
    """Return a least number of one stage over that of an earlier one, in every system."""
    table = to_frame(results.summary("training", Stage.THRESHOLDS))
    table = table[table[name] > 0]
    ratios: dict[str, float] = {}
    systems = set()
    for (model, qubits), rows in table.groupby(["model", "qubits"], sort=False):
        known = dict(zip(rows["stage"], rows[name].astype(float), strict=True))
        for before, after in pairs:
            if before in known and after in known:
                ratios[f"{model}, n = {qubits}: {after} / {before}"] = known[after] / known[before]
                systems.add((model, qubits))
    return Evidence(
        data=list(ratios.values()) or None,
        counts=_counts(table, len(systems)),
        facts=dict(ratios),
    )


def _counts(table: pd.DataFrame, systems: int) -> dict[str, int]:
    restarts = table["restarts"]
    return {
        "systems": systems,
        "restarts": int(restarts.min()) if len(table) else 0,
        "samples": int(restarts.sum()),
    }


@claim(
    "The pruned ansatz converges with fewer gates than the dense one.",
    origin="paper",
    source=EXPERIMENTS,
    rule=AllBelow("the least number of gates, pruned over dense,", limit=SMALLER, least=LEAST),
    figure="least_gates",
    store=STORE,
)
def pruning_gates(results: Results) -> Evidence:
    return _ratios(results, "gates", [("A0", "A3")])


@claim(
    "The pruned ansatz converges with fewer parameters than the dense one.",
    origin="paper",
    source=EXPERIMENTS,
    rule=AllBelow("the least number of parameters, pruned over dense,", limit=SMALLER, least=LEAST),
    figure="least_gates",
    store=STORE,
)
def pruning_parameters(results: Results) -> Evidence:
    return _ratios(results, "parameters", [("A0", "A3")])


@claim(
    "To share parameters within orbits costs no gates.",
    origin="derived",
    source="the last step of pruning alone: A3 against A2, the same gates with more parameters",
    rule=AllBelow("the least number of gates, tied over free,", limit=1.0, least=LEAST),
    figure="least_gates",
    store=STORE,
)
def tying_gates(results: Results) -> Evidence:
    return _ratios(results, "gates", [("A2", "A3")])


def _pruned_over_dense(results: Results, name: str, per: str | None = None) -> dict[str, Any]:
    """Return a number of the pruned ansatz over that of the dense one, at equal depth."""
    table = to_frame(results.summary("training", Stage.SIMULATE))
    ratios: dict[str, float] = {}
    for (model, qubits, layers), rows in table.groupby(["model", "qubits", "layers"], sort=False):
        values = rows[name] / (rows[per] if per else 1.0)
        known = dict(zip(rows["stage"], values.astype(float), strict=True))
        pair = [known.get(stage, math.nan) for stage in ("A3", "A0")]
        if np.isfinite(pair).all():
            ratios[f"{model}, n = {qubits}, L = {layers}"] = pair[0] / pair[1]
    return {
        "data": list(ratios.values()) or None,
        "counts": _counts(table, len({key.split(", L")[0] for key in ratios})),
        "facts": ratios,
    }


@claim(
    "Where both converge, the pruned ansatz takes fewer iterations than the dense one of equal "
    "depth.",
    origin="paper",
    source=EXPERIMENTS,
    rule=AllBelow("the median iterations, pruned over dense,", limit=1.0, least=LEAST),
    figure="iterations_to_convergence",
    store=("training", Stage.SIMULATE),
)
def pruning_iterations(results: Results) -> Evidence:
    return Evidence(**_pruned_over_dense(results, "iterations"))


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
    store=("training", Stage.SIMULATE),
)
def pruning_kernel(results: Results) -> Evidence:
    return Evidence(**_pruned_over_dense(results, "kernel", "parameters"))
