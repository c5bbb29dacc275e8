"""What the figures of this study share: error bars from tables, and tables from summaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

__all__ = ["errorbar", "frame", "qubits", "span", "system_name"]


def span(counts: Any) -> str:
    """Return the range of some counts as text: "5", or "5 to 10"."""
    low, high = int(np.min(counts)), int(np.max(counts))
    return str(low) if low == high else f"{low} to {high}"


def errorbar(axes: Axes, x: Any, table: pd.DataFrame, name: str, **style: Any) -> None:
    """Draw the column `name` of a table with the interval in its columns ``name_low`` and ``name_high``; no bar where that is not finite."""
    value = table[name].to_numpy()
    low, high = (np.nan_to_num(table[f"{name}_{end}"].to_numpy(), nan=v) for end, v in (("low", value[0]), ("high", value[0])))
    below, above = np.maximum(value - low, 0), np.maximum(high - value, 0)
    missing = ~np.isfinite(table[f"{name}_low"].to_numpy())
    below[missing] = above[missing] = 0
    axes.errorbar(x, value, yerr=[below, above], capsize=1.5, elinewidth=0.8, **style)


def frame(summary: xr.Dataset, series: str, dimension: str = "system") -> pd.DataFrame:
    """Return the variables of a summary along one dimension as a table, with the name of the series."""
    columns = {str(name): variable.values for name, variable in summary.variables.items() if variable.dims == (dimension,)}
    return pd.DataFrame({"series": series, **columns})


def qubits(site_dim: int, sites: int) -> str:
    """Return the size of a chain in qubits as text, where a site is a whole number of them; else nothing."""
    whole = site_dim & (site_dim - 1) == 0
    return f" ({sites * (site_dim.bit_length() - 1)} qubits)" if whole else ""


def system_name(site_dim: int, sites: int, label: str, top_sectors: int = 0) -> str:
    """Return a chain as text for a legend."""
    top = f", top {top_sectors} sectors" if top_sectors else ""
    return f"d = {site_dim}, L = {sites}{top}" + (r", label $(\lambda, q)$" if label == "lambda_q" else "")
