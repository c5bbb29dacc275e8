"""Training runs with a record of loss and norms at given iterations.

Gradient descent, Adam, or a random walk with given step lengths; exact, or from measurement
outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.training.measurement import Evaluation, MeasuredLoss
from trainscape.training.optimisers import Adam, GradientDescent, minimise

__all__ = [
    "COLUMNS",
    "descend",
    "evaluator",
    "recorded_iterations",
    "step_lengths",
    "walk",
    "walk_then_descend",
]

Real = NDArray[np.float64]
Evaluate = Callable[[Real], Evaluation]

COLUMNS = ("loss", "measured_loss", "gradient_norm", "parameter_norm")
"""What is recorded: the exact loss, the loss as measured (without shots the exact one), and the
Euclidean norms of the exact gradient and of the angles."""

_POINTS = 30


def recorded_iterations(iterations: int) -> tuple[int, ...]:
    """Return the recorded iterations: 31 evenly spaced ones, or all of a shorter run."""
    return tuple(
        np.unique(
            np.linspace(0, iterations, min(iterations, _POINTS) + 1).round().astype(int)
        ).tolist()
    )


def evaluator(problem: Problem, shots: int, rng: np.random.Generator) -> Evaluate:
    """Return a function from angles ``(P,)`` to loss and gradient.

    They are exact without shots, else measured with outcomes drawn from `rng`.
    """
    if shots:
        measured = MeasuredLoss(problem, shots)
        return lambda theta: measured(theta, rng)
    engine = Statevector(problem)

    def exact(theta: Real) -> Evaluation:
        values, gradients = engine.value_and_gradient(theta[None])
        return Evaluation(float(values[0]), gradients[0], float(values[0]), gradients[0])

    return exact


class _Recorder:
    """Counts evaluations, and records those at the wanted iterations.

    Both optimisers evaluate once before the first step and once after each.
    """

    def __init__(self, evaluate: Evaluate, iterations: Sequence[int]) -> None:
        self.evaluate = evaluate
        self.wanted = frozenset(iterations)
        self.rows: list[tuple[float, ...]] = []
        self.steps: list[float] = []
        self.count = 0

    def __call__(self, theta: Real) -> tuple[float, Real]:
        point = self.evaluate(theta)
        if self.count in self.wanted:
            self.rows.append(
                (
                    point.exact_loss,
                    point.loss,
                    float(np.linalg.norm(point.exact_gradient)),
                    float(np.linalg.norm(theta)),
                )
            )
        self.steps.append(float(np.linalg.norm(point.gradient)))
        self.count += 1
        return point.loss, point.gradient


def descend(
    evaluate: Evaluate, theta: Real, optimiser: str, rate: float, recorded: Sequence[int]
) -> Real:
    """Train with gradient descent (``gd``) or ``adam`` from `theta` and return the record.

    The record has the shape ``(len(recorded), 4)``, its columns in the order of `COLUMNS`. The step
    of gradient descent is `rate` times the gradient, as in arXiv 2507.06344; that of Adam is about
    `rate` for each angle.
    """
    recorder = _Recorder(evaluate, recorded)
    minimise(recorder, theta, _options(optimiser, rate, max(recorded), len(theta)))
    return np.array(recorder.rows)


def step_lengths(evaluate: Evaluate, theta: Real, rate: float, iterations: int) -> Real:
    """Return the lengths of the steps of gradient descent, shape ``(iterations,)``."""
    recorder = _Recorder(evaluate, ())
    minimise(recorder, theta, _options("gd", rate, iterations, len(theta)))
    return rate * np.array(recorder.steps[:iterations])


def walk(
    evaluate: Evaluate,
    theta: Real,
    lengths: Real,
    recorded: Sequence[int],
    rng: np.random.Generator,
) -> Real:
    """Take steps of the given lengths in uniformly random directions.

    Return a record as `descend`.
    """
    recorder = _Recorder(evaluate, range(len(recorded)))
    wanted = frozenset(recorded)
    for iteration in range(len(lengths) + 1):
        if iteration in wanted:
            recorder(theta)
        if iteration < len(lengths):
            direction = rng.standard_normal(len(theta))
            theta = theta + lengths[iteration] / np.linalg.norm(direction) * direction
    return np.array(recorder.rows)


def walk_then_descend(
    evaluate: Evaluate, theta: Real, steps: Real, rate: float, recorded: Sequence[int]
) -> Real:
    """Take the given steps, shape ``(steps, P)``, then descend; return a record as `descend`.

    The descent goes up to the last recorded iteration. This is what arXiv 2507.06344 published
    as a random walk: its loss falls because most of its steps are those of descent.
    """
    recorder = _Recorder(evaluate, recorded)
    for step in steps:
        recorder(theta)
        theta = theta + step
    minimise(recorder, theta, _options("gd", rate, max(recorded) - len(steps), len(theta)))
    return np.array(recorder.rows)


def _options(
    optimiser: str, rate: float, iterations: int, parameters: int
) -> GradientDescent | Adam:
    match optimiser:
        case "gd":
            # This product and quotient may change the last bit of the rate. They are kept because
            # all recorded runs have them.
            rate = rate * parameters / parameters
            return GradientDescent(iterations=iterations, learning_rate=rate)
        case "adam":
            return Adam(iterations=iterations, learning_rate=rate)
    raise ValueError(f"unknown optimiser {optimiser!r}; known are gd, adam, walk")
