"""The law of the loss of one input, and its tests."""

import numpy as np
import pytest
from scipy.stats import kstest

from trainscape.trainability.loss_law import LEVEL, binned, haar_loss, independent_losses, law_test


def test_each_draw_gives_one_loss_to_each_block_and_all_inputs_have_their_turn():
    table = 10 * np.arange(4)[:, None] + np.arange(6)
    first, second, third = independent_losses(table, np.array([2, 3, 1]))
    np.testing.assert_array_equal(first, [0, 11, 20, 31])
    np.testing.assert_array_equal(second, [2, 13, 24, 32])
    np.testing.assert_array_equal(third, [5, 15, 25, 35])


@pytest.mark.parametrize(("dimension", "ancilla"), [(1, 2), (3, 4), (6, 8)])
def test_the_law_is_that_of_random_states(dimension, ancilla):
    rng = np.random.default_rng(5)
    states = rng.normal(size=(4000, 2, dimension, ancilla))
    weights = (states**2).sum(axis=1)
    losses = 1 - weights[:, :, 0].sum(axis=1) / weights.sum(axis=(1, 2))
    assert kstest(losses, haar_loss(dimension, ancilla).cdf).pvalue > 0.01


def test_true_laws_pass_and_wrong_ones_are_rejected():
    rng = np.random.default_rng(6)
    parts = [haar_loss(3, 4).rvs(200, rng) for _ in range(4)]
    found = law_test(parts, 3, 4)
    assert (found["instances"], found["samples"]) == (4, 800)
    assert found["p_value"] > LEVEL
    assert found["distance"] < found["critical_distance"]
    assert found["instances_rejected"] == 0
    assert found["mean"] == pytest.approx(found["law_mean"], abs=0.02)
    assert found["variance"] == pytest.approx(found["law_variance"], rel=0.2)
    wrong = law_test(parts, 1, 4)
    assert wrong["p_value"] < 1e-6
    assert wrong["distance"] > wrong["critical_distance"]
    assert wrong["instances_rejected"] == 4


def test_one_instance_that_deviates_is_counted():
    rng = np.random.default_rng(7)
    parts = [haar_loss(size, 4).rvs(300, rng) for size in (3, 3, 1)]
    assert law_test(parts, 3, 4)["instances_rejected"] == 1


def test_bins_hold_density_and_the_difference_from_the_law():
    law = haar_loss(3, 4)
    parts = [law.rvs(4000, np.random.default_rng(8)), law.rvs(4000, np.random.default_rng(9))]
    table = binned(parts, 3, 4, 20)
    np.testing.assert_allclose(table["loss"], np.linspace(0.05, 1, 20))
    assert table["density"].mean() == pytest.approx(1)
    np.testing.assert_allclose(
        table["density"], law.pdf(table["loss"] - 0.025), atol=0.05 * table["density"].max()
    )
    assert np.abs(table["difference"]).max() < law_test(parts, 3, 4)["critical_distance"]
    # Against a wrong law the difference is one.
    assert np.abs(binned(parts, 1, 4, 20)["difference"]).max() > 0.1
