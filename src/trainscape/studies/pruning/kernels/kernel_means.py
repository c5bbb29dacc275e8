"""Mean and spread of the tangent kernel at each depth, beside what predicts the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, slices, to_dataset
from trainscape.trainability.intervals import bootstrap, mean, median

__all__ = ["SYSTEM", "summarise"]

SYSTEM = ("model", "qubits", "mode")


def _relative_spread(values: NDArray[np.float64], axis: int = -1) -> Any:
    return values.std(axis=axis, ddof=1) / values.mean(axis=axis)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each ansatz and depth.

    ``per_layer`` is the kernel over the depth, ``middle`` that of a layer in the middle third.
    ``controllable`` (P1) and ``resolved`` (P2) predict it; ``spread`` is the standard deviation of
    the kernel over its mean, ``deviation`` the median of ``|1 - rho|`` at the smallest rate and the
    least depth.
    """
    spaces = by_parameters(context.cells(Stage.DATASET), SYSTEM)
    rows = []
    found = slices(context.cells(Stage.GRADIENTS), SYSTEM, "layers")
    for number, (row, data) in enumerate(found):
        (space,) = spaces[tuple(row[name] for name in SYSTEM)]
        kernel = data["kernel"].values
        rho = data["first_order"].values[:, -1]
        rng = context.generator(Purpose.BOOTSTRAP, number)
        rows.append(
            {
                **row,
                "dimension": space.data.sizes["row"],
                "parameters": space.data.sizes["gate"] * row["layers"],
                "samples": len(kernel),
                "per_layer": mean(kernel / row["layers"]),
                "middle": mean(data["middle"].values),
                "spread": bootstrap(kernel, _relative_spread, rng),
                "controllable": float(space.data["controllable"].sum()),
                "resolved": float(space.data["resolved"].sum()),
                "deviation": median(np.abs(1 - rho)),
            }
        )
    return to_dataset(rows, (*SYSTEM, "layers"))
