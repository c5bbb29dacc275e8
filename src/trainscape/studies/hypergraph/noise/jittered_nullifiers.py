"""Outcomes of a nullifier with an independent error in every gate of its mode, shot by shot."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.physics.hypergraph.variances import residual_edges
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def _mean_square(cell: CellContext, decibels: float, rng: np.random.Generator) -> float:
    shots, u = cell.options["shots"], float(variance_of_decibels(decibels))
    edges = residual_edges(cell["modes"], cell["order"])
    q = rng.normal(0.0, np.sqrt(u), (shots, edges.modes))
    errors = rng.normal(0.0, cell["jitter"], (shots, edges.edge_count))
    outcome = rng.normal(0.0, np.sqrt(1 / (4 * u)), shots)
    outcome += (errors * q[:, np.array(edges.edges)].prod(axis=-1)).sum(axis=1)
    return float((outcome**2).mean())


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean square of the shots of a sample, for each squeezing."""
    levels = cell.options["levels"]
    found = []
    for index in samples:
        rng = cell.generator(Purpose.SHOTS, index)
        found.append([_mean_square(cell, decibels, rng) for decibels in levels])
    return xr.Dataset(
        {"square": variable(("sample", "level"), found, "mean square of the outcome")},
        coords={"level": list(levels)},
    )
