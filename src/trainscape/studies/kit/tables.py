"""Rows to datasets and tables: the one way from measured rows to what figures and claims read.

An `Estimate` in a row becomes the columns ``name``, ``name_error``, ``name_low``, ``name_high``.
Series are chosen by the values of coordinates, never by text that is meant for people.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellData
from trainscape.trainability.intervals import LEVEL, Estimate
from trainscape.trainability.scaling import ScalingFit, fit_scaling

__all__ = [
    "FEWEST_SIZES",
    "by_parameters",
    "estimate_at",
    "estimates",
    "fit_columns",
    "joined",
    "scaling_table",
    "scan_table",
    "select",
    "slices",
    "span",
    "to_dataset",
    "to_frame",
]

FEWEST_SIZES = 3
"""Two laws with two parameters each cannot be told apart on fewer sizes."""

SMALLEST_ERROR = 1e-3
"""Relative standard error that a point of a fit has at least: no law is exact."""


def by_parameters(
    cells: Iterable[CellData], names: Sequence[str]
) -> dict[tuple[Any, ...], list[CellData]]:
    """Return the cells grouped by the values of some parameters, in order of first appearance."""
    groups: dict[tuple[Any, ...], list[CellData]] = {}
    for cell in cells:
        groups.setdefault(tuple(cell[name] for name in names), []).append(cell)
    return groups


def slices(
    cells: Iterable[CellData], names: Sequence[str], *coordinates: str
) -> Iterator[tuple[dict[str, Any], xr.Dataset]]:
    """Yield the data of each cell at each combination of the values of its coordinates.

    They come with the start of a row: the cell's parameters `names`, and those values.
    """
    for cell in cells:
        own = {name: cell[name] for name in names}
        for values in product(*(cell.data[name].values.tolist() for name in coordinates)):
            at = dict(zip(coordinates, values, strict=True))
            yield own | at, cell.data.sel(at)


def scan_table(cells: Iterable[CellData], names: Sequence[str], *coordinates: str) -> xr.Dataset:
    """Return single numbers of cells as rows, one for each combination of coordinates.

    As `slices`, with the parameters `names` and the coordinates as coordinates of the rows.
    """
    rows = [
        {**row, **{str(name): values.item() for name, values in data.data_vars.items()}}
        for row, data in slices(cells, names, *coordinates)
    ]
    return to_dataset(rows, (*names, *coordinates))


def _expanded(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Estimate):
            flat |= {
                name: value.value,
                f"{name}_error": value.standard_error,
                f"{name}_low": value.low,
                f"{name}_high": value.high,
            }
        else:
            flat[name] = value
    return flat


def to_dataset(
    rows: Sequence[Mapping[str, Any]],
    coordinates: Sequence[str] = (),
    *,
    dimension: str = "row",
    level: float = LEVEL,
    columns: Sequence[str] = (),
) -> xr.Dataset:
    """Return rows as a dataset with one dimension.

    Parameters
    ----------
    rows
        One mapping for each row, all with the same keys: scalars, texts and estimates.
    coordinates
        Keys that say what a row is about; the others are measured.
    dimension
        Name of the dimension.
    level
        Nominal coverage of the intervals; an attribute of the dataset.
    columns
        Keys of an empty table.
    """
    flat = [_expanded(row) for row in rows]
    names = list(flat[0]) if flat else list(columns)
    variables = {name: (dimension, np.array([row[name] for row in flat])) for name in names}
    return xr.Dataset(
        {name: variable for name, variable in variables.items() if name not in coordinates},
        coords={name: variable for name, variable in variables.items() if name in coordinates},
        attrs={"confidence_level": level},
    )


def to_frame(dataset: xr.Dataset, dimension: str = "row", **constants: Any) -> pd.DataFrame:
    """Return the variables along one dimension of a dataset as a table, constants first."""
    columns = {
        str(name): variable.values
        for name, variable in dataset.variables.items()
        if variable.dims == (dimension,)
    }
    frame = pd.DataFrame(columns)
    for position, (name, value) in enumerate(constants.items()):
        frame.insert(position, name, value)
    return frame


def joined(cells: Iterable[CellData], name: str) -> NDArray[Any]:
    """Return a variable of several cells, one after the other along its first dimension."""
    return np.concatenate([cell.data[name].values for cell in cells])


def select(frame: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Return the rows in which each named column has the given value, or one of a tuple."""
    for name, value in values.items():
        column = frame[name]
        frame = frame[column.isin(value) if isinstance(value, tuple) else column == value]
    return frame


