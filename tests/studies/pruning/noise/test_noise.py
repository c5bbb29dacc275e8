"""Training under noise and with few shots: runs, summaries, claims and figures."""

import numpy as np
import pytest

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.studies.pruning.names import num_gates
from trainscape.studies.pruning.noise import GROUP, NoiseSettings, claims, figures
from trainscape.studies.pruning.noise.noisy_fisher import sample as fisher_sample
from trainscape.studies.pruning.noise.noisy_runs import noisy_problem, sample
from trainscape.studies.pruning.noise.pruned_against_dense import TEST
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.curvature import stacked_qfim
from trainscape.trainability.intervals import exact

SETTINGS = NoiseSettings.model_validate(
    {
        "qubits": 3,
        "layers": {"A0": [1], "A1": [1], "A2": [1], "A3": [1, 2]},
        "strengths": [0.0, 1e-4, 1e-3, 3e-2],
        "shots": [30, 300],
        "shot_layers": {"A0": 1, "A3": 1},
        "fisher_layers": {"A0": [1], "A3": [1, 3]},
        "fisher_strengths": [1e-4, 1e-3, 0.1],
        "points": 8,
        "restarts": 8,
        "iterations": 60,
        "rate": 0.1,
    }
)
CELL = {"model": "ising_ring", "qubits": 3, "stage": "A3", "layers": 2}


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def context(**parameters):
    family = family_of(GROUP, "noise", SETTINGS)
    return cell_context(family, Stage.SIMULATE, {**CELL, **parameters})


def test_one_channel_follows_every_gate_and_the_start_has_none():
    problem = noisy_problem(context(strength=0.01, shots=0))
    gates = problem.circuit.gates
    assert all(isinstance(gate, PauliRotation) for gate in gates[::2])
    for gate, noise in zip(gates[::2], gates[1::2], strict=True):
        assert noise == Channel("depolarising", gate.qubits, 0.01)
    assert len(gates) == 2 * 2 * num_gates("ising_ring", 3, "A3")


def test_errors_are_those_of_the_trained_circuit():
    """Without noise both errors are one, and that of the dense engine at the start."""
    cell = context(strength=0.0, shots=0)
    data = sample(cell, range(3))
    np.testing.assert_allclose(data["error"], data["clean"], rtol=0, atol=1e-12)
    problem = noisy_problem(cell)
    start = np.stack(
        [cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, 4) for index in range(3)]
    )
    np.testing.assert_allclose(data["start"], Dense(problem).value(start) + 4, rtol=0, atol=1e-10)
    assert (data["error"] < data["start"]).all()


@pytest.mark.parametrize("shots", [0, 50])
def test_a_sample_is_a_run_of_its_own(shots):
    cell = context(strength=0.02, shots=shots)
    whole, single = sample(cell, range(4)), sample(cell, range(2, 3))
    for name in ("error", "clean"):
        np.testing.assert_allclose(whole[name][2:3], single[name], rtol=1e-9)


def test_noise_costs_energy_and_shots_do_too(results):
    table = to_frame(results.summary("noise", Stage.SIMULATE))
    pruned = select(table, stage="A3", layers=1, shots=0).sort_values("strength")
    assert (np.diff(pruned["error"]) > 0).all()
    assert (pruned["lost"].to_numpy() >= -1e-12).all()
    assert pruned["gates"].tolist() == [6, 6, 6, 6]
    few = select(table, stage="A0", layers=1, shots=30)["error"].iloc[0]
    many = select(table, stage="A0", layers=1, shots=0, strength=1e-3)["error"].iloc[0]
    assert few > many


def made_tests(differences, shots=0, layers=2):
    """Paired tests at strengths or numbers of shots, all of them clear."""
    return [
        {
            **dict(zip(TEST, ("ising_ring", 4, layers, strength, shots or 0), strict=True)),
            "pairs": 12,
            "difference": exact(value),
            "p_value": 1e-4 if value else 1.0,
            "effect": -float(np.sign(value)),
        }
        for strength, value in differences.items()
    ]


def runs_table(costs):
    return [
        {
            "model": "ising_ring",
            "qubits": 4,
            "stage": stage,
            "layers": 2,
            "strength": strength,
            "shots": 0,
            "parameters": 4,
            "gates": 10,
            "restarts": 12,
            "error": exact(0.1),
            "clean": exact(0.1),
            "lost": exact(10 * strength * cost * (1 - bend * strength)),
        }
        for stage, (cost, bend) in costs.items()
        for strength in (1e-4, 1e-3, 1e-2)
    ]


def judged(tests, runs):
    stub = StubResults(
        {
            ("noise", Stage.THRESHOLDS): to_dataset(tests, TEST),
            ("noise", Stage.SIMULATE): to_dataset(runs, ("stage", "layers", "strength", "shots")),
        }
    )
    chosen = [one for one in claims_of(claims) if one.id.startswith("noise")]
    return {one["id"]: one for one in judge_claims(chosen, stub)}


