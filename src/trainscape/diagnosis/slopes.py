r"""Mean squared derivatives of a loss: at a point, in a patch around it, and over all angles.

For each parameter k this is :math:`E[g_k^2]`, and for all of them its mean
:math:`E|\nabla C|^2 / P`, over parameters on which the loss depends at all. Angles are drawn
normal in a patch, and uniform in :math:`[-\pi, \pi)` for "all angles".

The number of draws follows from the estimated cost of one, never from a clock, so that equal
questions get equal answers. Where no engine can compute the derivatives, moments of circuits of
Clifford gates and Pauli rotations come from exact short Pauli paths and walks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.lowering import near_clifford
from trainscape.simulators.choice import Choice, NoEngineError, choose_engine, engine_class
from trainscape.simulators.contract import Quantity
from trainscape.simulators.pauli.walk import Patch, PauliWalk
from trainscape.trainability.intervals import Estimate, exact

__all__ = ["Region", "Slopes", "gradient_choice", "point_slopes", "slopes"]

Real = NDArray[np.float64]

Region = Literal["point", "patch", "all angles"]

MOST_DRAWS, LEAST_DRAWS = 1024, 32
"""Bounds of the number of parameter vectors."""

RESAMPLES = 400
"""Bootstrap resamples of the draws, the same for all parameters."""

WALKS = 4096
"""Walks for each parameter, and at most so many parameters have their own."""
MOST_WALKED = 64

SMALLEST = 1e-24
"""Squared derivatives below this, over the squared weights, are rounding errors of zero."""


@dataclass(frozen=True)
class Slopes:
    """Mean squared derivatives.

    Parameters
    ----------
    region
        Where the angles are drawn.
    moments, low, high
        :math:`E[g_k^2]` for each parameter with its 95 % interval, shape ``(P,)``; NaN where a
        parameter was not looked at.
    mean
        Their mean over the parameters on which the loss depends.
    dead
        Number of parameters on which it does not depend.
    method
        How they were found.
    seconds
        What that took.
    """

    region: Region
    moments: Real
    low: Real
    high: Real
    mean: Estimate
    dead: int
    method: str
    seconds: float


def gradient_choice(problem: Problem, theta: Real, memory: int) -> Choice | None:
    """Return the engine for the gradient at these angles, or None if no exact one can do it."""
    try:
        return choose_engine(problem, Quantity.GRADIENT, theta, memory)
    except NoEngineError:
        return None


def _gradients(problem: Problem, theta: Real, choice: Choice) -> Real:
    return engine_class(choice.engine)(problem).gradient(theta)


def point_slopes(problem: Problem, theta: Real, memory: int) -> Slopes | None:
    """Return the squared derivatives at one point, shape ``(P,)``, or None if out of reach."""
    start = time.perf_counter()
    choice = gradient_choice(problem, theta[None], memory)
    if choice is None:
        return None
    squares = _gradients(problem, theta[None], choice)[0] ** 2
    mean = exact(float(squares.mean())) if len(squares) else exact(0.0)
    dead = int(np.sum(squares <= SMALLEST))
    seconds = time.perf_counter() - start
    return Slopes("point", squares, squares, squares, mean, dead, choice.engine, seconds)


def slopes(
    problem: Problem,
    region: Region,
    *,
    centre: Real,
    width: float,
    budget: float,
    memory: int,
    seed: np.random.SeedSequence,
) -> Slopes | None:
    """Return the mean squared derivatives in a patch or over all angles.

    Parameters
    ----------
    problem
        Circuit, observable and start states.
    region
        "patch" or "all angles".
    centre
        Middle of the patch, shape ``(P,)``.
    width
        Standard deviation of the angles of the patch.
    budget
        Seconds that may be used, by estimate.
    memory
        Bytes that may be used.
    seed
        Random streams.

    Returns
    -------
    Slopes or None
        None if neither an engine nor walks can do it.
    """
    start = time.perf_counter()
    rng = np.random.default_rng(seed)
    p = problem.circuit.num_parameters

    def drawn(count: int) -> Real:
        if region == "patch":
            return centre + width * rng.normal(size=(count, p))
        return rng.uniform(-np.pi, np.pi, size=(count, p))

    probe = drawn(1)
    choice = gradient_choice(problem, probe, memory)
    if choice is not None:
        count = int(budget / max(choice.cost.seconds, 1e-9))
        if count >= LEAST_DRAWS:
            count = min(count, MOST_DRAWS)
            theta = np.concatenate([probe, drawn(count - 1)])
            batch = max(1, min(count, 2**22 // max(p, 1)))
            parts = [
                _gradients(problem, theta[first : first + batch], choice)
                for first in range(0, count, batch)
            ]
            return _summary(
                region,
                np.concatenate(parts) ** 2,
                sum(weight**2 for weight in _weights(problem)),
                rng,
                f"{count} draws, {choice.engine} engine",
                start,
            )
    return _walked(problem, region, centre, width, seed, start)


def _weights(problem: Problem) -> list[float]:
    terms = getattr(problem.observable, "terms", None)
    return [1.0] if terms is None else [weight for weight, _ in terms]


def _summary(
    region: Region, squares: Real, scale: float, rng: np.random.Generator, method: str, start: float
) -> Slopes:
    count, p = squares.shape
    moments = squares.mean(axis=0)
    alive = moments > SMALLEST * scale
    shares = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
    resampled = shares @ squares
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0) if p else np.empty((2, 0))
    total = resampled[:, alive].mean(axis=1) if alive.any() else np.zeros(RESAMPLES)
    ends = np.quantile(total, [0.025, 0.975])
    mean = Estimate(
        float(moments[alive].mean()) if alive.any() else 0.0,
        float(total.std(ddof=1)),
        float(ends[0]),
        float(ends[1]),
        0.95,
        count,
        "bootstrap of the draws",
    )
    seconds = time.perf_counter() - start
    return Slopes(region, moments, low, high, mean, int(p - alive.sum()), method, seconds)


def _walked(
    problem: Problem,
    region: Region,
    centre: Real,
    width: float,
    seed: np.random.SeedSequence,
    start: float,
) -> Slopes | None:
    if region == "patch" and centre.any():
        return None
    try:
        walk = PauliWalk(near_clifford(problem))
    except ValueError:
        return None
    patch = Patch("gaussian", width) if region == "patch" else Patch("uniform", np.pi)
    p = problem.circuit.num_parameters
    chosen = np.unique(np.linspace(0, p - 1, min(p, MOST_WALKED)).astype(int))
    moments, low, high = (np.full(p, np.nan) for _ in range(3))
    found, errors = walk.gradient_moments(chosen.tolist(), patch, WALKS, seed)
    moments[chosen] = found
    low[chosen], high[chosen] = np.maximum(found - 1.96 * errors, 0.0), found + 1.96 * errors
    alive = found > 0
    centre_value = float(found[alive].mean()) if alive.any() else 0.0
    error = float(np.sqrt((errors[alive] ** 2).sum()) / max(alive.sum(), 1))
    # Which parameters were taken matters, too: their spread is that of the parameters left out.
    if alive.sum() > 1 and len(chosen) < p:
        error = float(np.hypot(error, found[alive].std(ddof=1) / np.sqrt(alive.sum())))
    mean = Estimate(
        centre_value,
        error,
        max(0.0, centre_value - 1.96 * error),
        centre_value + 1.96 * error,
        0.95,
        WALKS,
        "normal",
    )
    method = f"{WALKS} Pauli walks for each of {len(chosen)} of {p} parameters"
    return Slopes(
        region,
        moments,
        low,
        high,
        mean,
        int(len(chosen) - alive.sum()),
        method,
        time.perf_counter() - start,
    )
