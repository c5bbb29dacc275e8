"""Learning a label of basis states from half of them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.studies.pruning.beyond.circuits import domain_walls, input_engines
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

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
    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    rows = []
    for index in samples:
        order = cell.generator(Purpose.INPUTS, index).permutation(len(labels))
        seen, unseen = np.split(order, [len(labels) // 2])
        chosen = [list(engines.values())[place] for place in seen]

        def loss(
            theta: np.ndarray, chosen: list[Statevector] = chosen, seen: np.ndarray = seen
        ) -> tuple[np.ndarray, np.ndarray]:
            found = [engine.value_and_gradient(theta) for engine in chosen]
            errors = np.array([value for value, _ in found]) - labels[seen][:, None]
            slopes = np.array([gradient for _, gradient in found])
            return (errors**2).mean(axis=0), (2 * errors[:, :, None] * slopes).mean(axis=0)

        rng = cell.generator(Purpose.PARAMETERS, index)
        start = rng.uniform(-np.pi, np.pi, (1, parameters))
        run = minimise_batch(loss, start, options, [-np.inf])
        outputs = np.array([engine.value(run.theta)[0] for engine in engines.values()])
        errors = (outputs - labels) ** 2
        rows.append(
            {
                "train": run.losses[0],
                "test": errors[unseen].mean(),
                "accuracy": float((outputs * labels > 0)[unseen].mean()),
            }
        )
    return xr.Dataset(by_sample(rows, DESCRIBED))