def estimate_at(
    row: Mapping[Hashable, Any] | pd.Series,
    name: str,
    samples: int = 1,
    level: float = LEVEL,
) -> Estimate:
    """Return an estimate from the columns of a row."""
    value, error, low, high = (
        float(row[f"{name}{end}"]) for end in ("", "_error", "_low", "_high")
    )
    return Estimate(value, error, low, high, level, samples, "from a table")


def estimates(frame: pd.DataFrame, name: str, samples: str | None = None) -> list[Estimate]:
    """Return the estimates in the columns of a table; `samples` names the column of counts."""
    rows = frame.to_dict("records")
    return [estimate_at(row, name, int(row[samples]) if samples else 1) for row in rows]


def span(counts: Any) -> str:
    """Return "least to largest", or the one number if all are equal."""
    low, high = int(np.min(counts)), int(np.max(counts))
    return str(low) if low == high else f"{low} to {high}"


def fit_columns(fit: ScalingFit) -> dict[str, Any]:
    """Return a scaling fit as columns: the one schema of a fit.

    ``verdict``, ``sizes``; for each law ``<law>_slope``, ``_low``, ``_high``,
    ``_intercept`` and ``_delta``, AICc less the least one (NaN where it is not defined);
    ``stretch``, the exponent of the stretched law. Laws that were not fitted are NaN.
    """
    least = min(law.aicc for law in fit.laws.values())
    row: dict[str, Any] = {"verdict": str(fit.verdict), "sizes": fit.sizes}
    for name in ("power", "exponential", "stretched"):
        law = fit.laws.get(name)
        numbers = (
            (math.nan,) * 5
            if law is None
            else (
                law.slope,
                law.slope_low,
                law.slope_high,
                law.intercept,
                law.aicc - least if math.isfinite(law.aicc) else math.nan,
            )
        )
        ends = ("slope", "low", "high", "intercept", "delta")
        row |= {f"{name}_{end}": number for end, number in zip(ends, numbers, strict=True)}
    row["stretch"] = fit.laws["stretched"].stretch if "stretched" in fit.laws else math.nan
    return row


def scaling_table(
    frame: pd.DataFrame,
    *,
    by: Sequence[str],
    value: str,
    abscissae: Sequence[str],
    stretched: bool = False,
    exact: bool = False,
    largest: float | None = None,
) -> list[dict[str, Any]]:
    """Fit the scaling laws to each series of a table.

    Parameters
    ----------
    frame
        Table with the columns of an estimate, see `to_dataset`.
    by
        Columns whose values make a series.
    value
        Name of the estimate.
    abscissae
        Columns against which it is fitted, one after the other.
    stretched
        Whether to fit the stretched exponential too.
    exact
        Whether the values have no errors.
    largest
        Relative standard error above which a point is left out; None keeps all.

    Returns
    -------
    list of dict
        Rows for `to_dataset`: the series, ``abscissa``, ``smallest_size``, ``largest_size`` and
        `fit_columns`. Series with fewer than `FEWEST_SIZES` sizes are left out.
    """
    usable = frame[frame[value] > 0]
    if largest is not None:
        usable = usable[usable[f"{value}_error"] <= largest * usable[value]]
    rows: list[dict[str, Any]] = []
    for series, points in usable.groupby(list(by), sort=False):
        for abscissa in abscissae:
            sizes = points[abscissa].to_numpy(dtype=np.float64)
            values = points[value].to_numpy(dtype=np.float64)
            if len(np.unique(sizes)) < FEWEST_SIZES:
                continue
            errors = None
            if not exact:
                known = np.nan_to_num(points[f"{value}_error"].to_numpy(dtype=np.float64))
                errors = np.maximum(known, SMALLEST_ERROR * values)
            fit = fit_scaling(sizes, values, errors, stretched=stretched)
            rows.append(
                {
                    **dict(zip(by, series, strict=True)),
                    "abscissa": abscissa,
                    "smallest_size": float(sizes.min()),
                    "largest_size": float(sizes.max()),
                    **fit_columns(fit),
                }
            )
    return rows
