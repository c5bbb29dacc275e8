"""Training of the qubit model on shots: its checks and gradients against state vectors."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.qubit_states import stabiliser_expectation
from trainscape.physics.hypergraph.variances import qubit_gradient
from trainscape.training.check_training import (
    check_violation,
    estimated_gradient,
    train_stream,
    train_whole,
)
from trainscape.training.optimisers import Adam


def test_violations_are_those_of_stabilisers():
    rng = np.random.default_rng(1)
    monomials = Monomials(4, 2)
    residuals = rng.normal(size=(5, 6))
    table = np.zeros((5, monomials.count))
    table[:, monomials.edge_offset :] = residuals
    means = [stabiliser_expectation(monomials, table, b, np.zeros_like(table)) for b in range(4)]
    expected = (1 - np.mean(means, axis=0)) / 2
    np.testing.assert_allclose(check_violation(residuals, 4), expected, atol=1e-14)


def test_gradients_are_exact_but_for_the_noise_of_shots():
    rng = np.random.default_rng(2)
    angles = rng.uniform(-3, 3, size=(40_000, 3))
    rest = ((1 + np.exp(1j * angles[:, 1:])) / 2).prod(axis=1)
    exact = qubit_gradient(angles, 4, 2)
    still = estimated_gradient(rest, angles[:, 0], np.zeros((len(angles), 2)), 100)
    np.testing.assert_allclose(still, exact, atol=1e-14)
    noise = rng.standard_normal((len(angles), 2))
    errors = estimated_gradient(rest, angles[:, 0], noise, 100) - exact
    # Both expectations are small on average, so that each has an error of nearly 1 / 10.
    assert abs(errors.mean()) < 5 * errors.std() / 200
    assert errors.std() == pytest.approx(0.1 / np.sqrt(2), rel=0.1)


def test_a_stream_and_small_angles_train_where_random_angles_do_not():
    rng = np.random.default_rng(3)
    runs, n, steps = 4, 18, 150
    edges = n * (n - 1) // 2
    options = Adam(steps, learning_rate=0.2)
    start = rng.uniform(-np.pi, np.pi, (runs, edges))
    tied = np.zeros((runs, steps, edges), dtype=np.int64)
    noise = rng.standard_normal((runs, steps, n, n - 1, 2))
    random = train_whole(start[:, None], tied, noise, 100, options)[:, 0]
    small = train_whole(0.1 * start[:, None], tied, noise, 100, options)[:, 0]
    noise = rng.standard_normal((runs, edges, steps, 2, 2))
    stream = train_stream(start, rng.permutation(edges), noise, 100, options)
    assert check_violation(random, n).min() > 0.3
    assert check_violation(small, n).max() < 0.05 < check_violation(0.1 * start, n).min()
    assert check_violation(stream, n).max() < 0.05


def test_untied_angles_move_only_where_a_token_was():
    rng = np.random.default_rng(4)
    start = rng.normal(size=(1, 3, 3))
    places = np.tile([2, 0, 1], (1, 1, 1))
    noise = np.zeros((1, 1, 3, 2, 2))
    ends = train_whole(start, places, noise, 100, Adam(1, learning_rate=0.1))
    moved = (ends != start)[0]
    assert np.argwhere(moved).tolist() == [[0, 1], [1, 2], [2, 0]]
