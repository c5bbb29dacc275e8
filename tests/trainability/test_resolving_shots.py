"""Shots that resolve a gradient, on synthetic noise of known size."""

import numpy as np
import pytest

from trainscape.trainability.haar import HaarMoments
from trainscape.trainability.resolving_shots import mean_square, resolving_shots


def measured(scale=1.0, instances=8):
    """Return what is found where the gradient is normal, and one shot has the Haar variance."""
    rng = np.random.default_rng(11)
    haar = [HaarMoments(1e-3 * (1 + index), 0.75, 0.01, ()) for index in range(instances)]
    one_shot = 0.75 * 0.25 - 0.01
    noise = [np.sqrt(one_shot) * rng.normal(size=(400, 3)) for _ in haar]
    gradients = [np.sqrt(scale * one.gradient_variance) * rng.normal(size=(400, 5)) for one in haar]
    return resolving_shots(noise, gradients, haar, np.random.default_rng(0))


def test_shots_are_those_predicted_if_the_averages_hold():
    found = measured()
    assert found["predicted_shots"] == pytest.approx(0.1775 / 4.5e-3)
    assert found["one_shot_variance_predicted"] == pytest.approx(0.1775)
    assert found["one_shot_variance"] == pytest.approx(0.1775, rel=0.05)
    assert found["gradient_rms"] == pytest.approx(np.sqrt(4.5e-3), rel=0.05)
    assert found["shots"].value == pytest.approx(found["predicted_shots"], rel=0.1)
    assert found["ratio"].contains(1)


def test_a_smaller_gradient_takes_more_shots():
    found = measured(scale=0.25)
    assert found["ratio"].value == pytest.approx(4, rel=0.1)
    assert not found["ratio"].contains(1)
    assert found["shots"].value == pytest.approx(4 * found["predicted_shots"], rel=0.1)


def test_instances_have_equal_weight():
    assert mean_square([np.full(1, 1.0), np.full(9, 3.0)]) == 5
