"""Outcomes of the nullifier of one mode after loss, shot by shot. All weights are `WEIGHT`."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.physics.hypergraph.variances import residual_edges
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["WEIGHT", "sample"]

WEIGHT = 0.25


def _mean_square(cell: CellContext, lost: float, rng: np.random.Generator) -> float:
    shots, u = cell.options["shots"], float(variance_of_decibels(cell.options["decibels"]))
    edges = residual_edges(cell["modes"], cell["order"])
    places, kept, gone = np.array(edges.edges), np.sqrt(1 - lost), np.sqrt(lost / 2)
    q = rng.normal(0.0, np.sqrt(u), (shots, edges.modes))
    p = rng.normal(0.0, np.sqrt(1 / (4 * u)), shots)
    p += WEIGHT * q[:, places].prod(axis=-1).sum(axis=1)
    p = kept * p + gone * rng.normal(0.0, 1.0, shots)
    q = kept * q + gone * rng.normal(0.0, 1.0, q.shape)
    outcome = p - WEIGHT * q[:, places].prod(axis=-1).sum(axis=1)
    return float((outcome**2).mean())


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean square of the shots of a sample, for each loss."""
    levels = cell.options["levels"]
    found = []
    for index in samples:
        rng = cell.generator(Purpose.SHOTS, index)
        found.append([_mean_square(cell, lost, rng) for lost in levels])
    return xr.Dataset(
        {"square": variable(("sample", "level"), found, "mean square of the outcome")},
        coords={"level": list(levels)},
    )
