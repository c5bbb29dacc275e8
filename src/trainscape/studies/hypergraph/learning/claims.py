"""What is claimed of learning a k-HRNN, and by which rules it is judged.

Every run by the discrepancy counts, which is the paper's loss; runs by the likelihood are shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

CELLS = ("cells", Stage.SIMULATE)
LEAST = {"systems": 2, "sentences": 4000}


def _ends(results: Results, *, same: bool) -> pd.DataFrame:
    """Return the ends of runs by discrepancy, with a memory of the sentences' order or another."""
    table = select(to_frame(results.summary(*CELLS)), loss="mmd")
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
    data = {
        "violations": table["most_violation"].to_numpy(),
        "hyperedges": table["selected_edges"].to_numpy(),
        "modes": table["selected_modes"].to_numpy(),
    }
    return _evidence(table, data)


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
