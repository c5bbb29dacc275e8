"""Paired tests of the final errors under noise, pruned against dense."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.paired import paired_test

__all__ = ["TEST", "summarise"]

TEST = ("model", "qubits", "layers", "strength", "shots")
COLUMNS = (*TEST, "pairs", "difference", "p_value", "effect")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each depth, strength and number of shots that both ansätze have.

    ``difference`` is the error of the pruned ansatz minus that of the dense one, in pairs of equal
    index; the angles at the start are drawn independently, since their numbers differ.
    """
    cells = context.cells(Stage.SIMULATE)
    dense = {tuple(cell[name] for name in TEST): cell for cell in cells if cell["stage"] == "A0"}
    rows = []
    for number, cell in enumerate(cell for cell in cells if cell["stage"] == "A3"):
        key = tuple(cell[name] for name in TEST)
        if key not in dense:
            continue
        errors = cell.data["error"].values, dense[key].data["error"].values
        count = min(map(len, errors))
        rng = context.generator(Purpose.BOOTSTRAP, number)
        test = paired_test(errors[0][:count], errors[1][:count], rng)
        rows.append(
            {
                **dict(zip(TEST, key, strict=True)),
                "pairs": count,
                "difference": test.difference,
                "p_value": test.p_value,
                "effect": test.effect,
            }
        )
    return to_dataset(rows, TEST, columns=COLUMNS)
