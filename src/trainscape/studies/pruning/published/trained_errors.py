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
ANGLES = {"adam": (0.0, np.pi / 2), "lbfgs": (-2 * np.pi, 2 * np.pi)}
"""Range of the angles at the start, see `trainscape.studies.pruning.published.records`."""
ENERGIES, CHANGE, FLAT, PAIRS = 15000, 1e-10, 1e-5, 10
"""Where L-BFGS ends: energies in all, relative change of one, and largest component of a gradient;
and how many pairs of steps it keeps. All but the second are SciPy's defaults."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train; return the final errors of the energy."""
    target = hamiltonian(cell["model"], cell["qubits"])
    lowest = ground_energy(target, np.random.default_rng(0))
    layer = variational_layer(cell["model"], cell["qubits"])
    letters = start_letters(cell["model"], cell["qubits"])
    energy_and_gradient = layered_energy(layer, letters, cell["layers"], target)
    parameters = cell["layers"] * len(layer)
    adam = cell["optimiser"] == "adam"
    starts = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(
                *ANGLES[cell["optimiser"]], parameters
            )
            for index in samples
        ]
    )
    # exp(i g ZZ) turns by twice its parameter.
    couples = [len(block.total.terms[0][1].support) == 2 for block in layer]
    scales = np.tile(np.where(couples, 1.0 if adam else -2.0, 1.0), cell["layers"])

    def error_and_gradient(theta: Real) -> tuple[Real, Real]:
        energy, gradient = energy_and_gradient(scales * theta)
        return energy - lowest, scales * gradient

    iterations, end = cell.options["iterations"], END * LIMITS[cell["optimiser"]]
    if adam:
        options = Adam(iterations=iterations, learning_rate=cell.options["rate"])
        errors = minimise_batch(error_and_gradient, starts, options, [end]).losses
    else:
        search = LBFGS(
            iterations=ENERGIES,
            target=end,
            gradient_tolerance=FLAT,
            memory=PAIRS,
            relative_tolerance=CHANGE,
            # A gradient by finite differences takes an energy for each parameter, and one more.
            evaluations=ENERGIES // (parameters + 1),
        )
        runs = [minimise(single(error_and_gradient), start, search) for start in starts]
        errors = np.array([run.loss for run in runs])
    text = "final energy above the ground state"
    return xr.Dataset({"error": variable("sample", errors, text, "J")})
