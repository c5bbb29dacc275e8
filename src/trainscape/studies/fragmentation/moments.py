"""Tables of gradient moments: the cells that differ only in their instance together make one row, a system."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData
from trainscape.trainability.moments import Interval, moments

__all__ = ["instance_of", "middle_half", "moment_table"]

Real = NDArray[np.float64]


def instance_of(cell: CellData, instances: Sequence[CellData]) -> CellData:
    """Return the upstream cell whose parameters are all among those of `cell`."""
    return next(other for other in instances if other.parameters.items() <= cell.parameters.items())


def middle_half(gradient: Real) -> Real:
    """Return the columns of the middle half of the parameters (all of them if there are fewer than four)."""
    cut = gradient.shape[1] // 4
    return gradient[:, cut : gradient.shape[1] - cut]


def moment_table(
    cells: Sequence[CellData],
    gradients: Sequence[Real],
    rng: np.random.Generator,
    by: Sequence[str],
    haar: Sequence[float] | None = None,
) -> xr.Dataset:
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
        Names of the cell parameters that make a system. Cells that differ in others only are its instances.
    haar
        For each cell the exact Haar average of the squared gradient. Then the ratio to it is estimated too, with the gradients of each instance scaled by its own
        average, because instances differ in it.

    Returns
    -------
    xarray.Dataset
        Dimension ``system``; estimates come as ``name``, ``name_low``, ``name_high`` at the confidence level in the attributes.
    """
    systems = list(dict.fromkeys(tuple(cell[name] for name in by) for cell in cells))
    rows: dict[str, list[float]] = {}
    counts: dict[str, list[int]] = {"instances": [], "samples": []}
    level = 0.0

    def put(name: str, interval: Interval) -> None:
        for suffix, value in (
            ("", interval.value),
            ("_low", interval.low),
            ("_high", interval.high),
        ):
            rows.setdefault(name + suffix, []).append(value)

    for system in systems:
        chosen = [
            index for index, cell in enumerate(cells) if tuple(cell[name] for name in by) == system
        ]
        found = moments([gradients[index] for index in chosen], rng)
        level = found.second_moment.level
        put("second_moment", found.second_moment)
        counts["instances"].append(found.instances)
        counts["samples"].append(found.samples)
        rows.setdefault("loss", []).append(
            float(np.mean([cells[index].data["loss"].values.mean() for index in chosen]))
        )
        if haar is not None:
            put(
                "haar_ratio",
                moments(
                    [gradients[index] / np.sqrt(haar[index]) for index in chosen], rng
                ).second_moment,
            )
            rows.setdefault("haar", []).append(float(np.mean([haar[index] for index in chosen])))
    coordinates = {
        name: ("system", np.array([system[position] for system in systems]))
        for position, name in enumerate(by)
    }
    variables = {name: ("system", np.array(values)) for name, values in {**rows, **counts}.items()}
    return xr.Dataset(variables, coords=coordinates, attrs={"confidence_level": level})
