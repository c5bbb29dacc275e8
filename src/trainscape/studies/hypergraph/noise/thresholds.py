"""All thresholds of noise in one table: what `noise.csv` holds and claims judge."""

from __future__ import annotations

import pandas as pd

from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Results

__all__ = ["COLUMNS", "all_thresholds"]

COLUMNS = ("modes", "order", "quantity", "threshold", "low", "high")
GRAPH_QUBITS = 3
ENDS = ("", "_low", "_high", "_error")


def _renamed(found: pd.DataFrame, name: str) -> dict[str, pd.Series]:
    columns = ("threshold", "low", "high", "error")
    return {new: found[f"{name}{end}"] for new, end in zip(columns, ENDS, strict=True)}


def all_thresholds(results: Results) -> pd.DataFrame:
    """Return one row for each threshold.

    The columns are `COLUMNS`, and ``error``, ``law``, ``shots``; ``ratio`` with its error and
    interval is measured over expected, of variances of a position where the threshold is in dB.
    """
    parts = []
    found = to_frame(results.summary("squeezing", Stage.THRESHOLDS))
    names = [f"squeezing in dB at weights {spacing:g} apart" for spacing in found["spacing"]]
    squeezing = found.assign(modes=found["order"], quantity=names, **_renamed(found, "threshold"))
    for end in ("", "_low", "_high"):
        dB = squeezing[f"threshold{end}" if end else "threshold"]
        squeezing[f"ratio{end}"] = variance_of_decibels(dB) / variance_of_decibels(squeezing["law"])
    squeezing["ratio_error"] = (squeezing["ratio_high"] - squeezing["ratio_low"]) / 4
    parts.append(squeezing)
    qubits = to_frame(results.summary("graph_noise", Stage.THRESHOLDS))
    names = [
        {"depolarising": "depolarisation of each qubit", "readout": "flips of the readout"}[kind]
        for kind in qubits["kind"]
    ]
    qubits = qubits.assign(modes=GRAPH_QUBITS, order=2, quantity=names)
    lost = to_frame(results.summary("lost_contexts", Stage.THRESHOLDS))
    names = [f"lost share at weights {spacing:g} apart" for spacing in lost["spacing"]]
    lost = lost.assign(modes=lost["order"], quantity=names)
    best = to_frame(results.summary("jitter", Stage.THRESHOLDS))
    names = [f"best variance of a position at errors of {one:g}" for one in best["jitter"]]
    best = best.assign(quantity=names, **{f"threshold{end}": best[f"best{end}"] for end in ENDS})
    for table in (qubits, lost, best):
        table = table.assign(**_renamed(table, "threshold"))
        for end in ENDS:
            column = end.removeprefix("_") or "threshold"
            table[f"ratio{end}"] = table[column] / table["law"]
        parts.append(table)
    columns = [*COLUMNS, "error", "law", "shots", *(f"ratio{end}" for end in ENDS)]
    return pd.concat([part[columns] for part in parts], ignore_index=True)
