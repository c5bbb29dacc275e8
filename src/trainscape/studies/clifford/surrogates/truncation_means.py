"""Errors of truncated surrogates relative to E[C^2], over all instances of each size."""

import numpy as np
import xarray as xr

from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return measured and expected errors, and their difference in standard errors."""
    rows = []
    for row, data in slices(context.cells(Stage.SIMULATE), ("qubits",), "law", "kappa"):
        count = data.sizes["sample"]
        one = {str(name): float(value) for name, value in data.mean("sample").data_vars.items()}
        spread = np.sqrt((one["error_variance"] + one["expected_variance"]) / count)
        difference = one["error"] - one["expected"]
        row |= {
            "measured": one["error"] / one["square"],
            "measured_error": np.sqrt(one["error_variance"] / count) / one["square"],
            "expected": one["expected"] / one["expected_square"],
            "deviation": difference / spread if spread > 0 else 0.0,
            "taylor": one["taylor"] / one["square"],
            "instances": count,
        }
        rows.append(row)
    return to_dataset(rows, ("qubits", "law", "kappa"))
