r"""Plain gradient descent to late times, on the square loss with three targets and on the energy.

With the energy E, its lowest value :math:`E_0` in the space and a target :math:`E_t`, a step is

.. math:: \theta \to \theta - \eta\,(E - E_t)\,\nabla E
          \quad\text{or}\quad
          \theta \to \theta - \eta\,(\bar E - E_0)\,\nabla E .

The second is descent on the energy; with the mean :math:`\bar E` of the energy in the space, first
steps of both are equally long. The learning rate is a fraction of the inverse mean kernel as P2
predicts it, the same for all runs of a system.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.pruning.descending import Goal, descend, descent_dataset, recorded_steps
from trainscape.studies.pruning.kernels.stored_ansatz import stored_ansatz

__all__ = ["LIMITS", "WINDOW", "sample"]

POINTS = 60
WINDOW = 8
"""Decay exponents are measured over the last steps, from the whole number divided by this on."""

LIMITS = (1e-2, 1e-4, 1e-6, 1e-8)
"""Errors at which the steps of the runs are kept, in units of the coupling."""

END = 1e-10
"""Error at which a run stops, in units of the coupling."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Descend; return errors and kernels at recorded steps, and where each limit is met.

    The error is the distance from the energy at which the run ends: the ground energy, or the
    target if it lies above. A run that has reached `END` keeps its last values.
    """
    layer = cell.inputs["dataset"]
    ansatz = stored_ansatz(layer, cell["layers"])
    levels = np.linalg.eigvalsh(ansatz.hamiltonian)
    offset = {"above": 1, "below": -1}.get(cell["case"], 0) * cell.options["offset"]
    end = levels[0] + max(offset, 0)
    rate = cell.options["fraction"] / (cell["layers"] * float(layer["resolved"].sum()))
    theta = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, len(ansatz.gates))
            for index in samples
        ]
    )
    target = None if cell["case"] == "energy" else float(levels[0]) + offset
    goal = Goal(float(end), target, float(levels.mean() - levels[0]))
    last = cell.options["steps"]
    steps = recorded_steps(last, POINTS, last // WINDOW)
    found = descend(
        ansatz.energy_and_gradient,
        theta,
        goal,
        rate,
        steps=last,
        recorded=steps,
        limits=LIMITS,
        stop=END,
    )
    return descent_dataset(found, steps, LIMITS)
