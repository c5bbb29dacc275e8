r"""Mean squared derivatives of a loss: at a point, in a patch around it, and over all angles.

For each parameter k this is :math:`E[g_k^2]`, and for all of them its mean
:math:`E|\nabla C|^2 / P`, over parameters on which the loss depends at all. Angles are drawn
normal in a patch, and uniform in :math:`[-\pi, \pi)` for "all angles".

Circuits of Clifford gates and Pauli rotations have exact moments where all Pauli paths can be
summed up. Else derivatives are drawn, as many as follow from the estimated cost of one, never from
a clock, so that equal questions get equal answers; and where no engine can compute them, walks on
Pauli strings do (`trainscape.trainability.circuit_moments`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.simulators.choice import Choice, NoEngineError, choose_engine, engine_class
from trainscape.simulators.contract import Quantity
from trainscape.trainability.circuit_moments import MomentPlan, plan_moments
from trainscape.trainability.intervals import Estimate, exact

__all__ = ["Region", "Slopes", "gradient_choice", "point_slopes", "slopes"]

Real = NDArray[np.float64]

Region = Literal["point", "patch", "all angles"]

MOST_DRAWS, LEAST_DRAWS = 1024, 32
"""Bounds of the number of parameter vectors."""

RESAMPLES = 400
"""Bootstrap resamples of the draws, the same for all parameters."""

MOST_WALKED = 64
"""Parameters that are looked at where walks for all of them would take too long."""

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

    @property
    def total(self) -> Estimate | None:
        """The mean squared norm of the gradient, or None if a parameter was not looked at."""
        if np.isnan(self.moments).any():
            return None
        # A point has its mean over all parameters.
        alive = len(self.moments) - (0 if self.region == "point" else self.dead)
        mean = self.mean
        return replace(
            mean,
            value=alive * mean.value,
            standard_error=alive * mean.standard_error,
            low=alive * mean.low,
            high=alive * mean.high,
        )


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
    method = f"exact, {choice.engine} engine"
    return Slopes("point", squares, squares, squares, mean, dead, method, seconds)


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

    plan = _plan(problem, region, centre, width, int(seed.generate_state(1)[0]))
    if plan is not None and plan.method == "exact":
        return _by_paths(plan, region, start)
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
    return None if plan is None else _by_paths(_within(plan, budget), region, start)


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


def _plan(
    problem: Problem, region: Region, centre: Real, width: float, seed: int
) -> MomentPlan | None:
    """Return how Pauli paths give the moments of all parameters, or None if they do not."""
    if problem.inputs or (region == "patch" and centre.any()):
        return None
    patch = {"uniform": True} if region == "all angles" else {"sigma": width}
    try:
        return plan_moments(problem.circuit, problem.observable, seed=seed, **patch)
    except ValueError:
        return None


def _within(plan: MomentPlan, budget: float) -> MomentPlan:
    """Return a plan for some of the parameters, if all would take longer than the budget."""
    if plan.seconds <= budget:
        return plan
    p = len(plan.names)
    asked = np.unique(np.linspace(0, p - 1, min(p, MOST_WALKED)).astype(int))
    return replace(plan, asked=tuple(asked.tolist()))


def _by_paths(plan: MomentPlan, region: Region, start: float) -> Slopes:
    found = plan.run()
    p, places = len(plan.names), list(plan.asked)
    moments, low, high = (np.full(p, np.nan) for _ in range(3))
    moments[places] = [one.value for one in found]
    low[places], high[places] = [one.low for one in found], [one.high for one in found]
    known = moments[places]
    alive = known > SMALLEST * sum(weight**2 for weight in _weights(plan.problem))
    some = len(places) < p
    method = found.method + (f"; {len(places)} of {p} parameters" if some else "")
    if plan.method == "exact":
        mean = exact(float(known[alive].mean()) if alive.any() else 0.0)
    else:
        mean = _mean_of(known[alive], (high - low)[places][alive] / 3.92, some)
    seconds = time.perf_counter() - start
    return Slopes(region, moments, low, high, mean, int(np.sum(~alive)), method, seconds)


def _mean_of(values: Real, errors: Real, some: bool) -> Estimate:
    if not len(values):
        return exact(0.0)
    centre = float(values.mean())
    error = float(np.sqrt((errors**2).sum()) / len(values))
    # Which parameters were taken matters, too: their spread is that of the parameters left out.
    if some and len(values) > 1:
        error = float(np.hypot(error, values.std(ddof=1) / np.sqrt(len(values))))
    low, high = max(0.0, centre - 1.96 * error), centre + 1.96 * error
    return Estimate(centre, error, low, high, 0.95, len(values), "normal")
