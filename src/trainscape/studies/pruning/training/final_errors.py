"""Final errors of the pruned ansatz beside those of the dense one with as many gates or more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, to_dataset, to_frame
from trainscape.trainability.paired import holm, paired_test

__all__ = ["COLUMNS", "summarise"]

SYSTEM = ("model", "qubits", "stage", "layers")
COLUMNS = (
    *("model", "qubits", "dense_layers", "pruned_layers", "dense_gates", "pruned_gates"),
    *("pairs", "dense_error", "pruned_error"),
    *(f"difference{end}" for end in ("", "_error", "_low", "_high")),
    *("p_value", "effect", "p_holm"),
)


def _pairs(runs: pd.DataFrame, limit: float) -> list[tuple[Any, Any]]:
    """Return dense rows that do not converge, each with the largest pruned one of no more gates."""
    found = []
    for _, rows in runs.groupby(["model", "qubits"], sort=False):
        pruned = rows[rows["stage"] == "A3"].sort_values("gates")
        for _, dense in rows[(rows["stage"] == "A0") & (rows["error"] > limit)].iterrows():
            smaller = pruned[pruned["gates"] <= dense["gates"]]
            if len(smaller):
                found.append((dense, smaller.iloc[-1]))
    return found


def _errors(cells: dict[tuple[Any, ...], list[CellData]], row: Any) -> Any:
    (cell,) = cells[tuple(row[name] for name in SYSTEM)]
    return cell.data["error"].values


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a paired test for each dense ansatz whose median error is above the limit.

    The pruned ansatz is the deepest with no more gates. Restarts are paired by their number: they
    share nothing, so that the pairing is as good as any. ``difference`` is pruned less dense, and
    differences up to the smallest limit, at which runs end, are ties.
    """
    table = to_frame(context.summary(Stage.SIMULATE))
    cells = by_parameters(context.cells(Stage.SIMULATE), SYSTEM)
    tie = float(context.summary(Stage.SIMULATE)["limit"].min())
    rows = []
    for number, (dense, pruned) in enumerate(_pairs(table, context.options["limit"])):
        rng = context.generator(Purpose.BOOTSTRAP, number)
        first, second = _errors(cells, pruned), _errors(cells, dense)
        count = min(len(first), len(second))
        test = paired_test(first[:count], second[:count], rng, tie=tie)
        rows.append(
            {
                "model": dense["model"],
                "qubits": int(dense["qubits"]),
                "dense_layers": int(dense["layers"]),
                "pruned_layers": int(pruned["layers"]),
                "dense_gates": int(dense["gates"]),
                "pruned_gates": int(pruned["gates"]),
                "pairs": count,
                "dense_error": float(dense["error"]),
                "pruned_error": float(pruned["error"]),
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    corrected = holm([row["p_value"] for row in rows])
    rows = [{**row, "p_holm": float(p)} for row, p in zip(rows, corrected, strict=True)]
    return to_dataset(rows, COLUMNS[:4], columns=COLUMNS)
