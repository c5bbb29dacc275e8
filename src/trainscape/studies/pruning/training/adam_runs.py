"""Runs of Adam on the energy of an ansatz, from uniformly random angles."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.ground_energy import ground_energy
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.energies import layered_energy
from trainscape.studies.pruning.models import ansatz, hamiltonian
from trainscape.studies.pruning.names import start_letters
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["recorded_iterations", "sample"]

POINTS = 41


def recorded_iterations(iterations: int) -> list[int]:
    """Return iterations at which losses are kept, evenly spaced in the logarithm, 0 first."""
    spaced = np.geomspace(1, iterations, POINTS - 1).round().astype(int)
    return [0, *np.unique(spaced).tolist()]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train restarts; return errors of the energy, and the first iterations below each limit."""
    target = hamiltonian(cell["model"], cell["qubits"])
    lowest = ground_energy(target, np.random.default_rng(0))
    layer = ansatz(cell["model"], cell["qubits"], cell["stage"])
    letters = start_letters(cell["model"], cell["qubits"])
    energy_and_gradient = layered_energy(layer, letters, cell["layers"], target)
    parameters = cell["layers"] * len(layer)
    start = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, parameters)
            for index in samples
        ]
    )

    def error_and_gradient(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        energy, gradient = energy_and_gradient(theta)
        return energy - lowest, gradient

    iterations = recorded_iterations(cell.options["iterations"])
    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    run = minimise_batch(error_and_gradient, start, options, cell.options["errors"], iterations)
    kernel = (energy_and_gradient(start)[1] ** 2).sum(axis=1)
    return xr.Dataset(
        {
            "error": variable("sample", run.losses, "final energy above the ground state", "J"),
            "errors": variable(
                ("sample", "iteration"), run.recorded, "energy above the ground state", "J"
            ),
            "first": variable(
                ("sample", "limit"), run.first, "first iteration at or below the limit, -1: never"
            ),
            "kernel": variable("sample", kernel, "tangent kernel at the start", "J^2"),
        },
        coords={"iteration": iterations, "limit": list(cell.options["errors"])},
    )
