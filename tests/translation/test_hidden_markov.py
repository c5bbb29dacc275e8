"""Hidden Markov models against sums over all paths, and on machines that are known."""

from itertools import product

import numpy as np
import pytest

from trainscape.translation.corpora import Automaton
from trainscape.translation.hidden_markov import (
    HiddenMarkov,
    fitted,
    negative_log_likelihood,
    pieces,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(31)


def test_likelihood_is_the_sum_over_all_paths():
    model = fitted(rng().integers(3, size=(4, 5)), 3, 2, rng(), steps=2)
    data = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
    for row, loss in zip(data, negative_log_likelihood(model, data), strict=True):
        total = 0.0
        for path in product(range(2), repeat=5):
            weight = model.start[path[0]]
            for symbol, one, two in zip(row, path, path[1:], strict=False):
                weight *= model.moves[symbol, one, two]
            total += weight
        assert loss == pytest.approx(-np.log(total) / 4)


def test_models_are_normalised():
    model = fitted(rng().integers(4, size=(6, 20)), 4, 3, rng(), steps=5)
    np.testing.assert_allclose(model.moves.sum(axis=(0, 2)), 1)
    assert model.start.sum() == pytest.approx(1)
    assert model.moves.min() > 0


def test_steps_raise_the_likelihood():
    data = pieces(Automaton.random(rng(), 3).run(rng(), 1000), 50)
    losses = [
        negative_log_likelihood(fitted(data, 6, 3, rng(), steps=steps), data).mean()
        for steps in range(0, 30, 3)
    ]
    # The small counts that are added can cost a little at the end.
    assert (np.diff(losses) < 1e-3).all()
    assert losses[-1] < losses[0] - 0.3


def test_one_state_is_the_distribution_of_symbols():
    data = rng().choice(3, p=[0.6, 0.3, 0.1], size=(50, 50))
    model = fitted(data, 3, 1, rng(), steps=3)
    shares = np.bincount(data.ravel(), minlength=3) / data.size
    np.testing.assert_allclose(model.moves[:, 0, 0], shares, atol=1e-4)


def test_a_machine_is_learned_with_as_many_states():
    data = pieces(Automaton.random(np.random.default_rng(0), 4).run(rng(), 4000), 50)
    few, enough = (
        min(
            negative_log_likelihood(
                fitted(data[:60], 6, states, np.random.default_rng(seed)), data[60:]
            ).mean()
            for seed in range(3)
        )
        for states in (3, 4)
    )
    # Each state emits one of two symbols: no model is better than ln 2 but for the first steps.
    assert enough == pytest.approx(np.log(2), abs=0.06)
    assert few > enough + 0.1


def test_too_short():
    with pytest.raises(ValueError, match="fewer than two pieces of 50"):
        pieces(np.zeros(80, dtype=int), 50)


def test_start_is_uniform_before_the_first_step():
    model = fitted(np.zeros((2, 2), dtype=int), 1, 4, rng(), steps=0)
    assert isinstance(model, HiddenMarkov)
    np.testing.assert_allclose(model.start, 0.25)
