"""Learning a label of basis states from half of them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.studies.pruning.beyond.circuits import domain_walls, input_engines
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

Real = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

DESCRIBED = {
    "train": ((), "mean squared error of the training set at the end", ""),
    "test": ((), "mean squared error of all other inputs", ""),
    "accuracy": ((), "share of these whose output has the sign of the label", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train one restart for each training set; the label is -1 for two domain walls, else 1."""
    engines = input_engines(cell)
    labels = np.array([-1.0 if domain_walls(bits) == 2 else 1.0 for bits in engines])
    parameters = next(iter(engines.values())).problem.circuit.num_parameters
    half = len(labels) // 2
    seen = np.zeros((len(samples), len(labels)), dtype=bool)
    for row, index in enumerate(samples):
        seen[row, cell.generator(Purpose.INPUTS, index).permutation(len(labels))[:half]] = True
    own = [np.flatnonzero(column) for column in seen.T]

    def loss(theta: Real) -> tuple[Real, Real]:
        value, slope = np.zeros(len(theta)), np.zeros_like(theta)
        for engine, label, rows in zip(engines.values(), labels, own, strict=True):
            output, gradient = engine.value_and_gradient(theta[rows])
            error = output - label
            value[rows] += error**2 / half
            slope[rows] += 2 * error[:, None] * gradient / half
        return value, slope

    start = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, parameters)
            for index in samples
        ]
    )
    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    # No run ends early, so that every call has the rows of all.
    run = minimise_batch(loss, start, options, [-np.inf])
    outputs = np.stack([engine.value(run.theta) for engine in engines.values()], axis=1)
    rows = [
        {
            "train": train,
            "test": ((output - labels) ** 2)[~known].mean(),
            "accuracy": float((output * labels > 0)[~known].mean()),
        }
        for train, output, known in zip(run.losses, outputs, seen, strict=True)
    ]
    return xr.Dataset(by_sample(rows, DESCRIBED))
