"""Claims: ids, evidence and verdicts."""

import numpy as np
import pytest

from trainscape.studies.clifford.vqe import claims
from trainscape.studies.clifford.vqe.claims import vqe_gain
from trainscape.studies.clifford.vqe.published_losses import PUBLISHED
from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.reporting import Evidence
from trainscape.testing.steps import StubResults
from trainscape.trainability.intervals import exact
from trainscape.trainability.paired import PairedTest

SINES = ("vqe_sines", Stage.SIMULATE)
PATCHES = ("D^-1", "D^-1/2", "D^-1/3", "D^-1/5")


@pytest.fixture(scope="module")
def records(results):
    return {record["id"]: record for record in judge_claims(claims_of(claims), results)}


def test_ids(records):
    assert set(records) == {
        "vqe-gain-global_z-n3-L1",
        "vqe-gain-tfim-n3-L1",
        "vqe-gain-tfim-n3-L2",
        "vqe-gain-tfim-n3-L4",
        "vqe-depth-tfim-n3",
        "vqe-gain-large-rate",
        "vqe-baselines-global_z",
        "descent-no-walk",
        "sines-along-training",
        "vqe-gain-shots-global_z",
    }


def test_a_gain_reports_the_middle_patch_and_all_tests(records, results):
    first = records["vqe-gain-global_z-n3-L1"]
    assert first["samples"] == 6
    assert first["interval"][0] <= first["measured"] <= first["interval"][1]
    assert set(PATCHES) <= set(first["facts"])
    assert first["measured"] == first["facts"]["D^-1/2"]["difference"]
    assert "global_z (3 qubits, 1 layers)" in first["statement"]
    summary = results.summary("vqe", Stage.THRESHOLDS)
    assert first["measured"] in summary["test_difference"].values.round(12)


def test_comparisons_name_what_the_encoder_is_compared_with(records):
    baselines = records["vqe-baselines-global_z"]
    cases = [name for name in baselines["facts"] if "/" in name.split(",")[0]]
    assert len(cases) == 20
    assert "clifford/gd, D^-1" in cases
    gains = [
        baselines["facts"][name]["p"] < 0.05 and baselines["facts"][name]["effect"] > 0
        for name in cases
    ]
    assert baselines["measured"] == pytest.approx(np.mean(gains))
    assert baselines["interval"] is None
    assert records["vqe-gain-shots-global_z"]["facts"]["shots"] == 4
    walks = records["descent-no-walk"]
    assert len([name for name in walks["facts"] if name.startswith("walk")]) == 8
    shown = walks["facts"]["walk with encoder, D^-1/2"]
    assert walks["measured"] == shown["difference"]


def test_the_largest_rate_is_judged_where_there_are_further_ones(results):
    summary = results.summary("vqe", Stage.THRESHOLDS)
    one_rate = summary.isel(
        run=summary["rate"].values == 0.1, test=summary["test_rate"].values == 0.1
    )
    stub = StubResults(
        {
            ("vqe", Stage.THRESHOLDS): one_rate,
            **{
                (name, Stage.THRESHOLDS): results.summary(name, Stage.THRESHOLDS)
                for name in ("vqe_shots", "vqe_published")
            },
            SINES: results.summary(*SINES),
        },
        {("vqe", Stage.THRESHOLDS): results.cells("vqe", Stage.THRESHOLDS)},
    )
    assert "vqe-gain-large-rate" not in {
        record["id"] for record in judge_claims(claims_of(claims), stub)
    }


@pytest.mark.parametrize(
    ("effects", "p_values", "pairs", "verdict"),
    [
        ((1, 1, 1, 1), (0.01,) * 4, 10, "reproduced"),
        ((1, 1, 1, 1), (0.01, 0.01, 0.01, 0.2), 10, "conditional"),
        ((-1, 1, 1, 1), (0.01,) * 4, 10, "conditional"),
        ((-1, 0.2, 0.1, -0.3), (0.01, 0.5, 0.5, 0.5), 10, "not reproduced"),
        ((0, 0, 0, 0), (1.0,) * 4, 10, "not reproduced"),
        ((0.3, 0.2, 0.1, -0.3), (0.5,) * 4, 10, "undecided"),
        ((1, 1, 1, 1), (0.01,) * 4, 5, "undecided"),
    ],
)
def test_verdicts(effects, p_values, pairs, verdict):
    tests = {
        patch: PairedTest(exact(-effect), p_value, effect)
        for patch, effect, p_value in zip(PATCHES, effects, p_values, strict=True)
    }
    evidence = Evidence(data=tests, counts={"pairs": pairs})
    assert vqe_gain.rule.judge(evidence).verdict == verdict


def _published(results, summary):
    """Return the records of the published runs, with a summary in place of theirs."""
    stub = StubResults(
        {
            ("vqe", Stage.THRESHOLDS): results.summary("vqe", Stage.THRESHOLDS),
            ("vqe_shots", Stage.THRESHOLDS): results.summary("vqe_shots", Stage.THRESHOLDS),
            ("vqe_published", Stage.THRESHOLDS): summary,
            SINES: results.summary(*SINES),
        },
        {("vqe", Stage.THRESHOLDS): results.cells("vqe", Stage.THRESHOLDS)},
    )
    (record,) = (
        record
        for record in judge_claims(claims_of(claims), stub)
        if record["id"] == "vqe-published-biased_heisenberg-n8-L16"
    )
    return record


def test_published_runs_are_compared_with_the_published_numbers(results):
    """The summary of the biased chain, as if it had the published size.

    The deviation is the largest of the eight.
    """
    summary = results.summary("vqe_published", Stage.THRESHOLDS)
    known = PUBLISHED["biased_heisenberg", 8, 16, 0.01, 999]
    changed = summary.isel(
        run=(summary["optimiser"].values == "gd") & (summary["observable"].values != "global_z")
    ).copy(deep=True)
    assert changed.sizes["run"] == 8
    for name, value in (("qubits", 8), ("layers", 16), ("iterations", 999), ("restarts", 5)):
        changed[name] = ("run", np.full(8, value))
    ends = [known[str(start), "gd"][k % 4] for k, start in enumerate(changed["start"].values)]
    for shift, verdict in ((0.0, "reproduced"), (0.002, "not reproduced")):
        changed["final_loss"] = ("run", np.array(ends) + shift)
        record = _published(results, changed)
        assert (record["verdict"], record["measured"]) == (
            verdict,
            pytest.approx(shift, abs=1e-12),
        )
    # One curve differs, but angles moved by 1e-13 move it as far.
    changed["final_loss"] = ("run", np.array(ends) + 0.002 * (np.arange(8) == 3))
    changed["moved_loss"] = ("run", np.array(ends))
    record = _published(results, changed)
    assert (record["verdict"], record["measured"]) == (
        "conditional",
        pytest.approx(0, abs=1e-12),
    )
    open_ends = [name for name, fact in record["facts"].items() if fact["decided by rounding"]]
    assert len(open_ends) == 1
    assert record["facts"][open_ends[0]]["moved by 1e-13"] == pytest.approx(0.002)
