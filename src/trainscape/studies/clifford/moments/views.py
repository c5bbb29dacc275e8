"""What figures and claims of the group share: rows of the tables of moments and of fits."""

import math
from typing import Any

import pandas as pd

from trainscape.studies.clifford.moments.scaling_laws import LARGEST_ERROR
from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Results
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = ["DEEP", "STRINGS", "THIRD", "ZONE", "fits_of", "known", "moments_of", "over_third_law"]

DEEP: dict[str, Any] = {"ansatz": "mhea", "depth": "linear"}

STRINGS: dict[str, Any] = {**DEEP, "observable": "random_pauli"}

ZONE = ("D^-1/3", "sqrt(ln D / D)")
"""Widths of the transition zone."""

THIRD = "-ln E[g_k^2] / (D^(1/3) / 2)"
"""1 by the derived law at D^-1/3."""


def moments_of(results: Results, family: str, **values: Any) -> pd.DataFrame:
    """Return the rows with these values of a family's table of moments."""
    return select(to_frame(results.summary(family, Stage.GRADIENTS)), **values)


def fits_of(results: Results, family: str, **values: Any) -> pd.DataFrame:
    """Return the rows with these values of a family's table of fits."""
    return select(to_frame(results.summary(family, Stage.THRESHOLDS)), **values)


def known(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose moment is known well enough to be shown."""
    return table[table["gradient_error"] <= LARGEST_ERROR * table["gradient"]]


def over_third_law(results: Results) -> dict[int, Estimate]:
    """Return `THIRD` by number of qubits, where the moment is known."""
    rows = known(moments_of(results, "walk", law=ZONE[0], encoder="lce", **STRINGS))
    ratios = {}
    for row in rows.to_dict("records"):
        value, low, high = (
            -2 * math.log(row[f"gradient{end}"]) / row["parameters"] ** (1 / 3)
            for end in ("", "_high", "_low")
        )
        samples = int(row["instances"])
        ratios[int(row["qubits"])] = Estimate(value, math.nan, low, high, LEVEL, samples, "walk")
    return ratios
