"""Figures and claims of the group, on results so small that they take a second."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.scaling.test_chain_gradients import SETTINGS
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.scaling import GROUP, Control, ScalingSettings, claims
from trainscape.studies.fragmentation.scaling.figures import gradient_scaling
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import family_of, run_group


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
            "control": {"sites": [3, 4], "depths": {1: 4, 2: 3}, "samples": 16},
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
    assert list(records) == [
        "gradient-haar",
        "gradient-haar-top",
        "gradient-full-length",
        "gradient-top-length",
        "control-haar",
        "control-state",
    ]
    few = [name for name in records if name.startswith("gradient")]
    assert {records[name]["verdict"] for name in few} == {"undecided"}
    assert records["gradient-haar"]["samples"] == 5 * 2 * 16
    assert records["gradient-full-length"]["measured"] == pytest.approx(-2 * np.log(2), abs=1e-3)
    assert records["control-state"]["reason"].startswith("only 16 of at least 64 samples")


def test_top_sectors_have_gates_for_each_squared_site(results):
    table = results.summary("tl_top", Stage.GRADIENTS)
    assert table["parameters"].values.tolist() == [16, 36, 64]


def test_the_control_is_as_deep_as_it_is_told():
    settings = Control(sites=(3, 4), depths={1: 4, 3: 3}, samples=4)
    group = SETTINGS.model_copy(update={"control": settings})
    cells = family_of(GROUP, "hea_control", group, SHARED).stages[Stage.GRADIENTS].cells
    chosen = [(cell.parameters["sites"], cell.parameters["layers"]) for cell in cells]
    assert chosen == [(3, 6), (4, 9), (3, 18)]
