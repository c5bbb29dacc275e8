"""What figures and claims of the group share: rows of the tables of moments and of fits."""

from typing import Any

import pandas as pd

from trainscape.studies.clifford.moments.scaling_laws import LARGEST_ERROR
from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Results

__all__ = ["DEEP", "STRINGS", "ZONE", "fits_of", "known", "moments_of"]

DEEP: dict[str, Any] = {"ansatz": "mhea", "depth": "linear"}

STRINGS: dict[str, Any] = {**DEEP, "observable": "random_pauli"}

ZONE = ("D^-1/3", "sqrt(ln D / D)")
"""Widths of the transition zone."""


def moments_of(results: Results, family: str, **values: Any) -> pd.DataFrame:
    """Return the rows with these values of a family's table of moments."""
    return select(to_frame(results.summary(family, Stage.GRADIENTS)), **values)


def fits_of(results: Results, family: str, **values: Any) -> pd.DataFrame:
    """Return the rows with these values of a family's table of fits."""
    return select(to_frame(results.summary(family, Stage.THRESHOLDS)), **values)


def known(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose moment is known well enough to be shown."""
    return table[table["gradient_error"] <= LARGEST_ERROR * table["gradient"]]
