"""Unbiased values of a truncated propagation, with intervals."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.trainability.resampled_values import resampled_values

CASE = Problem(hardware_efficient(6, 4, "ring"), PauliSum.parse("ZZIIII"))


def test_intervals_cover_the_exact_value_where_dropping_is_off():
    theta = np.random.default_rng(0).normal(0.0, 0.4, (40, CASE.circuit.num_parameters))
    exact = Dense(CASE).value(theta)
    engine = PauliPropagation(CASE, min_coefficient=5e-3)
    estimates = resampled_values(engine, theta, 40, 1)
    covered = sum(e.low <= value <= e.high for e, value in zip(estimates, exact, strict=True))
    # All samples use the same seeds, but different strings. Of 40 intervals at 95 %, fewer than 33
    # cover with a probability of 1e-3.
    assert covered >= 33
    errors = np.array([e.standard_error for e in estimates])
    assert (np.abs(engine.value(theta) - exact) > 4 * errors).any()
    assert {e.samples for e in estimates} == {40}


def test_equal_seeds_give_equal_estimates():
    theta = np.full((1, CASE.circuit.num_parameters), 0.3)
    engine = PauliPropagation(CASE, min_coefficient=1e-2)
    first, again, other = (resampled_values(engine, theta, 3, seed) for seed in (4, 4, 5))
    assert first == again != other


def test_one_repeat_is_refused():
    engine = PauliPropagation(CASE, min_coefficient=1e-2)
    with pytest.raises(ValueError, match="at least 2"):
        resampled_values(engine, np.zeros((1, CASE.circuit.num_parameters)), 1, 0)
