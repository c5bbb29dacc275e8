"""Final errors of runs that are trained as published ones were."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.ground_energy import ground_energy
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.energies import layered_energy
from trainscape.studies.pruning.models import hamiltonian, variational_layer
from trainscape.studies.pruning.names import start_letters
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import LBFGS, Adam, minimise, single

__all__ = ["LIMITS", "sample"]

Real = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

LIMITS = {"adam": 1e-3, "lbfgs": 1e-4}
"""Final error below which a run is a success, in units of the coupling."""
END = 0.5
"""Share of the limit at which a run ends: what comes after changes no success."""
FLAT = 1e-5
"""Largest component of a gradient at which L-BFGS ends: SciPy's default, in units of the coupling.
"""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train; return the final errors of the energy."""
    target = hamiltonian(cell["model"], cell["qubits"])
    lowest = ground_energy(target, np.random.default_rng(0))
    layer = variational_layer(cell["model"], cell["qubits"])
    letters = start_letters(cell["model"], cell["qubits"])
    energy_and_gradient = layered_energy(layer, letters, cell["layers"], target)
    parameters = cell["layers"] * len(layer)
    adam = cell["optimiser"] == "adam"
    low, high = (0.0, np.pi) if adam else (-np.pi, np.pi)
    starts = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(low, high, parameters)
            for index in samples
        ]
    )

    def error_and_gradient(theta: Real) -> tuple[Real, Real]:
        energy, gradient = energy_and_gradient(theta)
        return energy - lowest, gradient

    iterations, end = cell.options["iterations"], END * LIMITS[cell["optimiser"]]
    if adam:
        options = Adam(iterations=iterations, learning_rate=cell.options["rate"])
        errors = minimise_batch(error_and_gradient, starts, options, [end]).losses
    else:
        search = LBFGS(iterations=iterations, target=end, gradient_tolerance=FLAT)
        runs = [minimise(single(error_and_gradient), start, search) for start in starts]
        errors = np.array([run.loss for run in runs])
    text = "final energy above the ground state"
    return xr.Dataset({"error": variable("sample", errors, text, "J")})
