"""Optimisers on losses with known minima, on closed-form trajectories, and continued against
uninterrupted."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from trainscape.training.optimisers import (
    LBFGS,
    Adam,
    GradientDescent,
    State,
    Stop,
    minimise,
    single,
)

CURVATURES = np.array([1.0, 2.0, 5.0])
CENTRE = np.array([1.0, -2.0, 0.5])
START = np.array([3.0, 1.0, -1.0])


def quadratic(theta):
    return float(np.sum(CURVATURES * (theta - CENTRE) ** 2) / 2), CURVATURES * (theta - CENTRE)


def rosenbrock(theta):
    return float(rosen(theta)), rosen_der(theta)


def test_lbfgs_finds_the_minimum_of_a_quadratic():
    run = minimise(quadratic, START, LBFGS())
    assert run.theta == pytest.approx(CENTRE, abs=1e-10)
    assert run.gradient_norm < 1e-9
    assert run.stop in (Stop.GRADIENT, Stop.STALLED)
    assert run.state is None


def test_lbfgs_finds_the_minimum_of_rosenbrock():
    run = minimise(rosenbrock, [1.3, 0.7, 0.8, 1.9], LBFGS(target=1e-24))
    assert run.stop is Stop.TARGET
    assert run.theta == pytest.approx(np.ones(4), abs=1e-10)
    assert run.losses[-1] == run.loss <= 1e-24
    assert np.all(np.diff(run.losses) <= 0)
    assert len(run.losses) == run.iterations + 1
    assert run.evaluations >= run.iterations


def test_lbfgs_stops_at_the_target_and_not_before():
    run = minimise(rosenbrock, [-1.2, 1.0], LBFGS(target=1e-3))
    assert run.stop is Stop.TARGET
    assert run.loss <= 1e-3 < run.losses[-2]
    assert run.loss == rosenbrock(run.theta)[0]
    assert run.gradient_norm == pytest.approx(np.linalg.norm(rosen_der(run.theta)), rel=1e-12)


def test_lbfgs_stops_when_its_iterations_are_used_up():
    run = minimise(rosenbrock, [-1.2, 1.0], LBFGS(iterations=5))
    assert run.stop is Stop.ITERATIONS
    assert run.iterations == 5


def test_lbfgs_stops_when_its_evaluations_are_used_up():
    """Counted after an iteration, whose line search may take a few more."""
    run = minimise(rosenbrock, [-1.2, 1.0], LBFGS(evaluations=10))
    assert run.stop is Stop.ITERATIONS
    assert 10 < run.evaluations <= 15


def test_lbfgs_stops_when_an_iteration_gains_little():
    """The first gain of at most a tenth, since the loss is below one; by default it goes on."""
    run = minimise(rosenbrock, [-1.2, 1.0], LBFGS(relative_tolerance=0.1))
    assert run.stop is Stop.STALLED
    gains = -np.diff(run.losses) / np.maximum(np.abs(run.losses[:-1]), 1.0)
    assert gains[-1] <= 0.1
    assert (gains[:-1] > 0.1).all()
    whole = minimise(rosenbrock, [-1.2, 1.0], LBFGS())
    assert whole.iterations > run.iterations
    assert whole.loss < 1e-20


def test_lbfgs_says_when_the_gradient_is_wrong():
    run = minimise(lambda theta: (quadratic(theta)[0], -quadratic(theta)[1]), START, LBFGS())
    assert run.stop is Stop.STALLED
    assert run.loss == quadratic(START)[0]


def test_lbfgs_at_a_critical_point():
    run = minimise(quadratic, CENTRE, LBFGS())
    assert run.stop is Stop.GRADIENT
    assert run.iterations == 0


@pytest.mark.parametrize(
    "options", [LBFGS(target=100.0), Adam(target=100.0), GradientDescent(target=100.0)]
)
def test_nothing_is_done_at_the_target(options):
    run = minimise(quadratic, START, options)
    assert run.stop is Stop.TARGET
    assert (run.iterations, run.evaluations) == (0, 1)
    assert np.array_equal(run.theta, START)
    assert np.array_equal(run.losses, [quadratic(START)[0]])


def test_gradient_descent_follows_its_closed_form():
    steps, rate = 25, 0.2
    run = minimise(quadratic, START, GradientDescent(iterations=steps, learning_rate=rate))
    assert run.theta == pytest.approx(
        CENTRE + (1 - rate * CURVATURES) ** steps * (START - CENTRE), rel=1e-12
    )
    assert (run.iterations, run.evaluations, run.stop) == (steps, steps + 1, Stop.ITERATIONS)


def test_gradient_descent_ends_at_the_minimum_in_one_step_at_the_inverse_curvature():
    # With p equal parameters that act through their sum, the largest curvature is p.
    for p in (2, 7, 50):
        run = minimise(
            lambda theta: (np.sum(theta) ** 2 / 2, np.full(theta.size, np.sum(theta))),
            np.ones(p),
            GradientDescent(iterations=1, learning_rate=1 / p),
        )
        assert run.loss == pytest.approx(0, abs=1e-20)


def test_gradient_descent_diverges_above_its_limit():
    limit = 2 / CURVATURES.max()
    below = minimise(quadratic, START, GradientDescent(iterations=400, learning_rate=0.95 * limit))
    above = minimise(quadratic, START, GradientDescent(iterations=400, learning_rate=1.05 * limit))
    assert below.loss < 1e-6
    assert above.loss > below.losses[0]


def test_first_steps_of_adam_by_hand():
    options = Adam(iterations=2, learning_rate=0.1, beta1=0.8, beta2=0.9, epsilon=1e-3)
    theta, m, v = START.copy(), 0.0, 0.0
    for step in (1, 2):
        gradient = quadratic(theta)[1]
        m, v = 0.8 * m + 0.2 * gradient, 0.9 * v + 0.1 * gradient**2
        theta = theta - 0.1 * (m / (1 - 0.8**step)) / (np.sqrt(v / (1 - 0.9**step)) + 1e-3)
    assert minimise(quadratic, START, options).theta == pytest.approx(theta, rel=1e-14)


def test_first_step_of_adam_has_the_length_of_the_learning_rate():
    run = minimise(quadratic, START, Adam(iterations=1, learning_rate=0.02))
    assert np.abs(run.theta - START) == pytest.approx(np.full(3, 0.02), rel=1e-6)


def test_adam_finds_the_minimum():
    run = minimise(
        rosenbrock, [-0.5, 0.5], Adam(iterations=20000, learning_rate=0.02, target=1e-12)
    )
    assert run.stop is Stop.TARGET
    assert run.theta == pytest.approx(np.ones(2), abs=1e-5)


@pytest.mark.parametrize("kind", [Adam, GradientDescent])
def test_continued_equals_uninterrupted_bit_for_bit(kind):
    whole = minimise(rosenbrock, [-0.5, 0.5, 1.0], kind(iterations=60, learning_rate=0.001))
    start, parts = [-0.5, 0.5, 1.0], []
    for stop in (1, 17, 60):
        run = minimise(rosenbrock, start, kind(iterations=stop, learning_rate=0.001))
        parts.append(run.losses if not parts else run.losses[1:])
        start = State.from_arrays(
            {name: array.copy() for name, array in run.state.to_arrays().items()}
        )
    assert np.array_equal(run.theta, whole.theta)
    assert np.array_equal(np.concatenate(parts), whole.losses)
    for name, array in whole.state.to_arrays().items():
        assert np.array_equal(array, run.state.to_arrays()[name])
    assert minimise(rosenbrock, start, kind(iterations=60, learning_rate=0.001)).iterations == 0


@pytest.mark.parametrize(
    "options",
    [
        LBFGS(iterations=30),
        Adam(iterations=30),
        GradientDescent(iterations=30, learning_rate=0.0005),
    ],
)
def test_runs_are_deterministic_and_leave_their_argument_alone(options):
    start = np.array([-1.2, 1.0])
    first, second = (minimise(rosenbrock, start, options) for _ in range(2))
    assert np.array_equal(start, [-1.2, 1.0])
    assert np.array_equal(first.theta, second.theta)
    assert np.array_equal(first.losses, second.losses)


@pytest.mark.parametrize("options", [LBFGS(), Adam(), GradientDescent()])
def test_a_loss_that_is_not_finite_stops_the_run(options):
    calls = []

    def breaks(theta):
        calls.append(theta)
        value, gradient = quadratic(theta)
        return (np.nan if len(calls) == 3 else value), gradient

    with pytest.raises(FloatingPointError, match="loss is nan at evaluation 3"):
        minimise(breaks, START, options)
    with pytest.raises(
        FloatingPointError, match="component 1 of the gradient is inf at evaluation 1"
    ):
        minimise(lambda theta: (1.0, np.array([0.0, np.inf, 0.0])), START, options)


def test_divergence_is_named():
    with (
        pytest.raises(FloatingPointError, match="learning rate is too large"),
        np.errstate(over="ignore"),
    ):
        minimise(quadratic, START, GradientDescent(iterations=5000, learning_rate=20.0))


def test_single_takes_one_from_a_batch():
    def batched(theta):
        return np.sum(theta**2, axis=1), 2 * theta

    run = minimise(single(batched), [1.0, 2.0], LBFGS(target=1e-20))
    assert run.stop is Stop.TARGET
    value, gradient = single(batched)(np.array([1.0, 2.0]))
    assert value == 5.0
    assert np.array_equal(gradient, [2.0, 4.0])


def test_errors():
    with pytest.raises(ValueError, match="shape"):
        minimise(quadratic, np.ones((1, 3)), Adam())
    with pytest.raises(ValueError, match="shape"):
        minimise(quadratic, [], LBFGS())
    with pytest.raises(ValueError, match=r"gradient has the shape \(2,\)"):
        minimise(lambda theta: (1.0, np.ones(2)), START, LBFGS())
    with pytest.raises(TypeError, match="L-BFGS cannot be continued"):
        minimise(quadratic, State.start(START), LBFGS())
    with pytest.raises(TypeError, match="not dict"):
        minimise(quadratic, START, {})
    with pytest.raises(ValueError, match="lacks first, second"):
        State.from_arrays({"theta": START, "step": 0})
    with pytest.raises(ValueError, match="different shapes"):
        State.from_arrays({"theta": START, "first": START, "second": START[:2], "step": 0})
