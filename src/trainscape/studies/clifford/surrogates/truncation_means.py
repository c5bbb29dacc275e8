"""Errors of truncated surrogates relative to E[C^2], over all instances of each size."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset

__all__ = ["summarise"]


def _rows(cell: CellData) -> list[dict[str, Any]]:
    count = cell.data.sizes["sample"]
    rows = []
    for law, kappa in product(cell.data["law"].values.tolist(), cell.data["kappa"].values.tolist()):
        means = cell.data.sel(law=law, kappa=kappa).mean("sample")
        one = {str(name): float(value) for name, value in means.data_vars.items()}
        spread = np.sqrt((one["error_variance"] + one["expected_variance"]) / count)
        difference = one["error"] - one["expected"]
        rows.append(
            {
                "qubits": cell["qubits"],
                "law": law,
                "kappa": kappa,
                "measured": one["error"] / one["square"],
                "measured_error": np.sqrt(one["error_variance"] / count) / one["square"],
                "expected": one["expected"] / one["expected_square"],
                "deviation": difference / spread if spread > 0 else 0.0,
                "taylor": one["taylor"] / one["square"],
                "instances": count,
            }
        )
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return measured and expected errors, and their difference in standard errors."""
    rows = [row for cell in context.cells(Stage.SIMULATE) for row in _rows(cell)]
    return to_dataset(rows, ("qubits", "law", "kappa"))
