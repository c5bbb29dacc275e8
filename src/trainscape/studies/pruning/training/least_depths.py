"""The least depth at which training succeeds, and the gates and parameters that it takes."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import estimate_at, to_dataset, to_frame

__all__ = ["ENOUGH", "summarise"]

ENOUGH = 0.9
"""Share of restarts that must converge."""

SYSTEM = ["model", "qubits", "stage"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz; layers, gates and parameters are -1 where no depth is enough.

    ``tried`` is the next smaller depth that was tried, 0 if none.
    """
    table = to_frame(context.summary(Stage.SIMULATE))
    rows = []
    for names, runs in table.sort_values("layers").groupby(SYSTEM, sort=False):
        enough = runs[runs["success"] >= ENOUGH]
        row = dict(zip(SYSTEM, names, strict=True))
        first = enough.iloc[0] if len(enough) else runs.iloc[-1]
        below = runs[runs["layers"] < first["layers"]]["layers"]
        row["restarts"] = int(first["restarts"])
        row["tried"] = int(below.max()) if len(below) else 0
        row["kernel"] = estimate_at(first, "kernel")
        row["iterations"] = float(first["iterations"])
        for name in ("layers", "gates", "parameters"):
            row[name] = int(first[name]) if len(enough) else -1
        rows.append(row)
    return to_dataset(rows, SYSTEM)
