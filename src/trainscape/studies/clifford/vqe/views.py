"""Views of the summary that figures and claims share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from trainscape.studies.kit.tables import select, to_frame

__all__ = ["LEVEL", "System", "against", "at", "main_rate", "patch_name", "systems_of", "tests_of"]

System = tuple[str, int, int]
"""Observable, qubits n, layers L."""


LEVEL = 0.05
"""Family-wise level of the tests."""


def patch_name(exponent: float) -> str:
    """Return the name of a patch, such as ``D^-1/2``."""
    denominator = round(1 / exponent)
    return "D^-1" if denominator == 1 else f"D^-1/{denominator}"


def tests_of(summary: xr.Dataset) -> pd.DataFrame:
    """Return the paired tests, one row for each, without the prefix of their names."""
    return to_frame(summary, "test").rename(columns=lambda name: name.removeprefix("test_"))


def systems_of(table: pd.DataFrame) -> list[System]:
    """Return the different systems, in the order in which they appear."""
    columns = (table[name].tolist() for name in ("observable", "qubits", "layers"))
    return list(dict.fromkeys(zip(*columns, strict=True)))


def at(table: pd.DataFrame, system: System) -> pd.DataFrame:
    """Return the rows of a system."""
    return select(table, **dict(zip(("observable", "qubits", "layers"), system, strict=True)))


def main_rate(table: pd.DataFrame) -> float:
    """Return the learning rate of most rows: further ones are tried on one system only."""
    rates, counts = np.unique(table["rate"], return_counts=True)
    return float(rates[counts.argmax()])


def against(tests: pd.DataFrame, start: str, optimiser: str = "gd") -> pd.DataFrame:
    """Return the tests of descent with the encoder against one other method."""
    return select(tests, optimiser="gd", other_start=start, other_optimiser=optimiser)
