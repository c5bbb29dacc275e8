"""Answers to the context XXX, YYI, ZZX in three graph states, with noise, shot by shot.

The states without edges, with the edge {1, 2}, and with {1, 3} and {2, 3} have the first, second
and third check determined. A Pauli error on a qubit flips the checks that anticommute with it.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["CHECKS", "sample"]

CHECKS = np.array([[1, 1, 1], [2, 2, 0], [3, 3, 1]])
"""The checks as letters, 1 to 3 for X, Y and Z, 0 for none: rows are checks, columns qubits."""


def _violations(cell: CellContext, level: float, rng: np.random.Generator) -> int:
    shots = cell.options["shots"]
    state = rng.integers(0, 3, shots)
    if cell["kind"] == "readout":
        return int((rng.random(shots) < level).sum())
    struck = rng.random((shots, 3)) < level
    errors = np.where(struck, rng.integers(1, 4, (shots, 3)), 0)
    own = CHECKS[state]
    anticommute = (errors != own) & (errors > 0) & (own > 0)
    return int((anticommute.sum(axis=1) % 2).sum())


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the number of violations among the shots of a sample, for each level of noise."""
    levels = cell.options[cell["kind"]]
    counts = []
    for index in samples:
        rng = cell.generator(Purpose.SHOTS, index)
        counts.append([_violations(cell, level, rng) for level in levels])
    return xr.Dataset(
        {"violations": variable(("sample", "level"), counts, "violations among the shots")},
        coords={"level": list(levels)},
    )
