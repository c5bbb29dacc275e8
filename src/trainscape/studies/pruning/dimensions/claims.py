"""What is claimed of dimensions and ranks, and by which rules it is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.pruning.dimensions.laws import (
    algebra_law,
    effective_law,
    graph_algebra_law,
    graph_effective_law,
)
from trainscape.studies.pruning.names import SMALLER
from trainscape.studies.reporting import Evidence, Results, claim

MODELS = ("models", Stage.SIMULATE)
GRAPHS = ("graphs", Stage.SIMULATE)
RANKS = ("ranks", Stage.SIMULATE)
DEFINITION = "the definition of symmetric ansätze and the abstract, as summaries tell them"
LATER_LEMMA = "a lemma of a later paper of the same group (MG-Net, NeurIPS 2024)"


def _system(row: pd.Series) -> str:
    return f"{row['model']}, n = {row['qubits']}, {row['stage']}"


def _evidence(
    ratios: dict[str, float],
    kind: str = "systems",
    qubits: int = 0,
    told: Callable[[float], bool] | None = None,
) -> Evidence:
    """Return ratios as evidence; facts are those that `told` picks, all if there is none."""
    facts = {name: value for name, value in ratios.items() if told is None or told(value)}
    counts = {kind: len(ratios)} | ({"qubits": qubits} if qubits else {})
    return Evidence(data=list(ratios.values()) or None, counts=counts, facts=facts)


def _differences(found: dict[str, tuple[int, int | None]]) -> dict[str, float]:
    """Return how far numbers are from their laws, relatively, where both are known."""
    return {
        name: abs(number / law - 1.0)
        for name, (number, law) in found.items()
        if law is not None and number > 0
    }


@claim(
    "Effective dimensions and Lie algebras have their closed forms.",
    origin="check",
    source="free fermions, counts of bracelets, and the classification of arXiv:2409.19797",
    rule=AllBelow("the relative difference", limit=0.0, least={"systems": 100}),
    figure="dimensions",
    store=MODELS,
)
def dimension_laws(results: Results) -> Evidence:
    found: dict[str, tuple[int, int | None]] = {}
    for _, row in to_frame(results.summary(*MODELS)).iterrows():
        key: tuple[Any, ...] = (row["model"], row["qubits"], row["stage"])
        found[f"d of {_system(row)}"] = (row["effective"], effective_law(*key))
        found[f"dim g of {_system(row)}"] = (row["algebra"], algebra_law(*key))
    for _, row in to_frame(results.summary(*GRAPHS)).iterrows():
        name = f"{row['graph']}, {row['mode']}"
        at: tuple[Any, ...] = (row["graph"], row["mode"])
        found[f"d of {name}"] = (row["effective"], graph_effective_law(*at))
        found[f"dim g of {name}"] = (row["algebra"], graph_algebra_law(*at))
    return _evidence(_differences(found), told=lambda value: value > 0)


def _stage_ratios(results: Results, after: str, before: str, name: str) -> dict[str, float]:
    """Return a dimension at one stage over that at an earlier one, where both are known."""
    table = to_frame(results.summary(*MODELS))
    table = table[table[name] > 0]
    ratios = {}
    for (model, qubits), rows in table.groupby(["model", "qubits"], sort=False):
        known = dict(zip(rows["stage"], rows[name].astype(int), strict=True))
        if after in known and before in known:
            ratios[f"{model}, n = {qubits}"] = known[after] / known[before]
    return ratios


@claim(
    "The pruned ansatz has a smaller effective dimension than the dense one.",
    origin="paper",
    source=DEFINITION,
    rule=AllBelow(
        "the effective dimension, pruned over dense,", limit=SMALLER, least={"systems": 15}
    ),
    figure="dimensions",
    store=MODELS,
)
def pruned_dimension(results: Results) -> Evidence:
    return _evidence(_stage_ratios(results, "A3", "A0", "effective"))


@claim(
    "To remove the gates that are no term of the Hamiltonian leaves the effective dimension as it "
    "is.",
    origin="derived",
    source="the second step of pruning alone: A2 against A1",
    rule=AllBelow("the relative difference", limit=0.0, least={"systems": 10}),
    figure="model_dimensions",
    store=MODELS,
)
def structure_dimension(results: Results) -> Evidence:
    ratios = _stage_ratios(results, "A2", "A1", "effective")
    algebras = _stage_ratios(results, "A2", "A1", "algebra")
    return Evidence(
        data=[abs(ratio - 1) for ratio in ratios.values()] or None,
        counts={"systems": len(ratios)},
        facts={f"dim g of {name}, A2 / A1": value for name, value in algebras.items()},
    )


@claim(
    "One parameter for all gates of a kind and one for each orbit give the same effective "
    "dimension.",
    origin="paper",
    source=LATER_LEMMA,
    rule=AllBelow("the relative difference", limit=0.0, least={"graphs": 10}),
    figure="graph_dimensions",
    store=GRAPHS,
)
def grouping_dimension(results: Results) -> Evidence:
    table = to_frame(results.summary(*GRAPHS))
    found: dict[str, tuple[int, int | None]] = {}
    for graph, rows in table.groupby("graph", sort=False):
        known = dict(zip(rows["mode"], rows["effective"].astype(int), strict=True))
        if {"orbits", "kinds"} <= set(known):
            found[str(graph)] = (known["orbits"], known["kinds"])
    return _evidence(_differences(found), "graphs", told=lambda value: value > 0)


@claim(
    "The effective dimension is at most the dimension of the Lie algebra.",
    origin="paper",
    source=LATER_LEMMA,
    rule=AllBelow(
        "the effective dimension over the dimension of the algebra,",
        limit=1.0,
        least={"systems": 40, "qubits": 8},
    ),
    figure="dimensions",
    store=MODELS,
)
def dimension_below_algebra(results: Results) -> Evidence:
    table = to_frame(results.summary(*MODELS))
    table = table[table["algebra"] > 0]
    ratios = {
        f"{_system(row)}: {row['effective']} / {row['algebra']}": row["effective"] / row["algebra"]
        for _, row in table.iterrows()
    }
    return _evidence(ratios, qubits=int(table["qubits"].max()), told=lambda value: value > 1)


def _saturated(results: Results, name: str) -> dict[str, float]:
    """Return the largest rank of each ansatz over a bound of it."""
    table = to_frame(results.summary(*RANKS)).drop_duplicates(["model", "qubits", "stage"])
    return {_system(row): row["saturated"] / row[name] for _, row in table.iterrows()}


@claim(
    "The rank of the QFIM is at most the number of parameters, dim g and 2 (d - 1).",
    origin="derived",
    source="tangent directions of the orbit of a state in a space of d dimensions",
    rule=AllBelow("the rank over the least of the three", limit=1.0, least={"systems": 10}),
    figure="fisher_rank",
    store=RANKS,
)
def rank_bound(results: Results) -> Evidence:
    table = to_frame(results.summary(*RANKS))
    ratios = table["rank"] / table["bound"]
    systems = len(table.drop_duplicates(["model", "qubits", "stage"]))
    return Evidence(
        data=list(ratios) or None,
        counts={"systems": systems},
        facts={"depths": len(table), "least gap of singular values": float(table["gap"].min())},
    )


@claim(
    "The rank of the QFIM of deep circuits saturates at its ceiling, the least of dim g and "
    "2 (d - 1).",
    origin="derived",
    source="as many directions as the algebra has and the space allows",
    rule=AllAbove(
        "the largest rank over the ceiling", limit=1.0, outside="conditional", least={"systems": 10}
    ),
    figure="fisher_rank",
    store=RANKS,
)
def rank_ceiling(results: Results) -> Evidence:
    return _evidence(_saturated(results, "ceiling"), told=lambda value: value < 1)


@claim(
    "The rank of the QFIM of deep circuits saturates at the dimension of the orbit of the start "
    "state.",
    origin="derived",
    source="the algebra applied to the start state, modulo its phase",
    rule=AllBelow("the relative difference", limit=0.0, least={"systems": 10}),
    figure="fisher_rank",
    store=RANKS,
)
def rank_orbit(results: Results) -> Evidence:
    ratios = _saturated(results, "orbit")
    differences = {name: abs(ratio - 1) for name, ratio in ratios.items()}
    return _evidence(differences, told=lambda value: value > 0)
