"""Errors of labels for each ansatz, and paired tests of the pruned one against the others."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, median
from trainscape.trainability.paired import paired_test

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each model and ansatz.

    ``difference`` is the error on unseen inputs of the pruned ansatz minus that of this one.
    """
    cells = context.cells(Stage.SIMULATE)
    symmetric = {cell["model"]: cell.data["test"].values for cell in cells if cell["stage"] == "A3"}
    rows = []
    for number, cell in enumerate(cells):
        pruned = symmetric[cell["model"]]
        tested = cell.data["test"].values
        count = min(len(tested), len(pruned))
        rng = context.generator(Purpose.BOOTSTRAP, number)
        test = paired_test(pruned[:count], tested[:count], rng)
        rows.append(
            {
                "model": cell["model"],
                "qubits": cell["qubits"],
                "layers": cell["layers"],
                "stage": cell["stage"],
                "pairs": count,
                "train": median(cell.data["train"].values),
                "test": median(tested),
                "accuracy": mean(cell.data["accuracy"].values),
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    return to_dataset(rows, ("model", "qubits", "layers", "stage"))
