"""Means of the walked moments over instances, one row for each encoder and width."""

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import SYSTEM, num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean, positive_mean
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patches import leading_path, two_design_gradient_moment

__all__ = ["summarise"]

ROUNDING = 1e-10
"""Parts of a moment below this are rounding."""

UNKNOWN = 1e-6
"""Of a moment below this part of its error nothing is known."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return means over the instances, and the closed form of the leading path.

    Estimates are ``gradient`` (E[g_k^2]; without the encoder the mean over all strings and k),
    ``norm`` (E||grad C||^2 over all strings, without the encoder), and with an encoder and one
    string, ``missing``, the mean of 1 - R^2, which the leading path leaves of the moment of an
    instance, and ``two_sines``, the mean part of that from paths with two sines (NaN unless all
    instances have their paths listed). Others are ``bound``, the mean leading path, and ``share``,
    its part of the mean moment; ``two_design``; ``density``, the mean A / D. An encoder that
    encodes no instance of a system has no row.
    """
    rows = []
    for row, data in slices(context.cells(Stage.GRADIENTS), SYSTEM, "encoder", "law"):
        encoded = np.isfinite(data["gradient"].values)
        if not encoded.any():
            continue
        data = data.isel(sample=encoded)
        d = num_parameters(row["ansatz"], row["depth"], row["qubits"])
        row["parameters"] = d
        for moment in ("gradient", "norm"):
            # Instances whose walkers all missed the same rare paths agree too well: their own
            # errors count where they are larger than the spread.
            row[moment] = positive_mean(data[moment].values, data[f"{moment}_error"].values)
        gradient, cosines = row["gradient"].value, data["cosines"].values
        string = row["observable"] in ("random_pauli", "global_z")
        bounded = string and row["encoder"] != "none"
        path, _ = leading_path(LAWS[row["law"]].patch(d), cosines)
        bound = float(path.mean()) if bounded else np.nan
        values, errors = data["gradient"].values, data["gradient_error"].values
        # Nothing is left, or known, of a moment that no walker met.
        met = np.where(bounded & (values > UNKNOWN * errors), values, np.nan)
        missing = 1 - path / met
        row["missing"] = positive_mean(missing, (1 - missing) * errors / met)
        pairs, some = data["two_sines"].values, missing > ROUNDING
        row["two_sines"] = mean(np.where(some, pairs, np.nan) / np.where(some, missing, 1.0))
        row |= {
            "bound": bound,
            "share": bound / gradient if gradient > 0 else np.nan,
            "two_design": two_design_gradient_moment(row["qubits"]),
            "density": float(cosines.mean() / d) if bounded else np.nan,
            "instances": len(cosines),
        }
        rows.append(row)
    return to_dataset(rows, (*SYSTEM, "encoder", "law"))
