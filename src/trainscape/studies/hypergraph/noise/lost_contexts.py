"""Answers to contexts of three weights after loss, at order 2, shot by shot.

The stored weight is the middle one, 0; positions and momenta mix with those of a vacuum.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.magic_squares import square_shifts
from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def _violations(cell: CellContext, lost: float, rng: np.random.Generator) -> int:
    shots, u = cell.options["shots"], float(variance_of_decibels(cell.options["decibels"]))
    s, t = (shift[1] for shift in square_shifts(cell["spacing"] * np.array([-1.0, 0.0, 1.0])))
    p = rng.normal(0.0, np.sqrt(1 / (4 * u)), (2, shots))
    p = np.sqrt(1 - lost) * p + np.sqrt(lost) * rng.normal(0.0, np.sqrt(0.5), (2, shots))
    angle = np.remainder(s * p[0] + t * p[1] + np.pi, 2 * np.pi) - np.pi
    return int((np.abs(angle) > cell.options["tolerance"]).sum())


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the number of violations among the shots of a sample, for each loss."""
    levels = cell.options["levels"]
    counts = []
    for index in samples:
        rng = cell.generator(Purpose.SHOTS, index)
        counts.append([_violations(cell, lost, rng) for lost in levels])
    return xr.Dataset(
        {"violations": variable(("sample", "level"), counts, "violations among the shots")},
        coords={"level": list(levels)},
    )
