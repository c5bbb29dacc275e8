"""Many runs of gradient descent or Adam at once, with the iterations at which they converge.

Each run depends on its own start alone: one that has converged is left where it is while the others
go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.training.optimisers import Adam, GradientDescent

__all__ = ["BatchRun", "adam_step", "minimise_batch"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class BatchRun:
    """Result of many runs.

    Parameters
    ----------
    theta
        Final parameters, shape ``(S, P)``.
    losses
        Final losses, shape ``(S,)``.
    recorded
        Losses at the recorded iterations, shape ``(S, R)``; those of a run that has converged stay
        what they were then.
    first
        For each run and limit, the iteration at which the loss was first at or below it, -1 if
        never, shape ``(S, limits)``.
    """

    theta: Real
    losses: Real
    recorded: Real
    first: NDArray[np.int64]


def minimise_batch(
    value_and_gradient: Callable[[Real], tuple[Real, Real]],
    theta: Real,
    options: Adam | GradientDescent,
    limits: Sequence[float],
    recorded: Sequence[int] = (),
    directions: Callable[[Real, NDArray[np.int64]], Real] | None = None,
) -> BatchRun:
    """Minimise from many starts.

    Parameters
    ----------
    value_and_gradient
        Returns losses, shape ``(S,)``, and gradients, shape ``(S, P)``, of parameters of shape
        ``(S, P)``; the rows are independent of each other.
    theta
        Initial parameters, shape ``(S, P)``.
    options
        Settings; the target is not used.
    limits
        Losses whose first iteration is noted. A run ends at the smallest of them.
    recorded
        Iterations at which losses are recorded, ascending, counted from 0 before the first step.
    directions
        Returns what takes the place of gradients, given those of some runs, shape ``(A, P)``, and
        the indices of these runs, shape ``(A,)``: their parts along which each run may move, where
        runs have different parameters fixed or tied. None leaves them as they are.
    """
    theta = np.array(theta, dtype=np.float64)
    count = len(theta)
    first = np.full((count, len(limits)), -1, dtype=np.int64)
    kept = np.full((count, len(recorded)), np.nan)
    losses = np.empty(count)
    moments = np.zeros((2, *theta.shape))
    active = np.arange(count)
    bounds = np.asarray(limits, dtype=np.float64)
    least = bounds.min()
    places = {step: place for place, step in enumerate(recorded)}
    for iteration in range(options.iterations + 1):
        losses[active], gradient = value_and_gradient(theta[active])
        reached = (losses[:, None] <= bounds) & (first < 0)
        first[reached] = iteration
        if iteration in places:
            kept[:, places[iteration]] = losses
        going = losses[active] > least
        if not going.all():
            active, gradient = active[going], gradient[going]
        if not len(active) or iteration == options.iterations:
            break
        if directions is not None:
            gradient = directions(gradient, active)
        theta[active] -= _step(options, moments, active, gradient, iteration + 1)
    later = np.isnan(kept)
    kept[later] = np.broadcast_to(losses[:, None], kept.shape)[later]
    return BatchRun(theta, losses, kept, first)


def _step(
    options: Adam | GradientDescent,
    moments: Real,
    active: NDArray[np.int64],
    gradient: Real,
    step: int,
) -> Real:
    """Return what is subtracted from the parameters of the active runs; keep Adam's moments."""
    if isinstance(options, GradientDescent):
        return options.learning_rate * gradient
    chosen = moments[:, active]
    moved = adam_step(options, chosen, gradient, step)
    moments[:, active] = chosen
    return moved


def adam_step(options: Adam, moments: Real, gradient: Real, step: int) -> Real:
    """Return what a step of Adam subtracts from parameters, and keep its moments.

    Parameters
    ----------
    options
        Rate, memories and epsilon; the rest is not used.
    moments
        First and second moment of the gradient, shape ``(2, S, P)``, zeros before the first step;
        changed in place.
    gradient
        Shape ``(S, P)``.
    step
        Number of the step, from 1 on.
    """
    first, second = moments
    first *= options.beta1
    first += (1 - options.beta1) * gradient
    second *= options.beta2
    second += (1 - options.beta2) * gradient**2
    mean = first / (1 - options.beta1**step)
    spread = np.sqrt(second / (1 - options.beta2**step)) + options.epsilon
    return np.asarray(options.learning_rate * mean / spread)
