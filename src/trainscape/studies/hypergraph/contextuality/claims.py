"""What is claimed of contextual memories, and by which rules it is judged.

Limits and numbers of samples: see `trainscape.studies.hypergraph.contextuality`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.contextuality.kinds import is_text
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, Share, Within
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate

GRAPHS = ("graphs", Stage.SIMULATE)
TRIPLES = ("triples", Stage.SIMULATE)
MACHINES = ("machines", Stage.SIMULATE)
PACKING = ("packing", Stage.SIMULATE)
PLANTED = ("planted", Stage.SIMULATE)
CORPORA = ("corpora", Stage.THRESHOLDS)
NEAR = 0.02
ERRORS = 3.0
POINTS = 12


@claim(
    "The magic square tells any three different weights of an edge apart: no outcome of its "
    "context is allowed by all three states.",
    origin="paper",
    source="generalised Mermin-Peres squares of hypergraph states (section 4.2); the context is "
    "reconstructed here",
    rule=Share("that a triple on the grid is told apart", at_least=1.0, least={"triples": 500}),
    figure=None,
    store=TRIPLES,
)
def square_separates(results: Results) -> Evidence:
    holds, facts, count = [], {}, 0
    for cell in results.cells(*TRIPLES):
        gaps = cell.data["gap"].values
        holds += (gaps > math.pi / 6).tolist()
        facts[f"least distance from a common outcome, n = {cell['modes']}"] = float(gaps.min())
        count += len(gaps)
    return Evidence(data=holds, counts={"triples": count}, facts=facts)


def _machines(results: Results) -> tuple[pd.DataFrame, dict[str, int]]:
    table = to_frame(results.summary(*MACHINES))
    sentences = int(table["sentences"].min())
    return table, {"machines": len(table), "sentences": sentences, "samples": sentences}


def _name(row: Any) -> str:
    return f"n = {row['modes']}, N = {row['levels']}, m = {row['states']}"


@claim(
    "The exact player of the quantum memory never violates.",
    origin="paper",
    source="zero error with n qumodes; here on sentences with weights on a grid",
    rule=AllBelow(
        "the rate of violations",
        limit=0.0,
        least={"machines": 4, "sentences": 10000},
    ),
    figure="machine_violation",
    store=MACHINES,
)
def quantum_no_violation(results: Results) -> Evidence:
    table, counts = _machines(results)
    return Evidence(data=table["quantum"].tolist(), counts=counts)


@claim(
    "Machines with few states, found by a search that knows no formula, violate at the rate of "
    "the formula, and never less.",
    origin="derived",
    source="a class of a weights is wrong with probability (a-1)(a-2) / 3 (N-1)(N-2), convex in a",
    rule=AllOf(
        least={"machines": 4, "sentences": 10000},
        parts={
            "distance": AllBelow("the distance of a rate from the optimum", limit=NEAR),
            "below": AllBelow("how far it lies below, in standard errors,", limit=ERRORS),
        },
    ),
    figure="machine_violation",
    store=MACHINES,
)
def classical_optimum(results: Results) -> Evidence:
    table, counts = _machines(results)
    distance = (table["machine"] - table["optimum"]).abs()
    facts = {
        f"{_name(row)}: {what}": float(row[column])
        for row in table.to_dict("records")
        for what, column in (("measured", "machine"), ("optimum", "optimum"))
    }
    data = {"distance": distance.tolist(), "below": table["below"].tolist()}
    return Evidence(data=data, counts=counts, facts=facts)


@claim(
    "Pauli contexts make a classical model keep 2^C(n-1, 2) states apart for the graph states of "
    "n qubits, and that is enough for pairs and triples of them.",
    origin="derived",
    source="largest class by branch and bound; cosets of the graphs with all edges at one vertex",
    rule=AllBelow(
        "the distance of log2 of the number of classes from C(n-1, 2), from below and from above,",
        limit=0.0,
        least={"sizes": 3},
    ),
    figure="graph_classes",
    store=GRAPHS,
)
def graph_state_classes(results: Results) -> Evidence:
    distances, facts, cells = [], {}, results.cells(*GRAPHS)
    for cell in cells:
        pattern = math.comb(cell["vertices"] - 1, 2)
        for bound in ("least", "enough"):
            number = int(cell.data[bound])
            facts[f"n = {cell['vertices']}, {bound}"] = number
            distances.append(abs(math.log2(number) - pattern))
    return Evidence(data=distances, counts={"sizes": len(cells)}, facts=facts)


def _packed(results: Results) -> tuple[pd.DataFrame, dict[str, int]]:
    table = to_frame(results.summary(*PACKING))
    models = len(table[["edges", "level_bits"]].drop_duplicates())
    sentences = int(table["sentences"].min())
    return table, {"models": models, "sentences": sentences, "samples": sentences}


@claim(
    "One latent number and discontinuous steps are enough for no violation, as long as it holds "
    "D log2(N/2) bits: the bound on dimensions is about continuous networks.",
    origin="derived",
    source="a hand-made encoder that interleaves bits, in 64-bit floats with 52 bits",
    rule=AllBelow(
        "the rate of violations with as many bits or more",
        limit=0.0,
        least={"models": 4, "sentences": 2000},
    ),
    figure="bit_packing",
    store=PACKING,
)
def packing_escapes_dimensions(results: Results) -> Evidence:
    table, counts = _packed(results)
    enough = table[table["bits"] >= table["bound"]]
    models = len(enough[["edges", "level_bits"]].drop_duplicates())
    return Evidence(data=enough["rate"].tolist(), counts={**counts, "models": models})


@claim(
    "With fewer than D log2(N/2) bits violations are certain, also for discontinuous networks.",
    origin="derived",
    source="a latent state serves at most two weights of an edge",
    rule=AllAbove(
        "the lower end of the interval of the rate of violations",
        limit=1e-6,
        least={"models": 4, "sentences": 2000},
    ),
    figure="bit_packing",
    store=PACKING,
)
def bits_are_necessary(results: Results) -> Evidence:
    table, counts = _packed(results)
    return Evidence(data=table[table["bits"] < table["bound"]]["rate_low"].tolist(), counts=counts)


def _planted(results: Results, kind: str) -> tuple[pd.DataFrame, dict[str, int]]:
    table = select(to_frame(results.summary(*PLANTED)), kind=kind)
    draws = int(table["draws"].min()) if len(table) else 0
    return table, {"sources": len(table), "draws": draws, "samples": int(table["draws"].sum())}


@claim(
    "The estimator of contextuality finds the (N/2)^D states that planted sentences need, within "
    "a factor of two, and its lower bound is none too high.",
    origin="check",
    source="sentences of the task on grids, of which all prefixes and queries are seen",
    rule=AllOf(
        least={"sources": 3, "draws": 10},
        parts={
            "factor": AllBelow("the factor between estimate and need in any draw", limit=2.0),
            "bounded": Share("that the lower bound is one in all draws", at_least=1.0),
        },
    ),
    figure="planted_estimates",
    store=PLANTED,
)
def planted_states_recovered(results: Results) -> Evidence:
    table, counts = _planted(results, "grid")
    facts = {
        f"D = {row['edges']}, N = {row['size']}: {what}": float(row[what])
        for row in table.to_dict("records")
        for what in ("known", "classes", "at_least")
    }
    data = {"factor": table["worst"].tolist(), "bounded": table["bounded"].tolist()}
    return Evidence(data=data if len(table) else None, counts=counts, facts=facts)


@claim(
    "For random machines the estimate from a sequence is that of their exact supports, which is "
    "never more than their number of states.",
    origin="check",
    source="machines that allow two of eight symbols in a state",
    rule=AllOf(
        least={"sources": 3, "draws": 10},
        parts={
            "equal": AllAbove("the share of draws in which the estimate is exact", limit=0.9),
            "states": AllBelow("the largest estimate over the number of states", limit=1.0),
        },
    ),
    figure="planted_estimates",
    store=PLANTED,
)
def machine_states_bound(results: Results) -> Evidence:
    table, counts = _planted(results, "machine")
    data = {
        "equal": table["equal"].tolist(),
        "states": (table["classes_high"] / table["size"]).tolist(),
    }
    return Evidence(data=data if len(table) else None, counts=counts)


def _corpora(results: Results) -> tuple[pd.DataFrame, dict[str, int]]:
    table = to_frame(results.summary(*CORPORA))
    texts = table[is_text(table) & ~table["shuffled"]]
    shuffles = int(table["shuffles"].min())
    return table, {
        "sequences": len(table),
        "texts": len(texts),
        "shuffles": shuffles,
        "samples": shuffles,
    }


@claim(
    "Texts are more contextual than shuffles of their answers with equal counts: the answer "
    "depends on the prefix.",
    origin="paper",
    source="a concurrent work that the paper names: data of machine learning have contextual "
    "correlations; null: answers depend on the query alone",
    rule=Share(
        "that the estimate lies above that of all shuffles",
        at_least=1.0,
        conditional_above=0.5,
        least={"texts": 4, "shuffles": 39},
    ),
    figure="data_contextuality",
    store=CORPORA,
)
def texts_above_shuffles(results: Results) -> Evidence:
    table, counts = _corpora(results)
    texts = table[is_text(table) & ~table["shuffled"]]
    facts = {
        f"{row['corpus']}: {what}": float(row[column])
        for row in texts.to_dict("records")
        for what, column in (("estimate", "classes"), ("largest of the shuffles", "null_high"))
    }
    return Evidence(
        data=(texts["classes"] > texts["null_high"]).tolist(), counts=counts, facts=facts
    )


@claim(
    "What texts ask for is more than what distinguishable prefixes ask for: some need is "
    "contextual as in a magic square.",
    origin="derived",
    source="classes by the full test against classes by pairs; a need by triples alone is what a "
    "magic square makes",
    rule=Share(
        "that the estimate by whole classes exceeds that by pairs",
        at_least=0.5,
        conditional_above=0.0,
        least={"texts": 4, "shuffles": 39},
    ),
    figure="data_contextuality",
    store=CORPORA,
)
def texts_beyond_pairs(results: Results) -> Evidence:
    table, counts = _corpora(results)
    texts = table[is_text(table) & ~table["shuffled"]]
    facts = {
        f"{row['corpus']}: {what}": int(row[column])
        for row in texts.to_dict("records")
        for what, column in (
            ("by whole classes", "classes"),
            ("by pairs", "pairs"),
            ("triples without a pair in conflict", "triples"),
        )
    }
    return Evidence(data=(texts["classes"] > texts["pairs"]).tolist(), counts=counts, facts=facts)


@claim(
    "The estimate of contextuality of a sequence grows with the least number of hidden states "
    "that predict it.",
    origin="derived",
    source="a model without violations has at least as many latent states as the supports ask for",
    rule=Within(
        "Spearman's rank correlation of the two",
        low=0.0,
        by="interval",
        least={"sequences": POINTS},
    ),
    figure="data_hidden_states",
    store=CORPORA,
)
def estimate_follows_hidden_states(results: Results) -> Evidence:
    table, counts = _corpora(results)
    facts = {
        f"{row['corpus']}: {what}": float(row[what])
        for row in table.to_dict("records")
        for what in ("classes", "hidden")
    }
    return Evidence(data=rank_correlation(table), counts=counts, facts=facts)


def rank_correlation(table: pd.DataFrame) -> Estimate:
    """Return Spearman's correlation of estimate and hidden states, normal after Fisher's map.

    The standard error of the mapped value is 1.03 / sqrt(n - 3) (Fieller, Hartley and Pearson,
    1957).
    """
    count = len(table)
    value = float(stats.spearmanr(table["classes"], table["hidden"]).statistic)
    if count < 4 or not math.isfinite(value):
        return Estimate(value, math.nan, math.nan, math.nan, LEVEL, count, "Fisher")
    error = 1.03 / math.sqrt(count - 3)
    bounded = float(np.clip(value, -0.999, 0.999))
    half = float(stats.norm.ppf((1 + LEVEL) / 2)) * error
    low, high = (math.tanh(math.atanh(bounded) + side * half) for side in (-1, 1))
    return Estimate(value, error * (1 - bounded**2), low, high, LEVEL, count, "Fisher")
