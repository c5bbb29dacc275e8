"""Let a model with one packed latent number translate, for each number of bits that it keeps."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.bit_packing import (
    kept_range,
    packed_violations,
    uniform_violation,
)
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


FINE = 12


def _scanned(edges: int, level_bits: int) -> list[int]:
    """Return numbers of bits: all of the last ones, where rates change, and every third before."""
    possible = list(kept_range(edges, level_bits))
    last = possible[-FINE:]
    return [*possible[:-FINE:3], *last] if len(possible) > 2 * FINE else possible


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return for each batch and number of bits how many answers are violations.

    Queries name neighbouring weights, one query for each edge. ``uniform`` is the exact rate for
    queries with two other weights at random.
    """
    edges, level_bits = int(cell["edges"]), int(cell["level_bits"])
    bits = _scanned(edges, level_bits)
    violated = np.empty((len(samples), len(bits)), dtype=np.int64)
    for row, index in enumerate(samples):
        rng = cell.generator(Purpose.INPUTS, index)
        for column, kept in enumerate(bits):
            wrong = packed_violations(rng, edges, level_bits, kept, int(cell.options["sentences"]))
            violated[row, column] = wrong.sum()
    exact = np.array([uniform_violation(edges, level_bits, kept) for kept in bits])
    return xr.Dataset(
        {"violated": variable(("sample", "bits"), violated, "answers that are violations")},
        coords={
            "bits": bits,
            "uniform": variable(("bits",), exact, "rate for queries at random"),
        },
    )
