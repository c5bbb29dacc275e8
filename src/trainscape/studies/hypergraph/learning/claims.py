"""What is claimed of learning a k-HRNN, and by which rules it is judged.

Every run by the discrepancy counts, which is the paper's loss; runs by the likelihood have claims
of their own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

CELLS = ("cells", Stage.SIMULATE)
LEAST = {"systems": 2, "sentences": 4000}


def _ends(results: Results, *, same: bool, loss: str = "mmd") -> pd.DataFrame:
    """Return the ends of runs by a loss, with a memory of the sentences' order or another."""
    table = select(to_frame(results.summary(*CELLS)), loss=loss)
    return table[table["last"] & ((table["order"] == table["memory_order"]) == same)]


def _evidence(table: pd.DataFrame, data: dict[str, np.ndarray] | np.ndarray) -> Evidence:
    facts = {
        f"n = {row['modes']}, k = {row['order']}, memory of order {row['memory_order']}, "
        f"{row['loss']}: {name}": float(row[name])
        for _, row in table.iterrows()
        for name in ("most_violation", "most_weight_error", "selected_edges", "selected_modes")
    }
    counts = {
        "systems": len(table[["modes", "order"]].drop_duplicates()),
        "runs": int(table["runs"].sum()),
        "samples": int(table["runs"].sum()),
        "sentences": int(table["sentences"].min()) if len(table) else 0,
    }
    return Evidence(data=data if len(table) else None, counts=counts, facts=facts)


def _chosen(table: pd.DataFrame) -> dict[str, np.ndarray]:
    names = {"violations": "most_violation", "hyperedges": "selected_edges"}
    names["modes"] = "selected_modes"
    return {part: table[name].to_numpy() for part, name in names.items()}


@claim(
    "From random networks, a k-HRNN learns which hyperedge and mode each token means, and to "
    "translate.",
    origin="paper",
    source="summaries: n modes do the task with zero error, training by gradient descent on a "
    "maximum mean discrepancy; cell and task are reconstructed",
    rule=AllOf(
        parts={
            "violations": AllBelow("the share of nullifiers missed by over 0.1", limit=0.01),
            "hyperedges": AllAbove("the share of hyperedges chosen right", limit=1.0),
            "modes": AllAbove("the share of modes chosen right", limit=1.0),
        },
        least=LEAST,
    ),
    figure="learned_cells",
    store=CELLS,
)
def learned_translation(results: Results) -> Evidence:
    table = _ends(results, same=True)
    return _evidence(table, _chosen(table))


@claim(
    "It learns the weights to one hundredth of their range.",
    origin="derived",
    source="weights are uniform on [-1, 1] and enter the answers linearly",
    rule=AllBelow("the root mean square error of the weights", limit=0.01, least=LEAST),
    figure="learned_cells",
    store=CELLS,
)
def learned_weights(results: Results) -> Evidence:
    table = _ends(results, same=True)
    return _evidence(table, table["most_weight_error"].to_numpy())


@claim(
    "With as many qumodes and a memory of order 1, without products, it does not learn to "
    "translate.",
    origin="derived",
    source="the answers are products of positions, of which such a memory has none",
    rule=AllAbove(
        "the share of nullifiers missed by over 0.1", limit=0.1, least={"sentences": 4000}
    ),
    figure="learned_cells",
    store=CELLS,
)
def order_one(results: Results) -> Evidence:
    table = _ends(results, same=False)
    table = table[table["memory_order"] == 1]
    return _evidence(table, table["least_violation"].to_numpy())


@claim(
    "By the likelihood of strongly squeezed modes it does not learn which mode is measured.",
    origin="derived",
    source="a right mode costs e^2 / (2 s_p^2), 134 nats at a squeezing of 3 and an unknown "
    "weight; a wrong one, whose law is as broad as the answers, one nat",
    rule=AllBelow("the share of modes chosen right", limit=0.5, least={"sentences": 4000}),
    figure="learned_cells",
    store=CELLS,
)
def likelihood_stuck(results: Results) -> Evidence:
    table = _ends(results, same=True, loss="nll")
    return _evidence(table, table["selected_modes"].to_numpy())


@claim(
    "With squeezing that grows during training it learns by the likelihood, too.",
    origin="derived",
    source="without squeezing the right mode costs least at unknown weights already",
    rule=AllOf(
        parts={
            "violations": AllBelow("the share of nullifiers missed by over 0.1", limit=0.01),
            "hyperedges": AllAbove("the share of hyperedges chosen right", limit=1.0),
            "modes": AllAbove("the share of modes chosen right", limit=1.0),
        },
        least={"sentences": 4000},
    ),
    figure="learned_cells",
    store=CELLS,
)
def annealed_likelihood(results: Results) -> Evidence:
    table = _ends(results, same=True, loss="annealed")
    return _evidence(table, _chosen(table))


@claim(
    "At a finite squeezing that suits the error of its weights, a learned k-HRNN violates at most "
    "half as many contexts as no memory does.",
    origin="derived",
    source="errors of an angle have the variance |s|^2 (1/(4u) + delta^2 u); see the group",
    rule=AllBelow(
        "the contexts violated in each run", limit=1 / 6, least={"systems": 2, "sentences": 4000}
    ),
    figure="learned_contexts",
    store=CELLS,
)
def learned_contexts(results: Results) -> Evidence:
    table = _ends(results, same=True)
    levels = {
        f"n = {row['modes']}, k = {row['order']}: squeezing in dB": float(row["context_decibels"])
        for _, row in table.iterrows()
    }
    evidence = _evidence(table, table["context_violation"].to_numpy())
    return replace(evidence, facts={**evidence.facts, **levels})


@claim(
    "Nor does a memory whose order is above 1 and below that of the sentences.",
    origin="derived",
    source="a sum of products of k - 1 positions is no sum of products of fewer",
    rule=AllAbove(
        "the share of nullifiers missed by over 0.1", limit=0.1, least={"sentences": 4000}
    ),
    figure="learned_cells",
    store=CELLS,
)
def lower_order(results: Results) -> Evidence:
    table = _ends(results, same=False)
    table = table[(table["memory_order"] > 1) & (table["memory_order"] < table["order"])]
    return _evidence(table, table["least_violation"].to_numpy())
