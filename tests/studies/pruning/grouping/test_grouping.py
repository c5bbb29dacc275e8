"""Sharing of parameters against depth: instances, circuits, runs, claims and figures."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.grouping import GROUP, MODES, GroupingSettings, claims, figures
from trainscape.studies.pruning.grouping.grouped_runs import sample
from trainscape.studies.pruning.grouping.grouping_tests import TEST
from trainscape.studies.pruning.grouping.instances import (
    approximation_ratio,
    grouped_circuit,
    random_hamiltonian,
)
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import exact

SETTINGS = GroupingSettings.model_validate(
    {"qubits": 4, "depths": [1, 3], "instances": 6, "iterations": 40}
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


@pytest.mark.parametrize("seed", range(4))
def test_instances(seed):
    cut = random_hamiltonian("regular_cut", 6, np.random.default_rng(seed))
    graph = nx.Graph([string.support for _, string in cut.terms])
    assert set(dict(graph.degree).values()) == {3}
    assert all(0 < weight < 0.5 for weight, _ in cut.terms)
    ring = random_hamiltonian("random_ring", 6, np.random.default_rng(seed))
    couplings = {s.support: -w for w, s in ring.terms if len(s.support) == 2}
    fields = [-w for w, s in ring.terms if len(s.support) == 1]
    assert sorted(couplings) == sorted(tuple(sorted((q, (q + 1) % 6))) for q in range(6))
    assert all(0.5 <= value <= 1.5 for value in couplings.values())
    assert all(0.1 <= value <= 2 for value in fields)
    assert len(fields) == 6


PRISM = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (0, 3), (1, 4), (2, 5)]


def test_groups_of_a_prism():
    """Six edges of triangles and three between them: two orbits, one of vertices."""
    weights = np.linspace(0.1, 0.9, 9)
    labels = ["".join("Z" if q in edge else "I" for q in range(6)) for edge in PRISM]
    prism = PauliSum.of(zip(weights.tolist(), labels, strict=True))
    found = {mode: grouped_circuit(prism, mode, 2) for mode in ("kinds", "orbits", "free")}
    assert grouped_circuit(prism, "slow", 2) == found["free"]
    counts = {mode: circuit.num_parameters // 2 for mode, circuit in found.items()}
    assert counts == {"kinds": 2, "orbits": 3, "free": 15}
    for circuit in found.values():
        rotations = [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]
        assert len(rotations) == 30
    tied = [
        (gate.qubits, gate.scale)
        for gate in found["kinds"].gates
        if isinstance(gate, PauliRotation) and gate.parameter == 0
    ]
    expected = {edge: weight / 0.9 for edge, weight in zip(PRISM, weights, strict=True)}
    assert dict(tied) == pytest.approx(expected)
    # Each way to group contains the one before: equal angles, in proportion to the weights.
    theta = np.array([[0.3, -0.8, 0.5, 0.2]])
    problems = {mode: Problem(circuit, prism) for mode, circuit in found.items()}
    free = [
        theta[0, gate.parameter] * gate.scale
        for gate in found["kinds"].gates
        if isinstance(gate, PauliRotation)
    ]
    order = [
        gate.qubits + tuple(gate.pauli)
        for gate in found["kinds"].gates
        if isinstance(gate, PauliRotation)
    ]
    angles = dict(zip(zip(order, np.arange(30) // 15, strict=True), free, strict=True))
    wanted = np.zeros((1, 30))
    for place, gate in enumerate(
        gate for gate in found["free"].gates if isinstance(gate, PauliRotation)
    ):
        wanted[0, gate.parameter] = angles[gate.qubits + tuple(gate.pauli), place // 15]
    assert Dense(problems["free"]).value(wanted)[0] == pytest.approx(
        Dense(problems["kinds"]).value(theta)[0], abs=1e-12
    )


def test_ratios_by_counting_cuts():
    cut = random_hamiltonian("regular_cut", 6, np.random.default_rng(1))
    best = max(
        sum(
            2 * weight
            for weight, string in cut.terms
            for a, b in (string.support,)
            if (word >> a & 1) != (word >> b & 1)
        )
        for word in range(64)
    )
    energies = np.diag(cut.matrix()).real
    ratios = approximation_ratio("regular_cut", cut, energies)
    assert ratios.max() == pytest.approx(1)
    # No edge is cut in the state of zeros, and one vertex cuts its three.
    assert ratios[0] == pytest.approx(0, abs=1e-12)
    three = sum(2 * weight for weight, string in cut.terms if 0 in string.support)
    assert ratios[32] == pytest.approx(three / best)
    ring = random_hamiltonian("random_ring", 4, np.random.default_rng(1))
    lowest = np.linalg.eigvalsh(ring.matrix())[0]
    assert approximation_ratio("random_ring", ring, np.array([lowest / 2]))[0] == pytest.approx(0.5)


def test_instances_are_shared_and_runs_are_independent():
    family = family_of(GROUP, "grouping", SETTINGS)
    cells = [
        cell_context(
            family,
            Stage.SIMULATE,
            {"problem": "random_ring", "qubits": 4, "mode": mode, "depth": depth},
        )
        for mode, depth in (("kinds", 1), ("free", 3))
    ]
    one, other = (
        random_hamiltonian("random_ring", 4, cell.generator(Purpose.INSTANCE, 2)) for cell in cells
    )
    assert one == other
    whole, single = sample(cells[0], range(4)), sample(cells[0], range(2, 3))
    np.testing.assert_array_equal(whole["ratio"][2:3], single["ratio"])


def test_runs(results):
    table = to_frame(results.summary("grouping", Stage.SIMULATE))
    assert len(table) == 14
    assert table["ratio"].between(0.5, 1 + 1e-12).all()
    free = select(table, problem="random_ring", mode="free", depth=3).iloc[0]
    kinds = select(table, problem="random_ring", mode="kinds", depth=3).iloc[0]
    assert (free["parameters"], kinds["parameters"]) == (24, 6)
    assert free["ratio"] > kinds["ratio"]


def made(differences):
    """Clear tests of the difference of what is missing, first mode minus the other."""
    return [
        {
            "problem": problem,
            "qubits": 6,
            "depth": depth,
            "mode": mode,
            "other": other,
            "pairs": 12,
            "difference": exact(value),
            "p_value": 1e-4,
            "effect": -float(np.sign(value)),
        }
        for problem, modes in MODES.items()
        for mode, other in combinations(modes, 2)
        for depth, value in differences.items()
    ]


def judged(rows):
    stub = StubResults({("grouping", Stage.THRESHOLDS): to_dataset(rows, TEST)})
    return {one["id"]: one for one in judge_claims(claims_of(claims), stub)}


def test_verdicts():
    good = judged(made({1: 0.2, 3: 0.1, 60: -0.01}))
    assert [one["verdict"] for one in good.values()] == [
        "reproduced",
        "reproduced",
        "not reproduced",
    ]
    assert good["grouping-shallow"]["measured"] == pytest.approx(-0.2)
    assert good["grouping-deep"]["measured"] == pytest.approx(-0.01)
    bad = judged(made({1: -0.2, 3: -0.1, 60: 0.01}))
    assert [one["verdict"] for one in bad.values()] == [*["not reproduced"] * 2, "reproduced"]
    mixed = judged(made({1: 0.2, 3: -0.1, 20: -0.3}))
    assert mixed["grouping-shallow"]["verdict"] == "conditional"
    assert mixed["grouping-deep"]["verdict"] == "undecided"


def test_figure(results):
    with style():
        check_plot(figures.grouping_depth(results))


def test_claims_can_be_judged_at_any_size(results):
    found = judge_claims(claims_of(claims), results)
    assert {one["id"] for one in found} == {"grouping-shallow", "grouping-deep", "grouping-steps"}
