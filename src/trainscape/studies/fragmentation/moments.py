"""Second moments of gradients: cells that differ only in their instance make one row, a system."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.contract import CellData
from trainscape.studies.kit.tables import by_parameters
from trainscape.trainability.moments import moments

__all__ = ["moment_rows"]

Real = NDArray[np.float64]


def moment_rows(
    cells: Sequence[CellData],
    gradients: Sequence[Real],
    rng: np.random.Generator,
    by: Sequence[str],
    haar: Sequence[float] | None = None,
) -> list[dict[str, Any]]:
    """Estimate the second moment of the gradient of each system.

    Parameters
    ----------
    cells
        Cells with a variable ``loss``.
    gradients
        The columns of each cell's gradient that count, shape (samples, parameters).
    rng
        Stream of the bootstrap.
    by
        Names of the cell parameters that make a system. Cells that differ in others only are its
        instances.
    haar
        For each cell the exact Haar average of the squared gradient. Then the ratio to it is
        estimated too, with the gradients of each instance scaled by its own average, because
        instances differ in it.

    Returns
    -------
    list of dict
        Rows for `trainscape.studies.kit.tables.to_dataset`: the system, ``second_moment``,
        ``instances``, ``samples``, ``loss`` and, with `haar`, ``haar_ratio`` and ``haar``.
    """
    position = {id(cell): index for index, cell in enumerate(cells)}
    rows = []
    for system, members in by_parameters(cells, by).items():
        chosen = [position[id(cell)] for cell in members]
        estimate = moments([gradients[index] for index in chosen], rng)
        row: dict[str, Any] = dict(zip(by, system, strict=True)) | {
            "second_moment": estimate.second_moment,
            "instances": estimate.instances,
            "samples": estimate.samples,
            "loss": float(np.mean([cell.data["loss"].values.mean() for cell in members])),
        }
        if haar is not None:
            scaled = [gradients[index] / np.sqrt(haar[index]) for index in chosen]
            row["haar_ratio"] = moments(scaled, rng).second_moment
            row["haar"] = float(np.mean([haar[index] for index in chosen]))
        rows.append(row)
    return rows
