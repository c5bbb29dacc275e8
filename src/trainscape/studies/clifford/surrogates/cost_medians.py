"""The map of gradient strength and surrogate costs: means and medians over the instances."""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import Estimate, median, positive_mean
from trainscape.trainability.patch_laws import LAWS

__all__ = ["summarise"]

COSTS = ("order", "sines", "worst_paths", "average_paths")


def _medians(data: xr.Dataset, prefix: str = "") -> dict[str, Any]:
    """Return median costs over the instances that are resolved."""
    resolved = data[f"{prefix}sines"].values >= 0
    enough = 2 * resolved.sum() >= len(resolved)
    row: dict[str, Any] = {
        name: float(np.median(data[prefix + name].values[resolved])) if enough else np.nan
        for name in COSTS
    }
    return row | {"resolved": int(resolved.sum()), "instances": len(resolved)}


def _size(row: dict[str, Any]) -> dict[str, Any]:
    n = row["qubits"]
    return {"qubits": n, "parameters": num_parameters("mhea", "linear", n), **row}


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each size and width: E[g_k^2], E[C^2], leading path and median costs.

    Medians are over the instances that are resolved, where these are at least half, else NaN: the
    others may have the longer paths. On the grid the law is empty, and the share ``beyond`` one
    sine is NaN; in the zone the moments are.
    """
    cells = context.cells(Stage.GRADIENTS)
    unknown = Estimate(np.nan, np.nan, np.nan, np.nan, np.nan, 0, "none")
    rows = []
    for row, data in slices(cells, ("qubits",), "scaled_width"):
        gradient = positive_mean(data["gradient"].values, data["gradient_error"].values)
        share = float(data["bound"].mean()) / gradient.value if gradient.value > 0 else np.nan
        row = {"law": "", **_size(row), "gradient": gradient, "beyond": unknown, "share": share}
        rows.append({**row, "loss": float(data["loss"].mean()), "single": np.nan, **_medians(data)})
    for row, data in slices(cells, ("qubits",), "law"):
        shares, d = data["zone_beyond"].values, num_parameters("mhea", "linear", row["qubits"])
        known = shares[np.isfinite(shares)]
        beyond = median(known) if 2 * len(known) >= len(shares) else unknown
        row = {**_size(row), "scaled_width": LAWS[row["law"]].patch(d).size * np.sqrt(d)}
        row |= {"gradient": unknown, "beyond": beyond, "share": np.nan, "loss": np.nan}
        rows.append({**row, "single": float(data["single"].median()), **_medians(data, "zone_")})
    return to_dataset(rows, ("qubits", "parameters", "law", "scaled_width"))
