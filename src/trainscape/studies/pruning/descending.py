r"""Descents on the energy, or on half its squared distance from a target, with what they pass.

With the energy E and a target :math:`E_t` a step of gradient descent is

.. math:: \theta \to \theta - \eta\,(E - E_t)\,\nabla E
          \quad\text{or}\quad
          \theta \to \theta - \eta\,c\,\nabla E ,

the second on the energy, with a constant c that makes its steps comparable. Adam gets the same
gradients, and takes steps of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.kit.variables import variable
from trainscape.training.batches import adam_step
from trainscape.training.optimisers import Adam

__all__ = ["Descent", "Goal", "descend", "descent_dataset", "recorded_steps"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Goal:
    """What a descent is on, and where it ends.

    Parameters
    ----------
    end
        Energy from which the error is the distance.
    target
        Energy of the square loss; None to descend on the energy itself.
    scale
        The constant c of descents on the energy.
    """

    end: float
    target: float | None = None
    scale: float = 1.0

    def pull(self, energy: Real) -> Real:
        """Return the factor of the gradient of the energy, shape ``(S,)``."""
        if self.target is None:
            return np.full_like(energy, self.scale)
        return energy - self.target


@dataclass(frozen=True)
class Descent:
    """What descents pass.

    Parameters
    ----------
    errors, kernels
        Distances from the end and tangent kernels at recorded steps, shape ``(S, steps)``; a run
        that has come to its end keeps its last values.
    crossing
        Step at which the error first falls to each limit, interpolated, -1 if never, shape
        ``(S, limits)``.
    """

    errors: Real
    kernels: Real
    crossing: Real


def recorded_steps(steps: int, points: int, *others: int) -> list[int]:
    """Return steps at which errors are kept, evenly spaced in the logarithm, 0 and others too."""
    spaced = np.geomspace(1, steps, points).round().astype(int).tolist()
    return sorted({0, *others, *spaced})


def descend(
    energy_and_gradient: Callable[[Real], tuple[Real, Real]],
    theta: Real,
    goal: Goal,
    rates: float | Real | Adam,
    *,
    steps: int,
    recorded: Sequence[int],
    limits: Sequence[float],
    stop: float,
) -> Descent:
    """Descend from many starts.

    Parameters
    ----------
    energy_and_gradient
        Returns energies, shape ``(S,)``, and gradients, shape ``(S, P)``, of angles ``(S, P)``.
    theta
        Starts, shape ``(S, P)``, in radians.
    goal
        The loss.
    rates
        Learning rate of gradient descent, one for all or one for each run, shape ``(S,)``; or the
        settings of Adam, of which the limits on steps are not used.
    steps
        Number of steps.
    recorded
        Steps at which errors and kernels are kept.
    limits
        Errors whose step is kept, falling.
    stop
        Error at which a run ends.
    """
    theta = np.array(theta, dtype=np.float64)
    errors, kernels = np.empty((2, len(theta), len(recorded)))
    crossing = np.full((len(theta), len(limits)), -1.0)
    bounds = np.asarray(limits, dtype=np.float64)
    places = {step: place for place, step in enumerate(recorded)}
    going = np.full(len(theta), True)
    error, kernel = np.full((2, len(theta)), np.inf)
    moments = np.zeros((2, *theta.shape))
    own_rates = np.zeros(0) if isinstance(rates, Adam) else np.broadcast_to(rates, len(theta))
    for step in range(steps + 1):
        rows = np.flatnonzero(going)
        if len(rows):
            energy, gradient = energy_and_gradient(theta[rows])
            # A run that has stopped does not move, so that its numbers stay as they are.
            before = error.copy()
            error[rows], kernel[rows] = np.abs(energy - goal.end), (gradient**2).sum(axis=1)
            reached = (error[:, None] <= bounds) & (crossing < 0)
            if reached.any():
                crossing[reached] = step - _overshoot(before, error, bounds)[reached]
            going = error > stop
            slope = goal.pull(energy)[:, None] * gradient
            if isinstance(rates, Adam):
                own = moments[:, rows]
                moved = adam_step(rates, own, slope, step + 1)
                moments[:, rows] = own
            else:
                moved = own_rates[rows, None] * slope
            theta[rows] -= going[rows, None] * moved
        if step in places:
            errors[:, places[step]], kernels[:, places[step]] = error, kernel
    return Descent(errors, kernels, crossing)


def descent_dataset(found: Descent, steps: Sequence[int], limits: Sequence[float]) -> xr.Dataset:
    """Return what descents pass as variables, along ``sample``, ``step`` and ``limit``."""
    text = "step at which the error first falls to the limit, interpolated; -1: never"
    return xr.Dataset(
        {
            "errors": variable(
                ("sample", "step"), found.errors, "distance from the final energy", "J"
            ),
            "kernels": variable(("sample", "step"), found.kernels, "tangent kernel", "J^2"),
            "crossing": variable(("sample", "limit"), found.crossing, text),
        },
        coords={"step": list(steps), "limit": list(limits)},
    )


def _overshoot(before: Real, after: Real, limits: Real) -> Real:
    """Return by how much of a step each limit was met before its end, shape (samples, limits).

    In between, the error falls exponentially. A run that begins below a limit meets it at the
    start.
    """
    known = np.isfinite(before) & (after > 0)
    fall = np.log(np.where(known, before, 1) / np.where(known, after, 1))
    past = np.log(limits / np.where(known, after, 1)[:, None])
    share = np.divide(past, fall[:, None], out=np.zeros_like(past), where=fall[:, None] > 0)
    return np.asarray(np.where(known[:, None], np.clip(share, 0, 1), 0.0))
