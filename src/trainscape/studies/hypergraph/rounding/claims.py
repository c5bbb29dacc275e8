"""What is claimed of rounding, and by which rules it is judged; see the group for the power."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.rounding.needed_bits import needed_bits
from trainscape.studies.kit.judge import AllAbove, AllBelow, RatioIsOne, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

QUBITS = ("qubits", Stage.SIMULATE)
QUDITS = ("qudits", Stage.SIMULATE)
HEURISTIC = "the paper names rounding as a heuristic for later work; the formula is derived here"
ENOUGH_BITS = 3
"""Bits from which on errors of angles count as small."""


def _table(results: Results, store: tuple[str, Stage]) -> pd.DataFrame:
    return to_frame(results.summary(*store))


def _ratios(table: pd.DataFrame) -> Evidence:
    found = estimates(table, "ratio", "samples")
    samples = int(table["samples"].min()) if len(table) else 0
    return Evidence(data=found or None, counts={"systems": len(found), "samples": samples})


@claim(
    "Rounded to b bits, the qubit model violates a check as often as uniform errors make it.",
    origin="derived",
    source=HEURISTIC,
    rule=RatioIsOne(
        "measured over expected violation",
        tolerance=0.02,
        share=0.85,
        least={"systems": 20, "samples": 4096},
    ),
    figure="rounding",
    store=QUBITS,
)
def rounding_formula(results: Results) -> Evidence:
    return _ratios(_table(results, QUBITS))


@claim(
    "The same holds on grids of d positions.",
    origin="derived",
    source=HEURISTIC,
    rule=RatioIsOne(
        "measured over expected violation",
        tolerance=0.04,
        share=0.85,
        least={"systems": 20, "samples": 1024},
    ),
    figure="qudit_rounding",
    store=QUDITS,
)
def qudit_formula(results: Results) -> Evidence:
    return _ratios(_table(results, QUDITS))


@claim(
    "At order {order} the bits for a violation of 1 % grow as half the binary logarithm of the "
    "number of edges of a mode: a constant precision does not do.",
    origin="derived",
    source="the leading order of the formula",
    rule=Within("the slope against the binary logarithm", low=0.45, high=0.55, least={"sizes": 4}),
    figure="rounding_bits",
    store=QUBITS,
)
def bits_growth(results: Results) -> list[Evidence]:
    table = needed_bits(_table(results, QUBITS))
    found = []
    for order in (2, 3):
        rows = table[(table["order"] == order) & (table["edges"] > 1)]
        slope = None
        if len(rows) >= 2:
            slope = float(np.polyfit(np.log2(rows["edges"]), rows["bits"], 1)[0])
        found.append(
            Evidence(
                data=slope,
                counts={"sizes": len(rows)},
                case=f"k{order}",
                words={"order": order},
                facts={"most edges": int(rows["edges"].max()) if len(rows) else 0},
            )
        )
    return found


@claim(
    "The least whole number of bits with a violation below 1 % is that of the formula.",
    origin="derived",
    source=HEURISTIC,
    rule=AllBelow("the difference in bits", limit=0.0, least={"systems": 8}),
    figure="rounding_bits",
    store=QUBITS,
)
def whole_bits(results: Results) -> Evidence:
    table = needed_bits(_table(results, QUBITS))
    off = (table["least"] - table["least_law"]).abs()
    facts = {
        f"n = {row['modes']}, k = {row['order']}": row["least"] for row in table.to_dict("records")
    }
    return Evidence(data=list(off) or None, counts={"systems": len(table)}, facts=facts)


@claim(
    "A finer grid of positions does not save bits: at equal bits it violates checks more often.",
    origin="derived",
    source="the variance of positions grows with their number",
    rule=AllAbove(
        "the violation over that of the next coarser grid", limit=1.0, least={"systems": 6}
    ),
    figure="qudit_rounding",
    store=QUDITS,
)
def finer_grids(results: Results) -> Evidence:
    table = _table(results, QUDITS)
    table = table[table["bits"] >= ENOUGH_BITS]
    ratios = []
    for (modes, order, bits), _ in table.groupby(["modes", "order", "bits"]):
        rows = select(table, modes=modes, order=order, bits=bits).sort_values("levels")
        values = rows["violation"].to_numpy()
        ratios += list(values[1:] / values[:-1])
    return Evidence(data=ratios or None, counts={"systems": len(ratios)})
