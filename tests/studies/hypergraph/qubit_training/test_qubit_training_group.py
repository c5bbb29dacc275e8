"""The group of qubit training: verdicts, the figure, and runs that do not depend on the cut."""

import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.qubit_training import (
    GROUP,
    QubitTrainingSettings,
    claims,
    figures,
    trained_checks,
)
from trainscape.studies.hypergraph.qubit_training.check_violations import NAMES
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group

KEY = ("checks", Stage.SIMULATE)
SETTINGS = QubitTrainingSettings.model_validate({"qubits": [3, 4], "runs": 4, "steps": 60})


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS)


def made(runs=16, **changed):
    """Results in which random starts fail at 20 qubits and all else trains, or as changed."""
    rows = []
    for training in ("tied", "untied", "rounded", "streaming"):
        for n in (4, 20):
            fails = training in ("tied", "untied") and n == 20
            value = changed.get(training, 0.45 if fails else 0.004)
            ends = dict.fromkeys(("least", "most"), value)
            middle = {
                f"{name}{end}": 0.5 if name == "start" else value
                for name in ("start", "violation")
                for end in ("", "_low", "_high", "_error")
            }
            rows.append({"training": training, "qubits": n, "runs": runs, **ends, **middle})
    return StubResults({KEY: to_dataset(rows, NAMES)})


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_verdicts():
    assert set(verdicts(made()).values()) == {"reproduced"}
    assert set(verdicts(made(runs=8)).values()) == {"undecided"}
    for training, wrong, claim in (
        ("tied", 0.1, "tied-stops"),
        ("untied", 0.1, "untied-stops"),
        ("rounded", 0.05, "rounded-trains"),
        ("streaming", 0.05, "streaming-trains"),
    ):
        found = verdicts(made(**{training: wrong}))
        assert [name for name, one in found.items() if one != "reproduced"] == [claim]


def test_small_systems_train_from_anywhere(results):
    table = to_frame(results.summary(*KEY)).set_index(["training", "qubits"])
    trained = table.sort_index().drop("untied")
    assert (trained["violation"] < 0.5 * trained["start"]).all()
    assert table.loc["streaming", "most"].max() < 0.1


def test_figure(results):
    with style():
        check_plot(figures.trained_checks(results))


@pytest.mark.parametrize("training", ["tied", "untied", "streaming"])
def test_runs_have_equal_bits_for_any_cut(training):
    family = family_of(GROUP, "checks", SETTINGS)
    cell = cell_context(family, Stage.SIMULATE, {"training": training, "qubits": 3})
    whole = trained_checks.sample(cell, range(3))
    for index in range(3):
        part = trained_checks.sample(cell, range(index, index + 1))
        assert part.equals(whole.isel(sample=slice(index, index + 1)))
