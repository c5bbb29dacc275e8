"""Successes of our runs beside the published ones."""

from __future__ import annotations

import xarray as xr
from scipy.stats import fisher_exact

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.published.records import record
from trainscape.studies.pruning.published.trained_errors import LIMITS
from trainscape.trainability.intervals import proportion
from trainscape.trainability.paired import holm
from trainscape.trainability.proportions import share_difference

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("optimiser", "model", "qubits", "layers")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each circuit.

    ``success`` and ``known`` are our share of successes and the published one, ``difference`` ours
    less that; ``p_value`` is Fisher's, corrected by Holm's method for all circuits of an optimiser.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        errors = cell.data["error"].values
        found = record(*(cell[name] for name in SYSTEM))
        count, reached = len(errors), int((errors < LIMITS[cell["optimiser"]]).sum())
        counts = [
            [reached, count - reached],
            [found.successes, found.runs - found.successes],
        ]
        rows.append(
            {
                **{name: cell[name] for name in SYSTEM},
                "runs": count,
                "known_runs": found.runs,
                "success": proportion(reached, count),
                "known": proportion(found.successes, found.runs),
                "difference": share_difference(reached, count, found.successes, found.runs),
                "p_value": float(fisher_exact(counts).pvalue),
                "best": float(errors.min()),
            }
        )
    for optimiser in dict.fromkeys(row["optimiser"] for row in rows):
        own = [row for row in rows if row["optimiser"] == optimiser]
        for row, p_value in zip(own, holm([row["p_value"] for row in own]), strict=True):
            row["p_value"] = float(p_value)
    return to_dataset(rows, SYSTEM)
