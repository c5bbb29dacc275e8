"""Depths from which gradients are Haar's: the search, the steps, the figure and the claims."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.depth import GROUP, DepthSettings, claims, exact_moments
from trainscape.studies.fragmentation.depth.design_depths import design_depth
from trainscape.studies.fragmentation.depth.figures import depth
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import cell_context, family_of, run_group

SETTINGS = DepthSettings.model_validate(
    {
        "sites": {2: [4, 6, 8], 0: [3, 4]},
        "sides": [1, 2, 4, 8, 16, 32],
        "sampled_sides": [2],
        "instances": 5,
        "draws": 32,
    }
)
FAMILY = family_of(GROUP, "tl_depth", SETTINGS, SHARED)
SIDES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_the_depth_of_a_power_law_is_where_it_crosses():
    # |ratio - 1| = 1 / m^2 is 5 % at m = sqrt(20).
    for sign in (-1, 1):
        found = design_depth(SIDES, 1 + sign / SIDES**2)
        assert found == pytest.approx(2 * np.sqrt(20) + 1)


def test_the_last_crossing_counts():
    assert design_depth(SIDES, np.array([2.0, 1.0, 1.0, 1.1, 1.025])) == pytest.approx(
        2 * 8 * np.sqrt(2) + 1
    )


def test_depths_beyond_the_ladder_and_before_it():
    assert design_depth(SIDES, 1 + 1 / SIDES) == np.inf
    assert design_depth(SIDES, np.full(5, 1.01)) == 3
    assert design_depth(SIDES, np.array([2, 2, 2, 2, 1.0])) < 2 * 16 + 1


def test_samples_do_not_depend_on_how_they_are_cut():
    cell = FAMILY.stages[Stage.GRADIENTS].cells[1]
    context = cell_context(FAMILY, Stage.GRADIENTS, cell.parameters)
    whole, part = (exact_moments.sample(context, chosen) for chosen in (range(3), range(1, 2)))
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name].values[1:2], part[name].values)


def test_ladders_that_do_not_increase_are_refused():
    for wrong in ({"sides": [2, 1]}, {"sides": [0, 1]}, {"sides": [1, 2], "sampled_sides": [3]}):
        with pytest.raises(ValueError, match="sides"):
            DepthSettings.model_validate({**SETTINGS.model_dump(), "sampled_sides": [], **wrong})


def test_sampled_moments_are_the_exact_ones(results):
    table = to_frame(results.summary("tl_depth", Stage.GRADIENTS))
    assert (table["samples"] == 5 * 32).all()
    distance = np.abs(table["agreement"].mean() - 1)
    assert distance < 4 * np.sqrt((table["agreement_error"] ** 2).sum()) / len(table) < 0.4


def test_the_figure_is_fit_to_print(results):
    with style():
        plot = depth(results)
        check_plot(plot)
    assert set(plot.table["part"]) == {"ratios", "depths"}


def test_claims_on_five_instances(results):
    records = {record["id"]: record for record in judge_claims(claims_of(claims), results)}
    assert list(records) == ["depth-haar", "depth-law", "depth-law-sector", "depth-times"]
    for name in ("depth-haar", "depth-law", "depth-law-sector"):
        assert records[name]["verdict"] == "undecided"
    assert records["depth-law"]["reason"].startswith("only 3 of at least 6 sizes")
    assert records["depth-times"]["samples"] == 5 * 5 * 32
