"""What the figures of this study share: tables from summaries, and names of systems."""

from __future__ import annotations

import pandas as pd
import xarray as xr

__all__ = ["frame", "qubits", "system_name"]


def frame(summary: xr.Dataset, series: str, dimension: str = "system") -> pd.DataFrame:
    """Return the variables of a summary along one dimension as a table, with the name of the series."""
    columns = {
        str(name): variable.values
        for name, variable in summary.variables.items()
        if variable.dims == (dimension,)
    }
    return pd.DataFrame({"series": series, **columns})


def qubits(site_dim: int, sites: int) -> str:
    """Return the size of a chain in qubits as text, where a site is a whole number of them; else nothing."""
    whole = site_dim & (site_dim - 1) == 0
    return f" ({sites * (site_dim.bit_length() - 1)} qubits)" if whole else ""


def system_name(site_dim: int, sites: int, label: str, top_sectors: int = 0) -> str:
    """Return a chain as text for a legend."""
    top = f", top {top_sectors} sectors" if top_sectors else ""
    return f"d = {site_dim}, L = {sites}{top}" + (
        r", label $(\lambda, q)$" if label == "lambda_q" else ""
    )
