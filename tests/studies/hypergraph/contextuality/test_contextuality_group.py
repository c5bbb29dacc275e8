"""The group of contextuality: its steps against what is known, verdicts and figures."""

import numpy as np
import pytest
from pydantic import ValidationError

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.contextuality import (
    GROUP,
    ContextualitySettings,
    claims,
    figures,
)
from trainscape.studies.hypergraph.contextuality.corpus_supports import sample as corpus_of
from trainscape.studies.hypergraph.contextuality.data_table import least_hidden
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.translation.corpora import text_symbols

TEXT = "in the beginning was the word, and the word was long enough to be cut into pieces. " * 8

GIVEN = {
    "vertices": [2, 3],
    "grid": 6,
    "machines": [{"modes": 2, "levels": 8, "states": [1, 2, 4]}],
    "searches": 3,
    "sentences": 300,
    "packing": {2: [3], 6: [10]},
    "packed_batches": 2,
    "packed_sentences": 40,
    "planted_grids": {1: [4, 8]},
    "planted_machines": [3],
    "draws": 2,
    "corpora": [
        {"source": "rhyme", "alphabet": "classes"},
        {"source": "genesis", "alphabet": "letters", "prefix": 2, "query": 0},
        {"source": "genesis", "alphabet": "letters", "prefix": 2, "query": 0, "shuffled": True},
        {"source": "frame"},
        {"source": "machine", "states": 4},
    ],
    "length": 1500,
    "prefixes": 24,
    "shuffles": 3,
    "hidden": [1, 2, 4],
    "restarts": 1,
    "steps": 10,
}
SETTINGS = ContextualitySettings.model_validate(GIVEN)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


ALL = (
    "square-separates",
    "quantum-no-violation",
    "classical-optimum",
    "graph-state-classes",
    "packing-escapes-dimensions",
    "bits-are-necessary",
    "planted-states-recovered",
    "machine-states-bound",
    "texts-above-shuffles",
    "texts-beyond-pairs",
    "estimate-follows-hidden-states",
)


def test_small_runs_decide_nothing(results):
    assert verdicts(results) == dict.fromkeys(ALL, "undecided")


def changed(results, family, stage, **columns):
    """Results with other values in the summary of one family, and counts that are enough."""
    plenty = {
        "sentences": 20000,
        "draws": 20,
        "shuffles": 50,
    }
    summaries = {}
    for key in (
        ("machines", Stage.SIMULATE),
        ("packing", Stage.SIMULATE),
        ("planted", Stage.SIMULATE),
        ("corpora", Stage.THRESHOLDS),
    ):
        table = to_frame(results.summary(*key))
        table = table.assign(**{name: plenty[name] for name in plenty if name in table})
        # Copies with other names stand for more systems.
        copies = [table.copy() for _ in range(4)]
        for number, copy in enumerate(copies):
            if "modes" in copy:
                copy["modes"] = 2 + number
            if "level_bits" in copy:
                copy["edges"] += 10 * number
        rows = [row for copy in copies for row in copy.to_dict("records")]
        if key == (family, stage):
            rows = [row | {name: value(row) for name, value in columns.items()} for row in rows]
        summaries[key] = to_dataset(rows)
    cells = {
        (name, Stage.SIMULATE): results.cells(name, Stage.SIMULATE)
        for name in ("graphs", "triples")
    }
    return verdicts(StubResults(summaries, cells))


def test_enough_evidence_decides(results):
    found = changed(results, "", Stage.SIMULATE)
    assert found["quantum-no-violation"] == "reproduced"
    assert found["packing-escapes-dimensions"] == "reproduced"
    assert found["bits-are-necessary"] == "reproduced"
    assert found["planted-states-recovered"] == "reproduced"
    assert found["machine-states-bound"] == "reproduced"
    assert found["texts-above-shuffles"] == "reproduced"


