r"""Minimise a loss by L-BFGS, Adam or gradient descent.

All three minimise a loss :math:`f(\theta)` of real parameters from its value and exact gradient.
They are deterministic, and record the loss at every step.

* L-BFGS [1]_ (SciPy's L-BFGS-B without bounds) finds minima to machine precision. Use it to find
  the lowest loss that can be reached.
* Adam [2]_ and gradient descent have a meaningful time axis. Use them for loss curves. Their state
  is a few arrays, and a run continued from a `State` equals an uninterrupted one bit for bit.

Gradient descent converges only for learning rates below :math:`2 / \lambda_\max` of the Hessian.
For P parameters that act alike :math:`\lambda_\max` grows like P, so that a rate in units of 1/P
suits any number of parameters.

References
----------
.. [1] C. Zhu, R. H. Byrd, P. Lu, J. Nocedal, Algorithm 778: L-BFGS-B, ACM Transactions on
   Mathematical Software 23, 550 (1997).
.. [2] D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, arXiv:1412.6980.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from trainscape.training.runs import (
    LBFGS,
    Adam,
    GradientDescent,
    Optimiser,
    Real,
    Run,
    State,
    Stop,
    vector,
)

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

ValueAndGradient = Callable[[Real], tuple[float, Real]]


def minimise(
    value_and_gradient: ValueAndGradient, theta0: ArrayLike | State, options: Optimiser
) -> Run:
    """Minimise a loss.

    Parameters
    ----------
    value_and_gradient
        Function of parameters, shape (P,), that returns the loss and its gradient, shape (P,). It
        must not change its argument. See `single` for one made from a simulator engine.
    theta0
        Initial parameters, shape (P,), one or more; or the state of an earlier run, to continue it
        (not with `LBFGS`).
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
                "L-BFGS cannot be continued from a state: its memory is not part of one. Start it "
                "anew from state.theta"
            )
        return _lbfgs(_Checked(value_and_gradient), vector(theta0), options)
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
    """A loss that counts its evaluations, and raises if its value or gradient is not finite.

    An optimiser would go on without an error.
    """

    def __init__(self, function: ValueAndGradient) -> None:
        self.function = function
        self.evaluations = 0

    def __call__(self, theta: Real) -> tuple[float, Real]:
        self.evaluations += 1
        value, gradient = self.function(theta)
        value, gradient = float(value), np.asarray(gradient, dtype=np.float64)
        if gradient.shape != theta.shape:
            raise ValueError(
                f"the gradient has the shape {gradient.shape}, and the parameters have "
                f"{theta.shape}"
            )
        if not np.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} at evaluation {self.evaluations}, |theta| <= "
                f"{np.max(np.abs(theta)):.3g}: {_CAUSE}"
            )
        if not np.all(np.isfinite(gradient)):
            index = int(np.argmin(np.isfinite(gradient)))
            raise FloatingPointError(
                f"component {index} of the gradient is {gradient[index]} at evaluation "
                f"{self.evaluations}: {_CAUSE}"
            )
        return value, gradient


_CAUSE = "the learning rate is too large, or the simulator overflowed"


def _norm(gradient: Real) -> float:
    """Return the Euclidean norm, summed in a fixed order."""
    return float(np.sqrt(np.sum(gradient * gradient)))


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
        # SciPy begins at the point that was evaluated above.
        nonlocal cached
        if cached is not None and np.array_equal(x, cached[0]):
            return cached[1], cached[2]
        cached = None
        return function(x)

    def record(intermediate_result: Any) -> None:
        losses.append(float(intermediate_result.fun))
        if _reached(losses[-1], options.target):
            raise StopIteration

    most = 20 * options.iterations + 20 if options.evaluations is None else options.evaluations
    result = minimize(
        evaluate,
        theta,
        jac=True,
        method="L-BFGS-B",
        callback=record,
        options={
            "maxiter": options.iterations,
            "maxfun": most,
            "maxcor": options.memory,
            "gtol": options.gradient_tolerance,
            # Zero by default: losses of interest go down to 1e-13.
            "ftol": options.relative_tolerance,
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
            theta = theta - options.learning_rate * gradient
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
