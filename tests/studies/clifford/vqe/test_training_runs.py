"""Training runs: steps written out, walks, published runs, noise, independence of restarts."""

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import training_cell
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import global_z
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.published_draws import random_directions, vqe_angles
from trainscape.studies.clifford.vqe import training_runs
from trainscape.studies.clifford.vqe.published_losses import PUBLISHED
from trainscape.studies.clifford.vqe.starts import draw_start
from trainscape.studies.clifford.vqe.training_runs import sample
from trainscape.training import recording


def test_descent_takes_published_steps():
    """theta <- theta - rate grad, written out, with gradients of the dense engine."""
    cell = training_cell(observable="heisenberg", start="lce", rate=0.1)
    found = sample(cell, range(2, 3))
    start, _ = draw_start(cell, 2)
    engine = Dense(start.problem)
    for patch, theta in enumerate(start.angles):
        for step in range(5):
            value, gradient = engine.value_and_gradient(theta[None])
            assert found["loss"].values[0, patch, step] == pytest.approx(value[0], abs=1e-10)
            assert found["gradient_norm"].values[0, patch, step] == pytest.approx(
                np.linalg.norm(gradient), abs=1e-10
            )
            assert found["parameter_norm"].values[0, patch, step] == pytest.approx(
                np.linalg.norm(theta), abs=1e-10
            )
            theta = theta - 0.1 * gradient[0]


@pytest.mark.parametrize("start", ["plain", "lce"])
def test_steps_of_a_walk_are_as_long_as_those_of_descent(start):
    cell = training_cell(start=start, optimiser="walk", iterations=3)
    lengths = training_runs._walk_lengths(cell, 0)
    descent = sample(training_cell(start="lce", iterations=3), range(1))
    for patch in range(4):
        # Without noise, step t of descent has the length rate |g_t|.
        np.testing.assert_allclose(
            lengths[patch], 0.05 * descent["gradient_norm"].values[0, patch, :3], rtol=1e-12
        )
    points = []
    begin, generator = draw_start(cell, 0)

    def evaluate(theta):
        points.append(theta)
        return recording.evaluator(begin.problem, 0, generator)(theta)

    record = recording.walk(evaluate, begin.angles[1], lengths[1], (0, 1, 2, 3), generator)
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(points, axis=0), axis=1), lengths[1], rtol=1e-12
    )
    assert (
        record[0, 0]
        == sample(training_cell(start=start, iterations=1), range(1))["loss"].values[0, 1, 0]
    )


def test_published_random_walk_is_a_descent_after_ten_steps():
    """Five runs on Z^10 with L = 3 and 50 losses each.

    Ten random steps of length 0.01 and 39 of gradient descent give the published losses, more or
    fewer do not.
    """
    known = PUBLISHED["global_z", 10, 3, 0.1, 49]
    for start, optimiser in known:
        cell = training_cell(
            qubits=10,
            layers=3,
            start=start,
            optimiser=optimiser,
            iterations=49,
            rate=0.1,
            published=True,
        )
        ends = sample(cell, range(5))["loss"].values[:, :, -1].mean(axis=0)
        assert ends == pytest.approx(known[start, optimiser], abs=5.1e-3)
    problem = Problem(mhea(10, 3), global_z(10))
    steps = -0.01 * random_directions(80, 0, 1, 50)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), 0.01)
    record = recording.walk_then_descend(
        recording.evaluator(problem, 0, np.random.default_rng(0)),
        vqe_angles(80, 0)[1],
        steps[:49],
        0.1,
        (0, 20, 49),
    )
    ends = vqe_angles(80, 0)[1] + steps[:49].sum(axis=0)
    assert record[-1, 0] == pytest.approx(Statevector(problem).value(ends[None])[0], abs=1e-12)


@pytest.mark.slow
def test_published_runs_end_at_the_published_losses():
    """Five runs on the biased Heisenberg chain with n = 8 and L = 16.

    1000 losses each, the first before any step.
    """
    for start in ("plain", "lce"):
        cell = training_cell(
            observable="biased_heisenberg",
            qubits=8,
            layers=16,
            start=start,
            iterations=999,
            rate=0.01,
            published=True,
        )
        ends = sample(cell, range(5))["loss"].values[:, :, -1].mean(axis=0)
        assert ends == pytest.approx(
            PUBLISHED["biased_heisenberg", 8, 16, 0.01, 999][start, "gd"], abs=6e-4
        )


def test_published_directions_are_those_of_the_global_generator():
    """The notebook seeds before the initial angles, and again before each encoder.

    So it seeds after the first walk.
    """
    d, walks = 20, []
    np.random.seed(9)  # noqa: NPY002
    for exponent in (1, 1 / 2, 1 / 3, 1 / 5):
        np.random.normal(0, d**-exponent, d)  # noqa: NPY002
    for _ in range(3):
        drawn = [np.random.randn(d) for _ in range(4)]  # noqa: NPY002
        walks.append([direction / np.linalg.norm(direction) for direction in drawn])
        np.random.seed(9)  # noqa: NPY002
    np.testing.assert_allclose(
        [random_directions(d, 2, patch, 4) for patch in range(3)], walks, rtol=1e-15
    )


def test_a_second_descent_shows_what_rounding_does():
    """From angles that differ by 1e-13 a short descent ends in the same place to so many digits.

    By default there is no second descent.
    """
    found = sample(training_cell(start="lce", iterations=5, rounding=True), range(2))
    np.testing.assert_allclose(found["moved_loss"], found["loss"][:, :, -1], atol=1e-10)
    assert (found["moved_loss"].values != found["loss"].values[:, :, -1]).any()
    assert np.isnan(sample(training_cell(start="lce", iterations=5), range(1))["moved_loss"]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"shots": 16, "start": "lce"},
        {"optimiser": "walk"},
        {"start": "clifford"},
        {"optimiser": "adam"},
    ],
)
def test_a_restart_does_not_depend_on_the_others(changes):
    cell = training_cell(**changes)
    together, alone = sample(cell, range(3)), sample(cell, range(2, 3))
    for name in together.data_vars:
        np.testing.assert_array_equal(together[name].values[2:], alone[name].values)


def test_shot_noise_is_in_loss_and_gradient():
    noisy, exact = sample(training_cell(shots=8), range(2)), sample(training_cell(), range(2))
    np.testing.assert_allclose(
        noisy["loss"].values[..., 0], exact["loss"].values[..., 0], atol=1e-12
    )
    assert np.all(noisy["loss"].values[..., 2:] != exact["loss"].values[..., 2:])
    np.testing.assert_allclose(
        noisy["measured_loss"].values * 4, np.round(noisy["measured_loss"].values * 4), atol=1e-12
    )
    np.testing.assert_array_equal(exact["measured_loss"].values, exact["loss"].values)