@pytest.mark.parametrize(
    ("family", "stage", "columns", "claim"),
    [
        ("machines", Stage.SIMULATE, {"quantum": lambda row: 1e-4}, "quantum-no-violation"),
        (
            "machines",
            Stage.SIMULATE,
            {"machine": lambda row: row["optimum"] + 0.03},
            "classical-optimum",
        ),
        ("machines", Stage.SIMULATE, {"below": lambda row: 3.5}, "classical-optimum"),
        ("packing", Stage.SIMULATE, {"rate": lambda row: 1e-3}, "packing-escapes-dimensions"),
        ("packing", Stage.SIMULATE, {"rate_low": lambda row: 0.0}, "bits-are-necessary"),
        ("planted", Stage.SIMULATE, {"worst": lambda row: 2.5}, "planted-states-recovered"),
        ("planted", Stage.SIMULATE, {"bounded": lambda row: False}, "planted-states-recovered"),
        (
            "planted",
            Stage.SIMULATE,
            {"classes_high": lambda row: row["size"] + 1.0},
            "machine-states-bound",
        ),
        (
            "corpora",
            Stage.THRESHOLDS,
            {"null_high": lambda row: float(row["classes"])},
            "texts-above-shuffles",
        ),
        ("corpora", Stage.THRESHOLDS, {"pairs": lambda row: row["classes"]}, "texts-beyond-pairs"),
        (
            "corpora",
            Stage.THRESHOLDS,
            {"hidden": lambda row: 100.0 - row["classes"]},
            "estimate-follows-hidden-states",
        ),
    ],
)
def test_wrong_numbers_are_not_reproduced(results, family, stage, columns, claim):
    assert changed(results, family, stage, **columns)[claim] == "not reproduced"


def test_triples_are_told_apart_by_half_a_turn(results):
    for cell in results.cells("triples", Stage.SIMULATE):
        gap = cell.data["gap"].values
        assert len(gap) == 20
        np.testing.assert_allclose(gap, np.pi, atol=1e-9)


def test_machines_find_the_optimum(results):
    table = to_frame(results.summary("machines", Stage.SIMULATE))
    np.testing.assert_allclose(table["counted"], table["optimum"], atol=1e-12)
    assert (table["quantum"] == 0).all()
    assert (table["below"].abs() < 4).all()


def test_packed_models_fail_below_the_bound_alone(results):
    table = to_frame(results.summary("packing", Stage.SIMULATE))
    assert ((table["rate"] > 0) == (table["bits"] < table["bound"])).all()
    assert (select(table, edges=6)["bits"].max(), select(table, edges=6)["bound"].max()) == (52, 54)


def test_least_hidden_states():
    hidden = np.array([1, 2, 4, 8])
    loss = np.array([[1.0, 0.5, 0.4, 0.39], [0.7, 0.69, 0.75, 0.8]])
    np.testing.assert_array_equal(least_hidden(loss, hidden), [4, 1])


def test_shuffled_text_needs_one_state(results):
    table = to_frame(results.summary("corpora", Stage.THRESHOLDS))
    kept, mixed = (
        select(table, source="genesis", shuffled=shuffled).iloc[0] for shuffled in (False, True)
    )
    assert kept["classes"] > 2 * mixed["classes"]
    assert kept["symbols"] == mixed["symbols"]
    assert mixed["hidden"] == 1 < kept["hidden"]


def test_a_text_of_ones_own(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT, encoding="utf-8")
    corpus = {"source": "file", "path": str(path), "alphabet": "letters", "prefix": 1, "query": 0}
    settings = ContextualitySettings.model_validate({**GIVEN, "corpora": [corpus]})
    family = family_of(GROUP, "corpora", settings)
    (cell,) = family.stages[Stage.DATASET].cells
    context = cell_context(family, Stage.DATASET, cell.parameters)
    data = corpus_of(context, range(1))
    np.testing.assert_array_equal(data["symbols"], text_symbols(TEXT, "letters"))
    # Another text under the same name is not what the key promises.
    path.write_text(TEXT.upper() + "And more.", encoding="utf-8")
    with pytest.raises(ValueError, match="was changed since the presets were read"):
        corpus_of(context, range(1))


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ({"source": "file", "path": "no/such/corpus.txt"}, "there is no file no/such/corpus.txt"),
        ({"source": "file"}, "has a path if its source is 'file'"),
        ({"source": "rhyme", "path": "x.txt"}, "has a path if its source is 'file'"),
    ],
)
def test_bad_corpora(corpus, message):
    with pytest.raises(ValidationError, match=message):
        ContextualitySettings.model_validate({**GIVEN, "corpora": [corpus]})


def test_table_of_graph_states(results):
    table = figures.graph_classes(results).table
    row = table[table["n"] == 3].iloc[0]
    assert (row["pairs apart"], row["triples apart"], row["largest class"]) == (4, 24, 4)
    assert (row["classes necessary"], row["classes enough"]) == (2, 2)
    assert row["triples apart, any measurement"] == 56


@pytest.mark.parametrize(
    "name",
    [
        "machine_violation",
        "bit_packing",
        "planted_estimates",
        "data_contextuality",
        "data_hidden_states",
    ],
)
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))
