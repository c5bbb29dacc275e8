"""One row for each system and depth: counts before and after, and the energies reached."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import median

__all__ = ["COUNTS", "SYSTEM", "summarise"]

SYSTEM = ("system", "layers")
COUNTS = ("qubits", "dense_gates", "gates", "parameters", "dense_effective", "effective")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the rows; ``best`` is the least error of all restarts, ``error`` their median.

    ``above`` is the least error above the lowest energy that can be reached.
    """
    spaces = {cell["system"]: cell.data for cell in context.cells(Stage.DATASET)}
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        space, errors = spaces[cell["system"]], cell.data["error"].values
        scale = abs(float(space["ground"]))
        rows.append(
            {
                "system": cell["system"],
                "layers": cell["layers"],
                **{name: int(space[name]) for name in COUNTS},
                "ground": float(space["ground"]),
                "gap": float(space["gap"]),
                "restarts": len(errors),
                "best": float(np.maximum(errors, 0.0).min()),
                "above": float(max(errors.min() - float(space["gap"]) / scale, 0.0)),
                "error": median(errors),
            }
        )
    return to_dataset(rows, SYSTEM)
