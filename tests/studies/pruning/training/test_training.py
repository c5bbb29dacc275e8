"""Training before and after pruning: circuits, runs, summaries, claims and figures."""

from itertools import product

import networkx as nx
import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.models import MODELS, ansatz, deep_circuit, hamiltonian
from trainscape.studies.pruning.names import STAGES, is_spin_model, num_gates
from trainscape.studies.pruning.training import GROUP, TrainingSettings, claims, figures
from trainscape.studies.pruning.training.adam_runs import sample
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import exact, median, proportion

SETTINGS = TrainingSettings.model_validate(
    {
        "systems": (
            {"model": "ising_ring", "qubits": 3, "layers": dict.fromkeys(STAGES, (1, 2))},
            {"model": "ising_ring", "qubits": 4, "layers": dict.fromkeys(STAGES, (1, 2))},
        ),
        "restarts": 6,
        "iterations": 1000,
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


@pytest.mark.parametrize(("model", "stage"), list(product(MODELS, STAGES)))
def test_planned_gates_are_those_of_the_ansatz(model, stage):
    for n in (4, 6) if is_spin_model(model) else (3, 4, 5):
        circuit = deep_circuit(model, n, stage, 2)
        rotations = [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]
        assert len(rotations) == 2 * num_gates(model, n, stage)
        assert circuit.num_parameters == 2 * len(ansatz(model, n, stage))
        assert not circuit.unused_parameters


def test_hamiltonians_against_energies_of_free_fermions_and_cuts():
    momenta = (2 * np.arange(6) + 1) * np.pi / 6
    ring = np.linalg.eigvalsh(hamiltonian("ising_ring", 6).matrix())[0]
    assert ring == pytest.approx(-np.sqrt(2 - 2 * np.cos(momenta)).sum(), abs=1e-9)
    chain = np.linalg.eigvalsh(hamiltonian("ising_chain", 6).matrix())[0]
    assert chain == pytest.approx(1 - 1 / np.sin(np.pi / 26), abs=1e-9)
    tilted = np.linalg.eigvalsh(hamiltonian("tilted_chain", 4).matrix())[0]
    assert tilted == pytest.approx(-6.05476582, abs=1e-8)
    for model, graph in (
        ("ring_cut", nx.cycle_graph(5)),
        ("star_cut", nx.star_graph(4)),
        ("complete_cut", nx.complete_graph(5)),
    ):
        best = max(
            sum((word >> a & 1) != (word >> b & 1) for a, b in graph.edges) for word in range(32)
        )
        lowest = np.linalg.eigvalsh(hamiltonian(model, 5).matrix())[0]
        assert lowest == pytest.approx(graph.number_of_edges() - 2 * best)


def test_a_sample_is_a_run_of_its_own():
    """The loss of the recorded angles by another engine, and one run without the others."""
    family = family_of(GROUP, "training", SETTINGS)
    cell = cell_context(
        family,
        Stage.SIMULATE,
        {"model": "ising_ring", "qubits": 3, "stage": "A3", "layers": 2},
        **SETTINGS.model_dump(include={"iterations", "rate", "errors"}),
    )
    whole = sample(cell, range(5))
    single = sample(cell, range(3, 4))
    for name in ("error", "errors", "first", "kernel"):
        np.testing.assert_array_equal(whole[name].values[3:4], single[name].values)
    circuit = deep_circuit("ising_ring", 3, "A3", 2)
    problem = Problem(circuit, hamiltonian("ising_ring", 3))
    start = cell.generator(Purpose.PARAMETERS, 3).uniform(-np.pi, np.pi, circuit.num_parameters)
    energy = Dense(problem).value(start[None])[0]
    assert single["errors"].values[0, 0] == pytest.approx(energy + 4, abs=1e-11)
    slopes = Statevector(problem).gradient(start[None])
    assert single["kernel"].values[0] == pytest.approx((slopes**2).sum())


def test_the_pruned_ring_needs_as_many_layers_as_its_fisher_rank_says(results):
    """Rank n: one layer of two parameters does not do for four spins, two do."""
    least = to_frame(results.summary("training", Stage.THRESHOLDS))
    row = select(least, qubits=4, stage="A3").iloc[0]
    assert (row["layers"], row["gates"], row["parameters"], row["tried"]) == (2, 16, 4, 1)
    runs = to_frame(results.summary("training", Stage.SIMULATE))
    failed = select(runs, qubits=4, stage="A3", layers=1).iloc[0]
    assert failed["success"] == 0
    assert failed["error"] > 0.1
    assert np.isinf(failed["iterations"])


def rows(iterations: dict[str, list[float]], kernel: float = 1.0) -> list[dict]:
    """Runs of two stages at two depths in three systems; infinite iterations have failed."""
    return [
        {
            "model": "ising_ring",
            "qubits": qubits,
            "stage": stage,
            "layers": layers,
            "parameters": layers * (2 if stage == "A3" else 20),
            "gates": layers * (8 if stage == "A3" else 20),
            "restarts": 20,
            "success": proportion(0 if np.isinf(value) else 20, 20),
            "iterations": median([value] * 20),
            "error": exact(0.1),
            "kernel": exact(kernel * (3.0 if stage == "A3" else 20.0)),
        }
        for qubits in (3, 4, 5)
        for stage, values in iterations.items()
        for layers, value in enumerate(values, 1)
    ]


def judged(table: list[dict]) -> dict[str, str]:
    from trainscape.studies.pruning.training.least_depths import summarise
    from trainscape.testing.steps import StubSummary

    system = ("model", "qubits", "stage", "layers")
    runs = to_dataset(table, system)
    least = summarise(StubSummary({}, summaries={Stage.SIMULATE: runs}))
    stub = StubResults({("training", Stage.SIMULATE): runs, ("training", Stage.THRESHOLDS): least})
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), stub)}


def test_verdicts():
    inf = np.inf
    fair = judged(rows({"A0": [inf, 300.0], "A2": [inf, 200.0], "A3": [inf, 100.0]}))
    assert fair == {
        "pruning-gates": "reproduced",
        "pruning-parameters": "reproduced",
        "tying-gates": "reproduced",
        "pruning-iterations": "reproduced",
        "pruning-kernel": "reproduced",
    }
    slow = judged(rows({"A0": [300.0, 100.0], "A2": [50.0, 40.0], "A3": [inf, 200.0]}))
    assert slow["pruning-iterations"] == "not reproduced"
    assert slow["pruning-parameters"] == "reproduced"
    never = judged(rows({"A0": [inf, 100.0], "A3": [inf, inf]}))
    assert never["pruning-gates"] == "undecided"
    assert never["pruning-iterations"] == "undecided"


def test_few_restarts_decide_nothing(results):
    for record in judge_claims(claims_of(claims), results):
        assert record["verdict"] == "undecided"


@pytest.mark.parametrize("name", ["error_curves", "iterations_to_convergence", "least_gates"])
def test_figures(results, name):
    with style():
        plot = getattr(figures, name)(results)
        check_plot(plot)
    assert len(plot.table)
