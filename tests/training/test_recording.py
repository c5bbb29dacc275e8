"""Which iterations of a run are recorded, and what a walk does."""

import numpy as np

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import global_z
from trainscape.training.recording import evaluator, recorded_iterations, walk


def test_recorded_iterations():
    assert recorded_iterations(300) == tuple(range(0, 301, 10))
    assert recorded_iterations(3) == (0, 1, 2, 3)
    assert (len(recorded_iterations(999)), recorded_iterations(999)[-1]) == (31, 999)


def test_a_walk_takes_steps_of_the_given_lengths():
    rng = np.random.default_rng(3)
    exact = evaluator(Problem(mhea(3, 1), global_z(3)), 0, rng)
    points = []

    def evaluate(theta):
        points.append(theta)
        return exact(theta)

    lengths = np.array([0.3, 0.1, 0.2])
    record = walk(evaluate, np.zeros(12), lengths, (0, 1, 2, 3), rng)
    np.testing.assert_allclose(np.linalg.norm(np.diff(points, axis=0), axis=1), lengths)
    np.testing.assert_allclose(record[:, 3], np.linalg.norm(points, axis=1))
