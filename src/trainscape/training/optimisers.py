r"""Optimisers with one signature: L-BFGS, Adam and gradient descent.

All minimise a loss :math:`f(\theta)` of real parameters from its value and exact gradient, are deterministic, and record the loss at every step.

* L-BFGS [1]_ (SciPy's L-BFGS-B without bounds) finds minima to machine precision: use it for maps of what can be reached.
* Adam [2]_ and gradient descent have a meaningful time axis: use them for loss curves. Their whole state is a few arrays, so that a run continued
  from a `State` equals an uninterrupted one bit for bit.

Gradient descent converges only for rates below :math:`2 / \lambda_\max` of the Hessian. For p parameters that act alike :math:`\lambda_\max`
grows like p, so the rate is given in units of 1/p.

References
----------
.. [1] C. Zhu, R. H. Byrd, P. Lu, J. Nocedal, Algorithm 778: L-BFGS-B, ACM Transactions on Mathematical Software 23, 550 (1997).
.. [2] D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, arXiv:1412.6980.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

__all__ = [
    "LBFGS",
    "Adam",
    "GradientDescent",
    "Optimiser",
    "Run",
    "State",
    "Stop",
    "minimise",
    "single",
]

Real = NDArray[np.float64]
ValueAndGradient = Callable[[Real], tuple[float, Real]]


class Stop(StrEnum):
    """Why a run ended."""

    TARGET = "target"
    """The loss reached the target."""
    GRADIENT = "gradient"
    """The gradient fell below its tolerance: a critical point."""
    ITERATIONS = "iterations"
    """The iterations or evaluations were used up."""
    STALLED = "stalled"
    """The line search found no lower loss: rounding at a minimum, or a gradient that does not belong to the loss."""


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
    """

    iterations: int = 2000
    target: float | None = None
    gradient_tolerance: float = 1e-12
    memory: int = 20


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
        Rate times the number of parameters: a step is ``theta -= learning_rate / p * gradient``.
    """

    iterations: int = 1000
    target: float | None = None
    learning_rate: float = 1.0


Optimiser = LBFGS | Adam | GradientDescent


@dataclass(frozen=True)
class State:
    """Everything that Adam or gradient descent needs to go on.

    Parameters
    ----------
    theta
        Parameters, shape (P,).
    first, second
        Adam's moments of the gradient, shape (P,), not corrected for their start at zero; zeros for gradient descent.
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
        vector = _vector(theta)
        return cls(vector, np.zeros_like(vector), np.zeros_like(vector), 0)

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
        theta, first, second = (_vector(arrays[name]) for name in ("theta", "first", "second"))
        if not theta.shape == first.shape == second.shape:
            raise ValueError(
                f"a stored optimiser state holds arrays of different shapes: {theta.shape}, {first.shape}, {second.shape}"
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
        Loss before the first iteration and after each, shape (iterations + 1,). A continued run starts with the value that the run before it
        ended with.
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


def minimise(
    value_and_gradient: ValueAndGradient, theta0: ArrayLike | State, options: Optimiser
) -> Run:
    """Minimise a loss.

    Parameters
    ----------
    value_and_gradient
        Function of parameters, shape (P,), that returns the loss and its gradient, shape (P,). It must not change its argument. See `single` for
        one made from a simulator engine.
    theta0
        Initial parameters, shape (P,), one or more; or the state of an earlier run, to continue it (not with `LBFGS`).
    options
        `LBFGS`, `Adam` or `GradientDescent`.

    Returns
    -------
    Run

    Raises
    ------
    FloatingPointError
        If the loss or its gradient is not finite.
    ValueError
        If shapes do not fit.
    TypeError
        If `options` is none of the three, or L-BFGS is to continue a state.

    Examples
    --------
    >>> run = minimise(lambda x: (float(x @ x), 2 * x), [3.0, -4.0], LBFGS(target=1e-12))
    >>> run.stop.value, run.loss < 1e-12
    ('target', True)
    """
    if isinstance(options, LBFGS):
        if isinstance(theta0, State):
            raise TypeError(
                "L-BFGS cannot be continued from a state: its memory is not part of one. Start it anew from state.theta"
            )
        return _lbfgs(_Checked(value_and_gradient), _vector(theta0), options)
    if isinstance(options, Adam | GradientDescent):
        state = theta0 if isinstance(theta0, State) else State.start(theta0)
        return _descend(_Checked(value_and_gradient), state, options)
    raise TypeError(
        f"options are one of LBFGS, Adam and GradientDescent, and not {type(options).__name__}"
    )


def single(value_and_gradient: Callable[[Real], tuple[Real, Real]]) -> ValueAndGradient:
    """Turn the batched method of an engine into a function of one parameter vector.

    Parameters
    ----------
    value_and_gradient
        ``engine.value_and_gradient``: from (S, P) to losses (S,) and gradients (S, P).

    Returns
    -------
    Callable
        From (P,) to the loss and its gradient (P,).
    """

    def function(theta: Real) -> tuple[float, Real]:
        values, gradients = value_and_gradient(theta[None])
        return float(values[0]), gradients[0]

    return function


class _Checked:
    """Counts evaluations, and stops at once where a loss is not finite: an optimiser would wander on without a word."""

    def __init__(self, function: ValueAndGradient) -> None:
        self.function = function
        self.evaluations = 0

    def __call__(self, theta: Real) -> tuple[float, Real]:
        self.evaluations += 1
        value, gradient = self.function(theta)
        value, gradient = float(value), np.asarray(gradient, dtype=np.float64)
        if gradient.shape != theta.shape:
            raise ValueError(
                f"the gradient has the shape {gradient.shape}, and the parameters have {theta.shape}"
            )
        if not np.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} at evaluation {self.evaluations}, |theta| <= {np.max(np.abs(theta)):.3g}: {_CAUSE}"
            )
        if not np.all(np.isfinite(gradient)):
            index = int(np.argmin(np.isfinite(gradient)))
            raise FloatingPointError(
                f"component {index} of the gradient is {gradient[index]} at evaluation {self.evaluations}: {_CAUSE}"
            )
        return value, gradient


