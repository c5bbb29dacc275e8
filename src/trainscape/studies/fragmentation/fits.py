"""Scaling fits of gradient moments, as a table: one row for each series and abscissa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.trainability.scaling import ScalingFit, fit_scaling

__all__ = ["Series", "fit_table", "standard_error"]

Real = NDArray[np.float64]

FEWEST_SIZES = 3
"""Two laws with two parameters each cannot be told apart on fewer sizes."""


@dataclass(frozen=True)
class Series:
    """Values against sizes: one line of a figure."""

    name: str
    abscissa: str
    sizes: Real
    values: Real
    errors: Real


def standard_error(table: xr.Dataset, name: str) -> Real:
    """Return the standard errors that the 95 % intervals of a moment table imply: a quarter of their width, at least a thousandth of the value."""
    width = (table[f"{name}_high"] - table[f"{name}_low"]).values / 4
    floor = 1e-3 * table[name].values
    return np.asarray(np.maximum(np.nan_to_num(width, nan=0.0), floor))


def fit_table(series: Sequence[Series]) -> xr.Dataset:
    """Fit power law and exponential to each series and compare them by AICc; a difference below 4 is undecided."""
    rows: list[tuple[Series, ScalingFit]] = [
        (line, fit_scaling(line.sizes, line.values, line.errors))
        for line in series
        if len(line.sizes) >= FEWEST_SIZES
    ]
    variables: dict[str, tuple[str, Real]] = {}
    for law in ("power", "exponential"):
        for field in ("slope", "slope_low", "slope_high", "intercept"):
            variables[f"{law}_{field}"] = (
                "fit",
                np.array([getattr(getattr(fit, law), field) for _, fit in rows]),
            )
    return xr.Dataset(
        {
            **variables,
            "delta_aicc": ("fit", np.array([fit.delta for _, fit in rows])),
            "sizes": ("fit", np.array([fit.sizes for _, fit in rows])),
            "verdict": ("fit", np.array([str(fit.verdict) for _, fit in rows])),
        },
        coords={
            "series": ("fit", np.array([line.name for line, _ in rows])),
            "abscissa": ("fit", np.array([line.abscissa for line, _ in rows])),
        },
        attrs={"confidence_level": 0.95},
    )
