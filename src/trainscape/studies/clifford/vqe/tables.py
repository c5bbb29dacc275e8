"""Views of the summary that figures and claims share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["main_rate", "systems_of", "tests_of"]


def tests_of(summary: xr.Dataset) -> pd.DataFrame:
    """Return the paired tests, one row for each, without the prefix of their names."""
    columns = {
        str(name).removeprefix("test_"): variable.values
        for name, variable in summary.variables.items()
        if variable.dims == ("test",)
    }
    return pd.DataFrame(columns)


def systems_of(table: pd.DataFrame | xr.Dataset) -> list[tuple[str, int, int]]:
    """Return the different (observable, qubits, layers), in the order in which they appear."""
    columns = (table[name].values.tolist() for name in ("observable", "qubits", "layers"))
    return list(dict.fromkeys(zip(*columns, strict=True)))


def main_rate(summary: xr.Dataset) -> float:
    """Return the learning rate that most runs have: further ones are tried on one system only."""
    rates, counts = np.unique(summary["rate"].values, return_counts=True)
    return float(rates[counts.argmax()])