_CAUSE = "the learning rate is too large, or the simulator overflowed"


def _vector(theta: ArrayLike) -> Real:
    """Return a copy of the parameters as a vector."""
    vector = np.array(theta, dtype=np.float64)
    if vector.ndim != 1 or vector.size == 0:
        raise ValueError(
            f"parameters have the shape (P,) with P at least 1, and not {vector.shape}"
        )
    return vector


def _norm(vector: Real) -> float:
    """Return the Euclidean norm, summed in a fixed order."""
    return float(np.sqrt(np.sum(vector * vector)))


def _reached(loss: float, target: float | None) -> bool:
    """Return whether the loss is at most the target."""
    return target is not None and loss <= target


def _lbfgs(function: _Checked, theta: Real, options: LBFGS) -> Run:
    """Run SciPy's L-BFGS-B."""
    value, gradient = function(theta)
    losses = [value]
    if _reached(value, options.target):
        return Run(
            theta,
            value,
            _norm(gradient),
            0,
            1,
            np.array(losses),
            Stop.TARGET,
            "the loss is at its target from the start",
        )
    cached: tuple[Real, float, Real] | None = (theta.copy(), value, gradient)

    def evaluate(x: Real) -> tuple[float, Real]:
        # SciPy begins where we have been already.
        nonlocal cached
        if cached is not None and np.array_equal(x, cached[0]):
            return cached[1], cached[2]
        cached = None
        return function(x)

    def record(intermediate_result: Any) -> None:
        losses.append(float(intermediate_result.fun))
        if _reached(losses[-1], options.target):
            raise StopIteration

    result = minimize(
        evaluate,
        theta,
        jac=True,
        method="L-BFGS-B",
        callback=record,
        options={
            "maxiter": options.iterations,
            "maxfun": 20 * options.iterations + 20,
            "maxcor": options.memory,
            "gtol": options.gradient_tolerance,
            "ftol": 0.0,  # a relative change of the loss is no sign of a minimum: losses of interest go down to 1e-13
            "maxls": 40,
        },
    )
    # The line search may end on a point that was not the last one evaluated.
    final = np.array(result.x, dtype=np.float64)
    value, gradient = float(result.fun), np.asarray(result.jac, dtype=np.float64)
    if _reached(value, options.target):
        stop = Stop.TARGET
    elif float(np.max(np.abs(gradient))) <= options.gradient_tolerance:
        stop = Stop.GRADIENT
    elif int(result.status) == 1:
        stop = Stop.ITERATIONS
    else:
        stop = Stop.STALLED
    return Run(
        final,
        value,
        _norm(gradient),
        len(losses) - 1,
        function.evaluations,
        np.array(losses),
        stop,
        str(result.message),
    )


def _descend(function: _Checked, state: State, options: Adam | GradientDescent) -> Run:
    """Run Adam or gradient descent from a state."""
    theta, first, second, step = state.theta, state.first, state.second, state.step
    value, gradient = function(theta)
    losses = [value]
    while step < options.iterations and not _reached(value, options.target):
        step += 1
        if isinstance(options, Adam):
            first = options.beta1 * first + (1 - options.beta1) * gradient
            second = options.beta2 * second + (1 - options.beta2) * gradient**2
            mean = first / (1 - options.beta1**step)
            scale = np.sqrt(second / (1 - options.beta2**step)) + options.epsilon
            theta = theta - options.learning_rate * mean / scale
        else:
            theta = theta - (options.learning_rate / theta.size) * gradient
        value, gradient = function(theta)
        losses.append(value)
    stop = Stop.TARGET if _reached(value, options.target) else Stop.ITERATIONS
    message = (
        f"the loss reached its target {options.target}"
        if stop is Stop.TARGET
        else f"{step} of {options.iterations} iterations were taken"
    )
    return Run(
        theta,
        value,
        _norm(gradient),
        len(losses) - 1,
        function.evaluations,
        np.array(losses),
        stop,
        message,
        State(theta, first, second, step),
    )
