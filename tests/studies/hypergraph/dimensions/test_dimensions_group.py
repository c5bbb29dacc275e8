"""The group of dimensions: its tables, verdicts and figures."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.dimensions import abelian_dimension, algebra_dimension
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.dimensions import GROUP, DimensionSettings, claims, figures
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, run_group

SETTINGS = DimensionSettings.model_validate(
    {
        "modes": {1: [2, 4, 64, 128], 2: [2, 3, 4, 5, 6, 64, 128], 3: [3, 4, 5, 64, 128]},
        "half": [4, 6, 8, 10, 12],
        "pointer_modes": {2: [3], 3: [3]},
        "parameters": [1000, 1000000, 10000000],
        "counted": 60,
        "qubits": 6,
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_verdicts(results):
    assert verdicts(results) == {
        "counted-algebras": "reproduced",
        "nilpotent-algebra": "reproduced",
        "polynomial-algebra": "reproduced",
        # Five sizes, of three qubits and more, do not reach the least difference.
        "qubit-algebra-k2": "reproduced",
        "qubit-algebra-k3": "undecided",
        "half-filled-algebra": "reproduced",
        "inference-compression": "reproduced",
    }


def test_verdicts_where_something_is_wrong(results):
    key = ("algebras", Stage.SIMULATE)
    table = to_frame(results.summary(*key))

    def judged(**changed):
        rows = table.assign(**changed).to_dict("records")
        summaries = {
            (name, Stage.SIMULATE): results.summary(name, Stage.SIMULATE)
            for name in ("pointers", "compression")
        }
        return verdicts(StubResults({**summaries, key: to_dataset(rows, ("order", "modes"))}))

    assert judged(counted=table["counted"] + 1)["counted-algebras"] == "not reproduced"
    wrong = table["nilpotency"].where(table["nilpotency"] < 0, table["nilpotency"] + 1)
    assert judged(nilpotency=wrong)["nilpotent-algebra"] == "not reproduced"
    exponential = judged(algebra=2.0 ** table["modes"])
    assert exponential["polynomial-algebra"] == "not reproduced"
    assert judged(algebra=table["modes"] ** 2)["half-filled-algebra"] == "not reproduced"
    polynomial = table["modes"] ** 4 * np.where(table["qubit"] > 0, 1, -1)
    assert judged(qubit=polynomial)["qubit-algebra-k2"] == "not reproduced"


def test_numbers_that_were_not_counted_are_marked(results):
    table = to_frame(results.summary("algebras", Stage.SIMULATE))
    large = select(table, modes=64, order=3).iloc[0]
    assert (large["counted"], large["qubit"], large["nilpotency"]) == (-1, -1, -1)
    assert large["algebra"] == algebra_dimension(64, 3)


def test_the_table_beside_the_figure(results):
    with style():
        table = figures.dimensions(results).table
    assert list(table.columns) == [
        "modes",
        "order",
        "edges",
        "algebra_dimension",
        "full_dimension",
        "abelian_dimension",
        "qubit_algebra_dimension",
    ]
    lines = table.to_csv(index=False).splitlines()
    assert "5,2,10,21,26,15,510" in lines
    assert f"64,2,2016,{algebra_dimension(64, 2)},2209,{abelian_dimension(64, 2)}," in lines


def test_tables(results):
    rows = figures.algebra_table(results).table
    row = select(rows, k=3, n=5).iloc[0]
    assert (row["D"], row["D - 1"], row["counted"], row["qubits"]) == (10, 9, "31", "528")
    assert row["ad vanishes at power"] == "4"
    assert list(figures.pointer_table(results).table["dim h"]) == [19, 29, 40, 27, 49, 78]


@pytest.mark.parametrize("name", ["dimensions", "half_filling", "inference_qumodes"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))
