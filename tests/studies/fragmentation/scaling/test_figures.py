"""Figures and claims of the group, on results so small that they take a second."""

import pytest

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.scaling import GROUP, ScalingSettings, claims
from trainscape.studies.fragmentation.scaling.figures import gradient_scaling
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


@pytest.fixture(scope="module")
def results():
    settings = ScalingSettings.model_validate(
        {
            "full": {
                "sites": {2: [3, 4], 3: [3, 4, 5]},
                "parameters": 8,
                "instances": 2,
                "samples": 16,
            },
            "top": {"sites": {2: [4, 6, 8]}, "parameters": 8, "instances": 2, "samples": 16},
            "control": {"sites": [3, 4], "samples": 16},
            "local": {"qubits": [8, 12], "layers": [1, 2], "samples": 16, "checks": 2},
        }
    )
    return run_group(GROUP, settings, SHARED)


def test_the_figure_is_fit_to_print(results):
    with style():
        plot = gradient_scaling(results)
        check_plot(plot)
    assert set(plot.table["family"]) == {"tl_full", "tl_top", "hea_control", "hea_local"}
    assert (plot.table["samples"] > 0).all()
    assert (plot.table["second_moment_low"] <= plot.table["second_moment"]).all()


def test_points_of_different_site_dimensions_do_not_hide_each_other(results):
    with style():
        length = gradient_scaling(results).figure.axes[0]
    columns = [tuple(line.get_xdata()) for line in length.lines if line.get_marker() in ("o", "s")]
    assert len(columns) == len(set(columns)) == 2


def test_quimb_and_the_engine_agree(results):
    table = results.summary("hea_local", Stage.GRADIENTS)
    assert (table["largest_deviation_from_quimb"] < 1e-12).all()


def test_claims_on_two_instances_are_undecided(results):
    records = {record["id"]: record for record in judge_claims(claims_of(claims), results)}
    assert list(records) == ["gradient-haar", "gradient-full-length", "gradient-top-length"]
    assert {record["verdict"] for record in records.values()} == {"undecided"}
    assert records["gradient-haar"]["samples"] == 5 * 2 * 16
    assert records["gradient-full-length"]["measured"] < 0
