"""Finite shots: the shift rule, the noise, and the shots that resolve the gradient."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED, chain, draw, network_cell
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.shots import (
    GROUP,
    ShotsSettings,
    claims,
    resolving_shots,
    shot_noise,
)
from trainscape.studies.fragmentation.shots.figures import shots
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, StubSummary, family_of, run_group, stored

SETTINGS = ShotsSettings(
    sites=(3, 4, 5), top_sites=(4, 6, 8), parameters=20, instances=2, samples=16
)
FAMILY = family_of(GROUP, "shots", SETTINGS, SHARED)


def measured(sites, samples, *, top=0, count=20, instance=0):
    parameters = chain(3, sites, top, instance=instance)
    drawn = draw(FAMILY, parameters)
    cell = network_cell(FAMILY, Stage.SIMULATE, parameters, drawn, count)
    return stored(parameters, drawn), stored(cell, shot_noise.sample(cell, samples))


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
    table = resolving_shots.summarise(
        StubSummary({Stage.SIMULATE: list(cells), Stage.DATASET: list(instances)})
    )
    assert list(table["sites"].values) == [3, 4]
    np.testing.assert_allclose(table["ratio"], 1, atol=0.25)
    np.testing.assert_allclose(table["shots"] / table["predicted_shots"], 1, atol=0.3)
    assert (table["shots_low"] < table["shots"]).all()
    # The gate that is a quarter of all from the end, at the horizon of the network.
    for row, group in enumerate((slice(0, 5), slice(5, 10))):
        pairs = zip(cells[group], instances[group], strict=True)
        sampled = [
            (cell.data["gradient"].values[:, 10] ** 2).mean()
            / instance.data.attrs["haar_gradient_variance"]
            for cell, instance in pairs
        ]
        assert table["exact_ratio"].values[row] == pytest.approx(np.mean(sampled), abs=0.2)
    # One percent of the derivative takes ten thousand times as many shots: the error falls with
    # their root.
    slope = np.polyfit(np.log(table["budget_shots"]), np.log(table["gradient_error"].values[0]), 1)[
        0
    ]
    assert slope == pytest.approx(-0.5, abs=0.03)


def test_longer_chains_have_deeper_networks():
    settings = SETTINGS.model_copy(update={"parameters": 64, "top_sites": (4, 12, 16)})
    cells = family_of(GROUP, "shots", settings, SHARED).stages[Stage.SIMULATE].cells
    gates = {(c.parameters["sites"], c.parameters["top_sectors"]): c.parameters for c in cells}
    found = {system: parameters["parameters"] for system, parameters in gates.items()}
    assert found == {(3, 0): 64, (4, 0): 64, (5, 0): 64, (4, 2): 64, (12, 2): 72, (16, 2): 128}


@pytest.mark.parametrize(
    ("ratio", "exact", "verdict"),
    [
        (1.0, 1.0, "reproduced"),
        (1.0, 1.2, "conditional"),
        (1.0, np.nan, "conditional"),
        (1.5, 1.0, "not reproduced"),
    ],
)
def test_the_prediction_is_only_held_against_networks_that_are_deep_enough(
    results, ratio, exact, verdict
):
    summary = results.summary("shots", Stage.SIMULATE)
    for name, value in (("ratio", ratio), ("exact_ratio", exact)):
        for end, shift in (("", 0.0), ("_low", -0.02), ("_high", 0.02)):
            summary = summary.assign({f"{name}{end}": ("row", np.full(6, value + shift))})
        summary = summary.assign({f"{name}_error": ("row", np.full(6, 0.01))})
    summary = summary.assign(instances=("row", np.full(6, 5)))
    (claim,) = (one for one in claims_of(claims) if one.id == "shots-formula")
    (record,) = judge_claims([claim], StubResults({("shots", Stage.SIMULATE): summary}))
    assert record["verdict"] == verdict


def test_outcomes_do_not_depend_on_the_block():
    whole, part = (measured(3, samples)[1].data for samples in (range(4), range(2, 4)))
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name].values[2:], part[name].values)


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_scaling_is_fitted_for_both_choices_of_sectors(results):
    table = results.summary("shots", Stage.THRESHOLDS)
    series = list(zip(table["top_sectors"].values, table["abscissa"].values, strict=True))
    assert series == [
        (0, "sites"),
        (0, "krylov_dimension_sum"),
        (2, "sites"),
        (2, "krylov_dimension_sum"),
    ]
    assert (table["exponential_slope"] > 0).all()


def test_errors_of_the_derivative_have_intervals(results):
    table = results.summary("shots", Stage.SIMULATE)
    assert (table["gradient_error_low"] < table["gradient_error"]).all()
    assert (table["gradient_error"] < table["gradient_error_high"]).all()


def test_the_figure_is_fit_to_print(results):
    with style():
        check_plot(shots(results))


def test_claims_on_two_instances_are_undecided(results):
    records = {record["id"]: record for record in judge_claims(claims_of(claims), results)}
    assert list(records) == ["shots-formula", "shots-full-length", "shots-top-length"]
    assert {record["verdict"] for record in records.values()} == {"undecided"}
    assert records["shots-formula"]["samples"] == 6 * 2 * 16
    assert records["shots-formula"]["facts"]["systems"] == 6
