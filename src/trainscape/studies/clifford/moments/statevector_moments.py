"""Moments of the gradients of `statevector_gradients`, one row for each encoder and width."""

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import SYSTEM, num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import positive_mean
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patches import leading_path

__all__ = ["summarise"]

STALE = ("D^-1/5", "1")
"""Widths whose published spread is that of D^-1/3, by a slip."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return second moments and mean norms.

    Estimates are ``norm`` (mean norm, as published), ``squared_norm``, ``gradient`` (E[g_k^2]) and
    ``loss`` (E[C^2]). Others are ``variance`` of g_k over the angles at fixed instance,
    ``bound`` and ``share`` of the leading path, and ``path_share``, 1 less its measured relative
    mean square error (one string with the encoder, else NaN); ``spread``, the standard deviation
    of the norm between runs, and ``published_spread``, the one that was published; ``own_draws``,
    whether the instances are those of the walks.
    """
    rows, third = [], 0.0
    for row, data in slices(context.cells(Stage.GRADIENTS), SYSTEM, "encoder", "law"):
        law, d = row["law"], num_parameters(row["ansatz"], row["depth"], row["qubits"])
        norm, derivative, path = (data[name].values for name in ("norm", "derivative", "path"))
        square, spread = float((derivative**2).mean()), float(norm.std())
        # Laws come in the published order: this one before the stale ones.
        third = spread if law == "D^-1/3" else third
        row |= {
            "parameters": d,
            "norm": positive_mean(norm),
            "squared_norm": positive_mean(norm**2),
            "gradient": positive_mean(derivative**2),
            "loss": positive_mean(data["loss"].values ** 2),
            **dict.fromkeys(("variance", "bound", "share", "path_share"), np.nan),
            "spread": spread,
            "published_spread": third if context.options["published"] and law in STALE else spread,
            "runs": len(derivative),
            "own_draws": not context.options["published"],
        }
        if row["encoder"] == "lce" and np.isfinite(path).all():
            bound, mean = leading_path(LAWS[law].patch(d), data["cosines"].values)
            row |= {
                "variance": square - float((mean**2).mean()),
                "bound": float(bound.mean()),
                "share": float(bound.mean()) / square,
                "path_share": 1 - float(((derivative - path) ** 2).mean()) / square,
            }
        rows.append(row)
    return to_dataset(rows, (*SYSTEM, "encoder", "law"))
