"""Deviations from what must hold on the full space, and how the loss rises where it must fail."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, joined, to_dataset
from trainscape.trainability.intervals import Estimate, mean
from trainscape.trainability.scaling import power_between

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "label", "missing", "parameters")

VISIBLE, SATURATED = 1e2, 0.01
"""An exponent is fitted where the loss is at least `VISIBLE` times that of the trained network, and
at most `SATURATED`."""


def _mean(values: Sequence[float]) -> Estimate:
    """Return the mean of the values that are known; NaN if none is."""
    known = [value for value in values if np.isfinite(value)]
    return mean(known or [np.nan])


def _exponents(cells: Sequence[CellData]) -> list[float]:
    """Return the exponent of each network that was perturbed."""
    data = [cell.data for cell in cells if "outside_loss" in cell.data]
    return [
        power_between(one["strength"].values, losses, VISIBLE * trained, SATURATED)
        for one in data
        for losses, trained in zip(
            one["outside_loss"].values, one["training_loss"].values, strict=True
        )
    ]


def _row(cells: Sequence[CellData]) -> dict[str, Any]:
    """Return the row of one system and one kind of training set."""
    data = {
        str(name): joined(cells, str(name))
        for name, variable in cells[0].data.data_vars.items()
        if variable.dims == ("sample",)
    }
    bound = data["training_states"] * data["training_loss"]
    medians = ("training_loss", "full_loss", "seen_loss")
    largest = ("copy_spread", "copy_superposition_deviation", "krylov_excess")
    # Whole instances are the unit of the intervals: networks of one instance share what training
    # left undetermined.
    unseen = [cell.data["unseen_loss"].values for cell in cells]
    expected = [cell.data["unseen_expected"].values for cell in cells]
    return {
        "networks": len(bound),
        "instances": len(cells),
        "training_states": int(data["training_states"].min()),
        **{f"median_{name}": float(np.median(data[name])) for name in medians},
        **{name: float(data[name].max()) for name in largest},
        "full_excess": float((data["full_loss"] - data["largest_label_loss"]).max()),
        "training_excess": float((data["full_loss"] - bound).max()),
        "flagged": int(data["flagged"].sum()),
        "unseen_loss": _mean([float(loss.mean()) for loss in unseen]),
        "unseen_expected": float(np.mean(data["unseen_expected"])),
        "unseen_deviation": _mean(
            [float((loss - haar).mean()) for loss, haar in zip(unseen, expected, strict=True)]
        ),
        "exponent": _mean(_exponents(cells)),
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return one row for each system and each kind of training set."""
    systems = by_parameters(context.cells(Stage.SIMULATE), SYSTEM)
    rows = [dict(zip(SYSTEM, key, strict=True)) | _row(cells) for key, cells in systems.items()]
    return to_dataset(rows, SYSTEM)
