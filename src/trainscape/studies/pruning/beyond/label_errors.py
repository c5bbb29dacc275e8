"""Errors of labels for each ansatz, and paired tests of the pruned one against the others."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, median
from trainscape.trainability.paired import paired_test

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz; ``difference`` is the test error of the pruned one minus."""
    cells = context.cells(Stage.SIMULATE)
    pruned = next(cell for cell in cells if cell["stage"] == "A3").data["test"].values
    rows = []
    for number, cell in enumerate(cells):
        tested = cell.data["test"].values
        count = min(len(tested), len(pruned))
        rng = context.generator(Purpose.BOOTSTRAP, number)
        test = paired_test(pruned[:count], tested[:count], rng)
        rows.append(
            {
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
    return to_dataset(rows, ("qubits", "layers", "stage"))
