"""Short training of a pruned ansatz inside its space, from small random angles."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.kernels.stored_ansatz import stored_ansatz
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["LIMIT", "WIDTH", "sample"]

WIDTH = 0.5
"""Largest angle at the start, in radians: far below that the gradient vanishes for real states."""
LIMIT = 1e-6
"""Error of the energy, in units of the ground energy, at which a run ends."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the error of the energy of each restart, in units of the ground energy."""
    stored = cell.inputs["dataset"]
    ansatz = stored_ansatz(stored, cell["layers"])
    ground = float(stored["ground"])
    start = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-WIDTH, WIDTH, len(ansatz.gates))
            for index in samples
        ]
    )

    def error_and_gradient(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        energies, gradient = ansatz.energy_and_gradient(theta)
        return (energies - ground) / abs(ground), gradient / abs(ground)

    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    run = minimise_batch(error_and_gradient, start, options, (LIMIT,))
    return xr.Dataset(
        {
            "error": variable("sample", run.losses, "error of the energy over the ground energy"),
            "steps": variable("sample", run.first[:, 0], "steps to the limit, -1: not reached"),
        }
    )
