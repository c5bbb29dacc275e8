"""Mean squared gradients of each system, beside their closed forms and what layers sum to."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import joined, to_dataset
from trainscape.studies.pruning.scaling.moment_laws import moment_law
from trainscape.trainability.intervals import mean

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "stage", "qubits", "layers")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system.

    ``moment`` is measured, ``law`` the value for deep circuits, ``ratio`` one over the other, and
    ``depth`` the number of layers in units of n squared.
    """
    rows = []
    for cell in context.cells(Stage.GRADIENTS):
        own = {name: cell[name] for name in SYSTEM}
        values = joined([cell], "moment")
        law = moment_law(own["model"], own["stage"], own["qubits"])
        rows.append(
            {
                **own,
                "samples": len(values),
                "moment": mean(values),
                "law": law,
                "ratio": mean(values / law),
                "depth": own["layers"] / own["qubits"] ** 2,
            }
        )
    return to_dataset(rows, SYSTEM)
