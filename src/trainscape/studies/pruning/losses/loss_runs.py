"""Runs of gradient descent and Adam on four losses, from the same angles."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.ground_energy import ground_energy
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.pruning.descending import Goal, descend, descent_dataset, recorded_steps
from trainscape.studies.pruning.energies import layered_energy
from trainscape.studies.pruning.models import ansatz, hamiltonian
from trainscape.studies.pruning.names import start_letters
from trainscape.training.optimisers import Adam

__all__ = ["LIMITS", "WINDOW", "sample"]

POINTS = 60
WINDOW = 8
"""Decay exponents are measured over the last steps, from the whole number divided by this on."""
LIMITS = (1e-1, 1e-2, 1e-4, 1e-6, 1e-8)
"""Errors at which the steps of the runs are kept, in units of the coupling."""
END = 1e-9
"""Error at which a run stops, in units of the coupling."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train; return errors and kernels at recorded steps, and where each limit is met.

    The error is the distance from the energy at which the run ends: the ground energy, or the
    target if it lies above.
    """
    target = hamiltonian(cell["model"], cell["qubits"])
    lowest = ground_energy(target, np.random.default_rng(0))
    layer = ansatz(cell["model"], cell["qubits"], cell["stage"])
    letters = start_letters(cell["model"], cell["qubits"])
    energy_and_gradient = layered_energy(layer, letters, cell["layers"], target)
    parameters = cell["layers"] * len(layer)
    starts = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, parameters)
            for index in samples
        ]
    )
    energy, gradient = energy_and_gradient(starts)
    rates = cell.options["fraction"] / (gradient**2).sum(axis=1)
    offset = {"above": 1.0, "below": -1.0}.get(cell["case"], 0.0) * cell.options["offset"]
    goal = Goal(lowest + max(offset, 0.0), lowest + offset)
    if cell["case"] == "energy":
        goal, rates = Goal(lowest), rates * (energy - lowest)
    last = cell.options["steps"]
    steps = recorded_steps(last, POINTS, last // WINDOW)
    found = descend(
        energy_and_gradient,
        starts,
        goal,
        rates if cell["method"] == "descent" else Adam(learning_rate=cell.options["rate"]),
        steps=last,
        recorded=steps,
        limits=LIMITS,
        stop=END,
    )
    return descent_dataset(found, steps, LIMITS)
