"""Finite shots: the shift rule on the network, the noise, and the shots that resolve the gradient."""

import numpy as np
import pytest

from studies.fragmentation.cells import Summary, chain, context
from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.shots import dataset, simulate, thresholds


def measured(sites, samples, *, top=0, count=20, instance=0):
    parameters = chain(3, sites, top, instance=instance)
    drawn = dataset.sample(context("shots", Stage.DATASET, parameters), range(1))
    found = {**parameters, "parameters": count, "horizon": 1000.0}
    data = simulate.sample(context("shots", Stage.SIMULATE, found, {Stage.DATASET: drawn}), samples)
    return CellData(parameters, drawn, ""), CellData(found, data, "")


@pytest.mark.parametrize(("sites", "top"), [(3, 0), (5, 0), (8, 2)])
def test_the_eigenvalues_of_the_gate_are_those_of_the_rule(sites, top):
    drawn, _ = measured(sites, range(1), top=top)
    for block in load_problem(drawn.data, "lambda").blocks:
        halves = 2 * np.linalg.eigvalsh(block.gate)
        np.testing.assert_allclose(halves, np.round(halves), atol=1e-12)
        assert set(np.round(halves).astype(int)) <= {0, 1, 2}


@pytest.mark.parametrize("top", [0, 2])
def test_the_shift_rule_is_the_derivative(top):
    _, cell = measured(4, range(6), top=top)
    np.testing.assert_allclose(cell.data["shift_rule"], cell.data["gradient"][:, 10], atol=1e-12)


def test_noise_is_that_of_one_bernoulli_variable_for_each_shot():
    _, cell = measured(3, range(256))
    data = cell.data
    for estimate, exact, slack in (
        ("loss_estimate", data["loss"], 1.0),
        ("gradient_estimate", data["shift_rule"], 1.05),
    ):
        squares = ((data[estimate] - exact) ** 2 * data["shots"]).values
        expected = float((data["loss"] * (1 - data["loss"])).mean())
        # Independent budgets: 7 x 256 squares of almost normal numbers.
        assert squares.mean() == pytest.approx(expected, rel=4 * np.sqrt(2 / squares.size) * slack)


def test_shots_follow_the_inverse_of_the_haar_variance():
    instances, cells = zip(
        *[measured(sites, range(96), count=40, instance=i) for sites in (3, 4) for i in range(5)],
        strict=True,
    )
    table = simulate.summarise(
        Summary({Stage.SIMULATE: list(cells), Stage.DATASET: list(instances)})
    )
    assert list(table["sites"].values) == [3, 4]
    np.testing.assert_allclose(table["ratio"], 1, atol=0.25)
    np.testing.assert_allclose(table["shots"] / table["predicted_shots"], 1, atol=0.3)
    assert (table["shots_low"] < table["shots"]).all()
    # One percent of the derivative takes ten thousand times as many shots: the error falls with their root.
    slope = np.polyfit(np.log(table["budget_shots"]), np.log(table["gradient_error"].values[0]), 1)[
        0
    ]
    assert slope == pytest.approx(-0.5, abs=0.03)


def test_outcomes_do_not_depend_on_the_block():
    whole, part = (measured(3, samples)[1].data for samples in (range(4), range(2, 4)))
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name].values[2:], part[name].values)


def test_scaling_is_fitted_for_both_choices_of_sectors():
    class Shots(Summary):
        def summary(self, stage):
            instances, cells = zip(
                *[
                    measured(sites, range(16), top=top)
                    for sites, top in ((3, 0), (4, 0), (5, 0), (4, 2), (6, 2), (8, 2))
                ],
                strict=True,
            )
            return simulate.summarise(
                Summary({Stage.SIMULATE: list(cells), Stage.DATASET: list(instances)})
            )

    table = thresholds.summarise(Shots({}))
    assert list(table["series"].values) == ["all sectors", "all sectors", "top 2", "top 2"]
    assert (table["exponential_slope"] > 0).all()
