"""Descents against a loss whose path is known, and Adam against the optimiser of single runs."""

import numpy as np
import pytest

from trainscape.studies.pruning.descending import Goal, descend, recorded_steps
from trainscape.training.optimisers import Adam, GradientDescent, minimise

CURVATURE = np.array([1.0, 0.25])


def quadratic(theta):
    """E = -1 + sum_k c_k theta_k^2 / 2."""
    return -1 + (CURVATURE * theta**2).sum(axis=1) / 2, CURVATURE * theta


STARTS = np.array([[1.0, 2.0], [0.13, 0.04], [-2.0, 1.0]])
OPTIONS = {"steps": 60, "recorded": [0, 10, 60], "limits": [1e-2, 1e-4], "stop": 1e-6}


@pytest.mark.parametrize(
    ("goal", "loss"),
    [
        (Goal(-1.0), lambda e: (e, 1.0)),
        (Goal(-1.0, None, 0.5), lambda e: (e / 2, 0.5)),
        (Goal(-1.0, -1.0), lambda e: ((e + 1) ** 2 / 2, e + 1)),
        (Goal(-1.0, -1.5), lambda e: ((e + 1.5) ** 2 / 2, e + 1.5)),
    ],
)
@pytest.mark.parametrize("options", [Adam(60, learning_rate=0.1), GradientDescent(60, None, 0.1)])
def test_paths_are_those_of_single_runs(goal, loss, options):
    def single(theta):
        energy, gradient = quadratic(theta[None])
        value, slope = loss(float(energy[0]))
        return value, slope * gradient[0]

    rates = options if isinstance(options, Adam) else options.learning_rate
    found = descend(quadratic, STARTS, goal, rates, **{**OPTIONS, "stop": 0.0})
    for row, start in enumerate(STARTS):
        for place, step in enumerate(OPTIONS["recorded"]):
            run = minimise(single, start, type(options)(step, None, options.learning_rate))
            energy, gradient = quadratic(run.theta[None])
            assert found.errors[row, place] == pytest.approx(abs(energy[0] + 1), rel=1e-9)
            assert found.kernels[row, place] == pytest.approx((gradient**2).sum(), rel=1e-9)


def test_limits_are_met_between_steps_and_runs_stop():
    """One direction alone falls by a factor of (1 - rate c)^2 each step, exactly."""
    start, rate = np.array([[1.0, 0.0]]), 0.1
    options = {**OPTIONS, "recorded": [0, 200], "steps": 200}
    found = descend(quadratic, start, Goal(-1.0), rate, **options)
    per_step = -2 * np.log(1 - rate)
    expected = np.log(0.5 / np.array(OPTIONS["limits"])) / per_step
    np.testing.assert_allclose(found.crossing[0], expected, rtol=1e-9)
    stopped = 0.5 * np.exp(-per_step * np.ceil(np.log(0.5 / 1e-6) / per_step))
    assert found.errors[0, 1] == pytest.approx(stopped)


def test_rates_of_their_own_and_rows_do_not_mix():
    rates = np.array([0.1, 0.3, 0.05])
    for kind in (rates, Adam(learning_rate=0.05)):
        whole = descend(quadratic, STARTS, Goal(-1.0, -1.0), kind, **OPTIONS)
        for row in range(3):
            own = kind[row : row + 1] if isinstance(kind, np.ndarray) else kind
            alone = descend(quadratic, STARTS[row : row + 1], Goal(-1.0, -1.0), own, **OPTIONS)
            np.testing.assert_array_equal(whole.errors[row], alone.errors[0])
            np.testing.assert_array_equal(whole.crossing[row], alone.crossing[0])


def test_a_limit_that_is_never_met_has_no_step():
    found = descend(quadratic, STARTS[:1], Goal(-1.0, -0.5), 0.1, **OPTIONS)
    assert found.crossing.tolist() == [[-1.0, -1.0]]


def test_recorded_steps():
    assert recorded_steps(8, 3, 5) == [0, 1, 3, 5, 8]
