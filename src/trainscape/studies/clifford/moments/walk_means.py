"""Means of the walked moments over instances, one row for each encoder and width."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.clifford.moments.leading_path import SYSTEM, leading_path
from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import positive_mean
from trainscape.trainability.patches import two_design_gradient_moment

__all__ = ["summarise"]


def _rows(cell: CellData) -> list[dict[str, Any]]:
    """Return the rows of a system; an encoder that encodes no instance has none."""
    d = num_parameters(cell["ansatz"], cell["depth"], cell["qubits"])
    string = cell["observable"] in ("random_pauli", "global_z")
    rows = []
    for encoder in cell.data["encoder"].values.tolist():
        data = cell.data.sel(encoder=encoder)
        encoded = np.isfinite(data["gradient"].values[:, 0])
        if not encoded.any():
            continue
        data = data.isel(sample=encoded)
        bounded = string and encoder != "none"
        cosines = data["cosines"].values.astype(np.float64)
        for law in data["law"].values.tolist():
            row: dict[str, Any] = {name: cell[name] for name in SYSTEM}
            row |= {"encoder": encoder, "law": law, "parameters": d}
            chosen = data.sel(law=law)
            for moment in ("gradient", "norm"):
                # Instances whose walkers all missed the same rare paths agree too well: their own
                # errors count where they are larger than the spread.
                row[moment] = positive_mean(chosen[moment].values, chosen[f"{moment}_error"].values)
                row[f"{moment}_effective"] = float(chosen[f"{moment}_effective"].values.sum())
            gradient = row["gradient"].value
            bound = float(leading_path(law, cosines, d)[0].mean()) if bounded else np.nan
            row |= {
                "bound": bound,
                "share": bound / gradient if gradient > 0 else np.nan,
                "two_design": two_design_gradient_moment(cell["qubits"]),
                "density": float(cosines.mean() / d) if bounded else np.nan,
                "instances": len(cosines),
            }
            rows.append(row)
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return means over the instances, and the closed form of the leading path.

    Estimates are ``gradient`` (E[g_k^2]) and ``norm`` (E||grad C||^2); ``_effective`` counts the
    walks of equal weight behind the sampled part, all instances together. Others are ``bound``, the
    mean leading path (one string with an encoder, else NaN), and ``share``, its part of the moment;
    ``two_design``; ``density``, the mean A / D.
    """
    rows = [row for cell in context.cells(Stage.GRADIENTS) for row in _rows(cell)]
    return to_dataset(rows, (*SYSTEM, "encoder", "law"))
