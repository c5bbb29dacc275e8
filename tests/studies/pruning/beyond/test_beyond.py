"""Compiling, kernels of inputs and labels: circuits, runs, summaries, claims and figures."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.circuits.states import BasisState
from trainscape.simulators.dense import Dense
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.beyond import GROUP, RINGS, TARGETS, BeyondSettings, claims, figures
from trainscape.studies.pruning.beyond.circuits import (
    basis_labels,
    domain_walls,
    mean_bond,
    orbit_of,
    ring_circuit,
)
from trainscape.studies.pruning.beyond.input_kernels import sample as kernels_of
from trainscape.studies.pruning.beyond.label_runs import sample as label_runs
from trainscape.studies.pruning.names import STAGES
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import exact

SETTINGS = BeyondSettings.model_validate(
    {"qubits": 3, "layers": 3, "restarts": 6, "points": 3, "iterations": 50, "rate": 0.1}
)
CELL = {"model": "ising_ring", "qubits": 4, "layers": 4, "stage": "A3"}


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_classes_of_inputs():
    classes = {}
    for bits in basis_labels(4):
        classes.setdefault(orbit_of(bits), []).append(bits)
    assert {name: len(members) for name, members in classes.items()} == {
        "0000": 2,
        "0001": 8,
        "0011": 4,
        "0101": 2,
    }
    assert [domain_walls(name) for name in classes] == [0, 2, 2, 4]
    diagonal = np.diag(mean_bond(4).matrix()).real
    assert diagonal == pytest.approx([1 - domain_walls(bits) / 2 for bits in basis_labels(4)])


def context(family="input_kernels", **parameters):
    return cell_context(family_of(GROUP, family, SETTINGS), Stage.SIMULATE, {**CELL, **parameters})


def test_kernels_are_products_of_gradients():
    """By the dense engine, one input after the other."""
    cell = context()
    data = kernels_of(cell, range(1, 3))
    circuit = ring_circuit(cell)
    theta = cell.generator(Purpose.PARAMETERS, 2).uniform(-np.pi, np.pi, (1, 8))
    gradients = np.array(
        [
            Dense(Problem(circuit, mean_bond(4), (BasisState(bits),))).gradient(theta)[0]
            for bits in basis_labels(4)
        ]
    )
    np.testing.assert_allclose(data["kernel"].values[1], gradients @ gradients.T, atol=1e-10)
    # Related inputs have equal gradients, and all sum to zero.
    first = {orbit_of(bits): place for place, bits in enumerate(basis_labels(4))}
    for place, bits in enumerate(basis_labels(4)):
        np.testing.assert_allclose(gradients[place], gradients[first[orbit_of(bits)]], atol=1e-12)
    np.testing.assert_allclose(gradients.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(gradients[first["0011"]], 0, atol=1e-12)
    # Of the algebra of free fermions, the mean bond alone is diagonal: outputs are multiples of it.
    assert data["rank"].values[1] == np.linalg.matrix_rank(gradients, tol=1e-9) == 1
    tangents = Dense(Problem(circuit, mean_bond(4), (BasisState("0011"),))).quantum_fisher(theta)[0]
    own = data["tangents"].sel(input="0011").values[1]
    assert own == np.linalg.matrix_rank(tangents, tol=1e-9)


def test_ranks(results):
    table = to_frame(results.summary("input_kernels", Stage.SIMULATE))
    ranks = {key: rows["rank"].iloc[0] for key, rows in table.groupby(["model", "stage"])}
    # Eight inputs less one, four pairs that the flip relates, four necklaces of three beads.
    assert ranks["ising_ring", "A0"] == ranks["tilted_ring", "A0"] == 7
    assert ranks["ising_ring", "A1"] == ranks["tilted_ring", "A3"] == 3
    assert ranks["ising_ring", "A3"] == 1
    dense = select(table, stage="A0", model="ising_ring")
    assert dense["effective"].tolist() == [8, 8]
    pruned = select(table, stage="A3", model="ising_ring").set_index("orbit")
    assert (pruned["tangents"] <= 2 * (pruned["effective"] - 1)).all()
    assert (pruned["effective"] < 8).all()


def test_labels_do_not_depend_on_other_runs():
    cell = context("labels", stage="A2", qubits=3)
    whole, single = label_runs(cell, range(3)), label_runs(cell, range(2, 3))
    for name in ("train", "test", "accuracy"):
        np.testing.assert_array_equal(whole[name][2:3], single[name])
    sets = [
        context("labels", stage=stage).generator(Purpose.INPUTS, 1).permutation(16).tolist()
        for stage in ("A0", "A3")
    ]
    assert sets[0] == sets[1]


def test_label_errors(results):
    table = to_frame(results.summary("labels", Stage.SIMULATE)).set_index(["model", "stage"])
    assert (table["train"] < 1).all()
    assert table.loc[("tilted_ring", "A3"), "test"] < table.loc[("tilted_ring", "A0"), "test"]
    assert table.loc[("tilted_ring", "A3"), "difference"] == 0


def test_compiling(results):
    table = to_frame(results.summary("compiling", Stage.SIMULATE)).set_index("target")
    assert (table["below_floor"] < 1e-9).all()
    assert abs(table.loc["orbit", "floor"]) < 1e-12
    assert abs(table.loc["space", "floor"]) < 1e-12
    # Of a random state of eight dimensions, a quarter lies in a space of two.
    assert 0.5 < table.loc["generic", "floor"] < 0.95
    assert table.loc["generic", "pruned"] > 0.5


def judged(side=-1.0, rank=3, missed=0.1, below=-0.1):
    tested = {"pairs": 16, "difference": exact(side), "p_value": 1e-4, "effect": -side}
    compiling = [
        {
            "qubits": 4,
            "layers": 4,
            "target": target,
            "dense": exact(1e-6),
            "pruned": exact(missed),
            "floor": exact(0.0),
            "below_floor": below,
            "dense_iterations": exact(100.0),
            "pruned_iterations": exact(50.0),
            **tested,
        }
        for target in TARGETS
    ]
    kernels = [
        {
            "model": model,
            "stage": stage,
            "orbit": "0000",
            "inputs": 16,
            "effective": 4,
            "least_effective": 4,
            "tangents": 4,
            "rank": {"A0": 15, "A3": rank}.get(stage, 7),
            "sum_of_tangents": 40,
            "orbits": 4,
            "parameters": 16 if stage != "A3" else 8,
            "points": 32,
        }
        for model in RINGS
        for stage in STAGES
    ]
    labels = [
        {
            "model": model,
            "qubits": 4,
            "layers": 4,
            "stage": stage,
            "train": exact(0.1),
            "test": exact(0.1),
            "accuracy": exact(0.9),
            **tested,
        }
        for model in RINGS
        for stage in STAGES
    ]
    stub = StubResults(
        {
            ("compiling", Stage.SIMULATE): to_dataset(compiling, ("target",)),
            ("input_kernels", Stage.SIMULATE): to_dataset(kernels, ("model", "stage", "orbit")),
            ("labels", Stage.SIMULATE): to_dataset(labels, ("model", "stage")),
        }
    )
    return {one["id"]: one["verdict"] for one in judge_claims(claims_of(claims), stub)}


def test_verdicts():
    assert judged() == dict.fromkeys(
        (
            "compiling-gain",
            "compiling-floor",
            "compiling-orbit",
            "input-kernel-rank",
            "input-kernel-classes",
            "label-gain-ising-ring",
            "label-gain-tilted-ring",
        ),
        "reproduced",
    )
    worse = judged(side=1.0, missed=1e-9)
    for name in ("compiling-gain", "label-gain-tilted-ring", "compiling-orbit"):
        assert worse[name] == "not reproduced"
    assert judged(below=1e-3)["compiling-floor"] == "not reproduced"
    many = judged(rank=9)
    assert many["input-kernel-rank"] == "not reproduced"
    assert many["input-kernel-classes"] == "not reproduced"


@pytest.mark.parametrize("name", ["state_compiling", "label_errors", "input_kernels"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_the_table_of_inputs(results):
    assert len(figures.input_spaces(results).table) == 4 * 2 + 4 * 4
