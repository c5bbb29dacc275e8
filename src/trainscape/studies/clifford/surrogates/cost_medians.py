"""The map of gradient strength and surrogate costs: means and medians over the instances."""

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["summarise"]

COSTS = ("order", "sines", "worst_paths", "average_paths")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return a row for each size and width: E[g_k^2], E[C^2], leading path and median costs.

    Medians are over the instances that the walks resolve, where these are at least half, else NaN:
    the others may have the longer paths.
    """
    rows = []
    for row, data in slices(context.cells(Stage.GRADIENTS), ("qubits",), "scaled_width"):
        resolved = data["sines"].values >= 0
        enough = 2 * resolved.sum() >= len(resolved)
        gradient = positive_mean(data["gradient"].values, data["gradient_error"].values)
        share = float(data["bound"].mean()) / gradient.value if gradient.value > 0 else np.nan
        n = row["qubits"]
        row = {"qubits": n, "parameters": num_parameters("mhea", "linear", n), **row}
        row |= {"gradient": gradient, "share": share, "loss": float(data["loss"].mean())}
        for name in COSTS:
            row[name] = float(np.median(data[name].values[resolved])) if enough else np.nan
        rows.append(row | {"resolved": int(resolved.sum()), "instances": len(resolved)})
    return to_dataset(rows, ("qubits", "parameters", "scaled_width"))
