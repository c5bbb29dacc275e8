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
from numpy.typing import NDArray

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.kernels.stored_ansatz import stored_ansatz

__all__ = ["LIMITS", "WINDOW", "recorded_steps", "sample"]

Real = NDArray[np.float64]

POINTS = 60
WINDOW = 8
"""Decay exponents are measured over the last steps, from the whole number divided by this on."""

LIMITS = (1e-2, 1e-4, 1e-6, 1e-8)
"""Errors at which the steps of the runs are kept, in units of the coupling."""

END = 1e-10
"""Error at which a run stops, in units of the coupling."""


def recorded_steps(steps: int) -> list[int]:
    """Return steps at which errors are kept, evenly spaced in the logarithm, 0 first."""
    spaced = np.geomspace(1, steps, POINTS).round().astype(int).tolist()
    return sorted({0, steps // WINDOW, *spaced})


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
    steps = recorded_steps(cell.options["steps"])
    errors, kernels = np.empty((2, len(samples), len(steps)))
    crossing = np.full((len(samples), len(LIMITS)), -1.0)
    going = np.ones(len(samples), dtype=bool)
    error, kernel = np.full((2, len(samples)), np.inf)
    for step in range(cell.options["steps"] + 1):
        if going.any():
            energy, gradient = ansatz.energy_and_gradient(theta)
            # A run that has stopped does not move, so that its numbers stay as they are.
            before, error = error, np.abs(energy - end)
            kernel = (gradient**2).sum(axis=1)
            reached = (error[:, None] <= LIMITS) & (crossing < 0)
            crossing[reached] = step - _overshoot(before, error)[reached]
            going &= error > END
            pull = levels.mean() - levels[0] if cell["case"] == "energy" else energy - end
            if cell["case"] == "below":
                pull = energy - levels[0] - offset
            theta = theta - (going * rate * pull)[:, None] * gradient
        if step in steps:
            place = steps.index(step)
            errors[:, place], kernels[:, place] = error, kernel
    return xr.Dataset(
        {
            "errors": variable(("sample", "step"), errors, "distance from the final energy", "J"),
            "kernels": variable(("sample", "step"), kernels, "tangent kernel", "J^2"),
            "crossing": variable(
                ("sample", "limit"),
                crossing,
                "step at which the error first falls to the limit, interpolated; -1: never",
            ),
        },
        coords={"step": steps, "limit": list(LIMITS)},
    )


def _overshoot(before: Real, after: Real) -> Real:
    """Return by how much of a step each limit was met before its end, shape (samples, limits).

    In between, the error falls exponentially. A run that begins below a limit meets it at the
    start.
    """
    known = np.isfinite(before) & (after > 0)
    fall = np.log(np.where(known, before, 1) / np.where(known, after, 1))
    past = np.log(np.array(LIMITS) / np.where(known, after, 1)[:, None])
    share = np.divide(past, fall[:, None], out=np.zeros_like(past), where=fall[:, None] > 0)
    return np.asarray(np.where(known[:, None], np.clip(share, 0, 1), 0.0))
