"""Many runs at once are the runs one by one."""

import numpy as np
import pytest

from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam, GradientDescent, minimise, single

SCALES = np.array([1.0, 4.0, 0.5])


def quadratic(theta):
    return 0.5 * (SCALES * theta**2).sum(axis=1), SCALES * theta


def starts() -> np.ndarray:
    return np.random.default_rng(3).uniform(-2, 2, (6, 3))


@pytest.mark.parametrize(
    "options",
    [Adam(iterations=120, learning_rate=0.05), GradientDescent(iterations=120, learning_rate=0.1)],
)
def test_each_run_is_that_of_the_single_optimiser(options):
    batch = minimise_batch(quadratic, starts(), options, [1e-300], range(121))
    for row, start in enumerate(starts()):
        run = minimise(single(quadratic), start, options)
        np.testing.assert_allclose(batch.theta[row], run.theta, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(batch.recorded[row], run.losses, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("chosen", [[0], [4, 1], [5, 3, 2, 0]])
def test_a_run_does_not_depend_on_the_others(chosen):
    options = Adam(iterations=400, learning_rate=0.05)
    limits = [1e-1, 1e-3]
    whole = minimise_batch(quadratic, starts(), options, limits, [0, 50, 399])
    some = minimise_batch(quadratic, starts()[chosen], options, limits, [0, 50, 399])
    for name in ("theta", "losses", "recorded", "first"):
        assert (getattr(whole, name)[chosen] == getattr(some, name)).all()


def test_first_iterations_are_those_of_the_recorded_losses():
    options = GradientDescent(iterations=300, learning_rate=0.1)
    limits = [1.0, 1e-2, 1e-5]
    batch = minimise_batch(quadratic, starts(), options, limits, range(301))
    for row in range(6):
        for place, limit in enumerate(limits):
            below = np.flatnonzero(batch.recorded[row] <= limit)
            assert batch.first[row, place] == below[0]
        assert batch.losses[row] <= 1e-5
        assert (batch.recorded[row, batch.first[row, 2] :] == batch.losses[row]).all()


def test_what_is_never_reached_is_marked():
    options = GradientDescent(iterations=3, learning_rate=1e-3)
    assert (minimise_batch(quadratic, starts(), options, [1e-9]).first == -1).all()


def test_directions_fix_and_tie_parameters_of_each_run():
    """A run whose first two parameters are one follows the loss of that one; another stays put."""
    options = Adam(iterations=60, learning_rate=0.05)
    start = np.array([[1.5, 1.5, 0.7], [1.0, -1.0, 0.5], [1e-9, 1e-9, 1e-9]])
    seen = []

    def directions(gradient, runs):
        seen.append(runs.tolist())
        gradient = gradient.copy()
        tied, fixed = runs == 0, runs == 1
        gradient[tied, :2] = gradient[tied, :2].sum(axis=1, keepdims=True)
        gradient[fixed] = 0
        return gradient

    batch = minimise_batch(quadratic, start, options, [1e-12], directions=directions)

    def one(theta):
        whole = np.array([theta[0], theta[0], theta[1]])
        values, gradient = quadratic(whole[None])
        return values[0], np.array([gradient[0, :2].sum(), gradient[0, 2]])

    run = minimise(one, [1.5, 0.7], options)
    np.testing.assert_allclose(batch.theta[0], run.theta[[0, 0, 1]], rtol=1e-12)
    assert batch.theta[1].tolist() == [1.0, -1.0, 0.5]
    # The last run has converged before its first step.
    assert seen == [[0, 1]] * 60
