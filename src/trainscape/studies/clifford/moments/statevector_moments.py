"""Moments of the gradients of `statevector_gradients`, one row for each encoder and width."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.clifford.moments.leading_path import SYSTEM, leading_path
from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import positive_mean

__all__ = ["summarise"]

STALE = ("D^-1/5", "1")
"""Widths whose published spread is that of D^-1/3, by a slip."""


def _row(data: xr.Dataset, law: str, parameters: int, published: bool) -> dict[str, Any]:
    """Return the row of one encoder and width from the runs of a cell."""
    chosen = data.sel(law=law)
    derivative = chosen["derivative"].values
    square = float((derivative**2).mean())
    row: dict[str, Any] = {
        "norm": positive_mean(chosen["norm"].values),
        "squared_norm": positive_mean(chosen["norm"].values ** 2),
        "gradient": positive_mean(derivative**2),
        "loss": positive_mean(chosen["loss"].values ** 2),
        **dict.fromkeys(("variance", "bound", "share", "path_share"), np.nan),
    }
    string = bool(np.isfinite(data["path"].values).all())
    if str(data["encoder"].values) == "lce" and string:
        bound, mean = leading_path(law, data["cosines"].values.astype(np.float64), parameters)
        missed = float(((derivative - chosen["path"].values) ** 2).mean())
        row |= {
            "variance": square - float((mean**2).mean()),
            "bound": float(bound.mean()),
            "share": float(bound.mean()) / square,
            "path_share": 1 - missed / square,
        }
    source = data.sel(law="D^-1/3") if published and law in STALE else chosen
    row["spread"] = float(chosen["norm"].values.std())
    row["published_spread"] = float(source["norm"].values.std())
    row["runs"] = len(derivative)
    return row


def _rows(cell: CellData, published: bool) -> list[dict[str, Any]]:
    d = num_parameters(cell["ansatz"], cell["depth"], cell["qubits"])
    return [
        {
            **{name: cell[name] for name in SYSTEM},
            "encoder": encoder,
            "law": law,
            "parameters": d,
            **_row(cell.data.sel(encoder=encoder), law, d, published),
        }
        for encoder in cell.data["encoder"].values.tolist()
        for law in cell.data["law"].values.tolist()
    ]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return second moments and mean norms.

    Estimates are ``norm`` (mean norm, as published), ``squared_norm``, ``gradient`` (E[g_k^2]) and
    ``loss`` (E[C^2]). Others are ``variance`` of g_k over the angles at fixed instance,
    ``bound`` and ``share`` of the leading path, and ``path_share``, 1 less its measured relative
    mean square error (one string with the encoder, else NaN); ``spread``, the standard deviation
    of the norm between runs, and ``published_spread``, the one that was published.
    """
    published = bool(context.options["published"])
    rows = [row for cell in context.cells(Stage.GRADIENTS) for row in _rows(cell, published)]
    return to_dataset(rows, (*SYSTEM, "encoder", "law"))
