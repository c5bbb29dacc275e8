"""Answers to contexts of three weights at finite squeezing, shot by shot.

The stored weight is the middle one of three, whose stabiliser has the longest shift. Its angle is
measured on momenta that are drawn from the squeezed start. At order 3 the third mode of the edge is
prepared at a position drawn from the start, too, which multiplies all three weights.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.magic_squares import square_shifts
from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]

TRIPLE = np.array([-1.0, 0.0, 1.0])


def _violations(cell: CellContext, decibels: float, rng: np.random.Generator) -> int:
    shots, u = cell.options["shots"], float(variance_of_decibels(decibels))
    prepared = rng.normal(0.0, np.sqrt(u), (shots, cell["order"] - 2)).prod(axis=1)
    weights = cell["spacing"] * prepared[:, None] * TRIPLE
    s, t = (shift[:, 1] for shift in square_shifts(weights))
    p = rng.normal(0.0, np.sqrt(1 / (4 * u)), (2, shots))
    angle = np.remainder(s * p[0] + t * p[1] + np.pi, 2 * np.pi) - np.pi
    return int((np.abs(angle) > cell.options["tolerance"]).sum())


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the number of violations among the shots of a sample, for each squeezing."""
    levels = cell.options["levels"]
    counts = []
    for index in samples:
        rng = cell.generator(Purpose.SHOTS, index)
        counts.append([_violations(cell, decibels, rng) for decibels in levels])
    return xr.Dataset(
        {"violations": variable(("sample", "level"), counts, "violations among the shots")},
        coords={"level": list(levels)},
    )
