"""Infidelities of dense and pruned ansätze, and paired tests between them."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, to_dataset
from trainscape.trainability.intervals import median
from trainscape.trainability.paired import paired_test

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each kind of target.

    ``difference`` is the number of iterations of the pruned ansatz minus that of the dense one.
    """
    rows = []
    targets = by_parameters(context.cells(Stage.SIMULATE), ("qubits", "layers", "target"))
    for number, ((qubits, layers, target), cells) in enumerate(targets.items()):
        found = {cell["stage"]: cell.data for cell in cells}
        dense, pruned = found["A0"]["infidelity"].values, found["A3"]["infidelity"].values
        floors = found["A3"]["floor"].values
        count = min(len(dense), len(pruned))
        rng = context.generator(Purpose.BOOTSTRAP, number)
        iterations = [found[stage]["iterations"].values.astype(float) for stage in ("A3", "A0")]
        test = paired_test(iterations[0][:count], iterations[1][:count], rng)
        rows.append(
            {
                "qubits": qubits,
                "layers": layers,
                "target": target,
                "pairs": count,
                "dense": median(dense),
                "pruned": median(pruned),
                "floor": median(floors),
                "below_floor": float((floors - pruned).max()),
                "dense_iterations": median(iterations[1]),
                "pruned_iterations": median(iterations[0]),
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    return to_dataset(rows, ("qubits", "layers", "target"))
