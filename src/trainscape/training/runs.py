"""The settings, the state and the result of a minimisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LBFGS",
    "Adam",
    "GradientDescent",
    "Optimiser",
    "Real",
    "Run",
    "State",
    "Stop",
    "vector",
]

Real = NDArray[np.float64]


class Stop(StrEnum):
    """Why a run ended."""

    TARGET = "target"
    """The loss reached the target."""
    GRADIENT = "gradient"
    """The gradient fell below its tolerance: a critical point."""
    ITERATIONS = "iterations"
    """The iterations or evaluations were used up."""
    STALLED = "stalled"
    """The line search found no lower loss: rounding at a minimum, or a gradient that does not
    belong to the loss. Or an iteration gained no more than the relative tolerance."""


@dataclass(frozen=True)
class LBFGS:
    """Settings of L-BFGS.

    Parameters
    ----------
    iterations
        Greatest number of iterations; one of them takes one evaluation or a few.
    target
        Stop once the loss is at most this; None: never.
    gradient_tolerance
        Stop once the largest component of the gradient is at most this, in units of loss.
    memory
        Number of correction pairs that stand in for the Hessian.
    relative_tolerance
        Stop once an iteration lowers the loss by no more than this, in units of the larger of one
        and the loss. Zero by default, since a small change is no sign of a minimum.
    evaluations
        Greatest number of evaluations, checked after each iteration; None: 20 for each of them.
    """

    iterations: int = 2000
    target: float | None = None
    gradient_tolerance: float = 1e-12
    memory: int = 20
    relative_tolerance: float = 0.0
    evaluations: int | None = None


@dataclass(frozen=True)
class Adam:
    """Settings of Adam.

    Parameters
    ----------
    iterations
        Step at which to stop, counted from the very start of the run, also where it is continued.
    target
        Stop once the loss is at most this; None: never.
    learning_rate
        Step length, in units of the parameters.
    beta1, beta2
        Memory of the first and second moment of the gradient.
    epsilon
        Keeps the step finite where the gradient vanishes.
    """

    iterations: int = 1000
    target: float | None = None
    learning_rate: float = 0.02
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


@dataclass(frozen=True)
class GradientDescent:
    """Settings of gradient descent.

    Parameters
    ----------
    iterations
        Step at which to stop, counted from the very start of the run, also where it is continued.
    target
        Stop once the loss is at most this; None: never.
    learning_rate
        Factor of the gradient: a step is ``theta -= learning_rate * gradient``.
    """

    iterations: int = 1000
    target: float | None = None
    learning_rate: float = 0.1


Optimiser = LBFGS | Adam | GradientDescent


def vector(theta: ArrayLike) -> Real:
    """Return a copy of parameters as a vector of float64, shape (P,).

    Raises
    ------
    ValueError
        If they have another shape, or there are none.
    """
    copy = np.array(theta, dtype=np.float64)
    if copy.ndim != 1 or copy.size == 0:
        raise ValueError(f"parameters have the shape (P,) with P at least 1, and not {copy.shape}")
    return copy


@dataclass(frozen=True)
class State:
    """Everything that Adam or gradient descent needs to go on.

    Parameters
    ----------
    theta
        Parameters, shape (P,).
    first, second
        Adam's moments of the gradient, shape (P,), not corrected for their start at zero; zeros for
        gradient descent.
    step
        Number of steps taken.
    """

    theta: Real
    first: Real
    second: Real
    step: int

    @classmethod
    def start(cls, theta: ArrayLike) -> State:
        """Return the state before the first step."""
        start = vector(theta)
        return cls(start, np.zeros_like(start), np.zeros_like(start), 0)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name, for storage."""
        return {
            "theta": self.theta,
            "first": self.first,
            "second": self.second,
            "step": np.asarray(self.step, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike]) -> State:
        """Return the state that `to_arrays` wrote.

        Raises
        ------
        ValueError
            If an array is missing, or they differ in shape.
        """
        missing = {"theta", "first", "second", "step"} - set(arrays)
        if missing:
            raise ValueError(f"a stored optimiser state lacks {', '.join(sorted(missing))}")
        theta, first, second = (vector(arrays[name]) for name in ("theta", "first", "second"))
        if not theta.shape == first.shape == second.shape:
            raise ValueError(
                f"a stored optimiser state holds arrays of different shapes: {theta.shape}, "
                f"{first.shape}, {second.shape}"
            )
        return cls(theta, first, second, int(np.asarray(arrays["step"])))


@dataclass(frozen=True)
class Run:
    """Result of a minimisation.

    Parameters
    ----------
    theta
        Final parameters, shape (P,).
    loss, gradient_norm
        Loss and Euclidean norm of its gradient there.
    iterations, evaluations
        Iterations, and evaluations of loss and gradient, of this call.
    losses
        Loss before the first iteration and after each, shape (iterations + 1,). A continued run
        starts with the value that the run before it ended with.
    stop
        Why it ended.
    message
        What the optimiser said, for people.
    state
        For `minimise` to continue from; None for L-BFGS.
    """

    theta: Real
    loss: float
    gradient_norm: float
    iterations: int
    evaluations: int
    losses: Real
    stop: Stop
    message: str
    state: State | None = None