def test_verdicts():
    flat = {"A0": (2.5, 1), "A1": (2.8, 1), "A2": (2.6, 1), "A3": (2.6, 1)}
    good = made_tests({1e-3: -0.1, 1e-2: -0.3}) + made_tests(
        {0.0: 0.2, 1e-2: 0.1, 3e-2: -0.3}, layers=1
    )
    good += made_tests({1e-3: -0.2}, shots=100)
    found = judged(good, runs_table(flat))
    assert {name: one["verdict"] for name, one in found.items()} == dict.fromkeys(
        ("noise-gain", "noise-per-gate", "noise-linear", "noise-crossover", "noise-shots"),
        "reproduced",
    )
    # Half of the way from 0.1 at 0.01 to -0.3 at 0.03 is a quarter of it in the difference.
    crossing = found["noise-crossover"]["facts"]["strength at which both are equal"]
    assert crossing == pytest.approx(0.015)
    assert found["noise-crossover"]["measured"] == pytest.approx(-0.2)
    bad = made_tests({1e-3: 0.1, 1e-2: 0.3}) + made_tests({0.0: -0.2, 3e-2: -0.1}, layers=1)
    bad += made_tests({1e-3: 0.2}, shots=100)
    bent = {"A0": (1.5, 1), "A1": (2.5, 1), "A2": (2.5, 1), "A3": (2.5, 200)}
    found = {name: one["verdict"] for name, one in judged(bad, runs_table(bent)).items()}
    assert found == {
        "noise-gain": "not reproduced",
        "noise-per-gate": "not reproduced",
        "noise-linear": "not reproduced",
        "noise-crossover": "conditional",
        "noise-shots": "not reproduced",
    }


FISHER = family_of(GROUP, "fisher", SETTINGS)


def test_fisher_information_on_either_sort_of_directions(results):
    """Of the pruned ring of three spins two directions move the state, whatever the depth.

    Without noise the trace is that of the pure state's matrix, and nothing is lifted; the dense
    ansatz has as many gates as parameters.
    """
    table = to_frame(results.summary("fisher", Stage.SIMULATE))
    deep = select(table, stage="A3", layers=3)
    assert set(deep["rank"]) == {2}
    assert set(deep["parameters"]) == {6}
    assert (select(table, stage="A3", layers=1)["lifted"] == 0).all()
    assert (table["lost"] > 0).all()
    for _, rows in table.groupby(["stage", "layers"]):
        assert (np.diff(rows.sort_values("strength")["lost"]) > 0).all()
    names = {"model": "ising_ring", "qubits": 3, "stage": "A3", "layers": 3, "strength": 1e-12}
    cell = cell_context(FISHER, Stage.SIMULATE, names)
    found = fisher_sample(cell, range(2))
    np.testing.assert_allclose(found["kept"], found["before"], rtol=1e-9)
    np.testing.assert_allclose(found["lifted"], 0, atol=1e-9)
    circuit = deep_circuit("ising_ring", 3, "A3", 3)
    engine = Statevector(Problem(circuit, hamiltonian("ising_ring", 3)))
    theta = np.stack(
        [cell.generator(Purpose.PARAMETERS, k).uniform(-np.pi, np.pi, 6) for k in range(2)]
    )
    traces = [
        np.trace(stacked_qfim(jacobian, state))
        for jacobian, state in zip(engine.jacobian(theta), engine.state(theta), strict=True)
    ]
    np.testing.assert_allclose(found["before"], traces, rtol=1e-9)


def fisher_table(costs, stages=("A0", "A1", "A2", "A3")):
    """Shares lost for each unit of strength, and what is lifted, with a bend."""
    rows = []
    for stage in stages:
        lost, lifted, bend = costs.get(stage, costs["A0"])
        for strength in (1e-4, 1e-3, 1e-2):
            factor = strength * (1 - bend * strength)
            row = dict(zip(("model", "qubits"), ("ising_ring", 4), strict=True))
            row |= {"stage": stage, "layers": 2, "strength": strength, "points": 12}
            rows.append({**row, "lost": exact(lost * factor), "lifted": exact(lifted * factor)})
    return StubResults({("fisher", Stage.SIMULATE): to_dataset(rows, ("stage", "strength"))})


def test_verdicts_on_fisher_information():
    def judged_fisher(costs):
        wanted = [claims.fisher_lifted, claims.fisher_lost, claims.fisher_gain]
        return {one["id"]: one["verdict"] for one in judge_claims(wanted, fisher_table(costs))}

    good = {"A0": (30.0, 2.0, 10.0), "A3": (13.0, 2.0, 10.0)}
    assert set(judged_fisher(good).values()) == {"reproduced"}
    bent = judged_fisher({"A0": (30.0, 2.0, 10.0), "A3": (13.0, 2.0, 300.0)})
    assert bent["fisher-lifted"] == bent["fisher-lost"] == "not reproduced"
    equal = judged_fisher({"A0": (30.0, 2.0, 10.0)})
    assert equal["fisher-gain"] == "not reproduced"


@pytest.mark.parametrize("name", ["noise_errors", "noise_per_gate", "noise_shots", "noise_fisher"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_claims_can_be_judged_at_any_size(results):
    records = judge_claims(claims_of(claims), results)
    assert len(records) == 8
    assert all(one["samples"] > 0 or one["facts"] for one in records)
