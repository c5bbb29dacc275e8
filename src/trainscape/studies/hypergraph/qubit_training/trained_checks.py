"""Violations of checks by the qubit model before and after training."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.rounding import rounding_errors
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.training.check_training import check_violation, train_stream, train_whole
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

TESTS = 8
"""Sentences with other orders of the tokens, on which untied angles are rated."""

Array = np.ndarray[Any, Any]


def _start(cell: CellContext, rng: np.random.Generator, places: int) -> Array:
    """Return angles less those of the data, shape ``(P, D)``."""
    shape = (places, comb(cell["qubits"], 2))
    if cell["training"] == "rounded":
        return rounding_errors(rng.random(shape), cell.options["bits"])
    return rng.uniform(-np.pi, np.pi, shape)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return violations before and after training, for each run."""
    n, steps = cell["qubits"], cell.options["steps"]
    edges, training = comb(n, 2), cell["training"]
    places = edges if training == "untied" else 1
    starts, noise, orders, tests = [], [], [], []
    for index in samples:
        rng = cell.generator(Purpose.PARAMETERS, index)
        starts.append(_start(cell, rng, places))
        shots = cell.generator(Purpose.SHOTS, index)
        shape = (edges, steps, 2, 2) if training == "streaming" else (steps, n, n - 1, 2)
        noise.append(shots.standard_normal(shape))
        places_of = np.arange(edges) if training == "untied" else np.zeros(edges, dtype=np.int64)
        order = shots.permuted(np.tile(places_of, (steps + TESTS, 1)), axis=1)
        orders.append(order[:steps])
        tests.append(order[steps:])
    start, options = np.stack(starts), Adam(steps, learning_rate=cell.options["rate"])
    test = np.stack(tests)
    if training == "streaming":
        order = np.random.default_rng(n).permutation(edges)
        ends = train_stream(start[:, 0], order, np.stack(noise), cell.options["shots"], options)
        ends = ends[:, None]
    else:
        ends = train_whole(start, np.stack(orders), np.stack(noise), cell.options["shots"], options)
    rated = [
        check_violation(np.take_along_axis(angles, test, axis=1), n).mean(axis=1)
        for angles in (start, ends)
    ]
    words = "checks violated, before and after training"
    return xr.Dataset(
        {"violation": variable(("sample", "moment"), np.stack(rated, axis=1), words)},
        coords={"moment": [0, 1]},
    )
