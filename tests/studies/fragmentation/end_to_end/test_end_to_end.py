"""Training on easy copies and with shots: what is trained, what it costs, how it is judged."""

import pytest

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.end_to_end import GROUP, EndToEndSettings, claims
from trainscape.studies.fragmentation.end_to_end.figures import end_to_end
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group

SETTINGS = EndToEndSettings(
    copies={2: {4: 1, 5: 1}, 3: {4: 1}},
    shots={2: {4: 1, 5: 1}, 3: {4: 1}},
    full_space=400,
    entangled_sites=4,
)
COPIES, SHOTS = ("easy_copies", Stage.SIMULATE), ("shot_training", Stage.SIMULATE)


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_networks_trained_on_easy_copies_work_on_all_copies(results):
    table = to_frame(results.summary(*COPIES))
    assert (table["largest_loss"] < 0.01).all()
    assert table["path_deviation"].max() < 1e-10
    assert table["random_deviation"].notna().tolist() == [True, False, True]
    assert table["random_deviation"].max() < 1e-10
    assert table["entangled_deviation"].notna().tolist() == [True, False, True]
    assert table["entangled_deviation"].max() < 1e-10


def test_a_target_out_of_reach_is_tried_with_more_gates():
    settings = EndToEndSettings(copies={2: {4: 1}}, shots={2: {4: 1}}, iterations=2, steps=1)
    stored = run_group(GROUP, settings, SHARED)
    (cell,) = stored.cells(*COPIES)
    assert cell.data["attempts"].item() == 3
    assert cell.data["loss"].item() > 0.01
    # 24, 48 and 96 gates; two sectors of orders 6 and 2, and at least three gradients for each.
    operations = 8 * (6 * 6 * 3 + 2 * 2)
    assert cell.data["training"].item() > 3 * (24 + 48 + 96) * operations


def test_costs_with_shots_are_counted_shot_by_shot(results):
    for cell in results.cells(*SHOTS):
        data = {name: values.item() for name, values in cell.data.items()}
        gates = cell["parameters"]
        assert data["runs"] == data["steps"] * gates * data["shots"]
        assert data["gates"] == data["runs"] * (2 * gates + 1)
        # Times are uniform on [0, T]: neighbours differ by T / 3 on average.
        mean_wait = data["evolution"] / data["runs"] / (gates + 1) / cell["horizon"]
        assert mean_wait == pytest.approx(1 / 3, rel=0.3)
        assert data["loss"] < 0.05
    by_chain = to_frame(results.summary(*SHOTS))
    assert by_chain["shots"].iloc[1] > by_chain["shots"].iloc[0]


def test_small_results_decide_little(results):
    records = {record["id"]: record for record in judge_claims(claims_of(claims), results)}
    undecided = {name for name, record in records.items() if record["verdict"] == "undecided"}
    assert undecided == set(records) - {"easy-copies-deploy"}
    assert records["easy-copies-deploy"]["origin"] == "check"


@pytest.mark.parametrize(
    ("loss", "networks", "verdict"),
    [(0.009, 30, "reproduced"), (0.02, 30, "not reproduced"), (0.009, 29, "undecided")],
)
def test_training_is_judged_by_the_worst_network(loss, networks, verdict):
    evidence = Evidence(data=[1e-3, loss], counts={"networks": networks, "lengths": 5})
    assert claims.easy_copies_train.rule.judge(evidence).verdict == verdict


def test_ratios_pair_networks_and_count_all_gates(results):
    evidence = claims.training_dequantised.evidence(results)
    assert evidence.counts["networks"] == 3
    assert evidence.counts["lengths"] == 2
    assert min(evidence.data) > 1
    assert evidence.facts["networks that training with shots missed"] == 0


def test_the_figure_is_fit_to_print(results):
    with style():
        check_plot(end_to_end(results))
