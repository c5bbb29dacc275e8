"""Runs as published ones: records, least residuals, comparisons, claims and the figure."""

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError
from scipy.stats import binom, fisher_exact

from trainscape.circuits.circuit import Problem
from trainscape.physics.ground_energy import ground_energy
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.models import hamiltonian, variational_circuit
from trainscape.studies.pruning.published import GROUP, PublishedSettings, claims, figures
from trainscape.studies.pruning.published.comparisons import summarise
from trainscape.studies.pruning.published.records import CHOSEN, RECORDS, record
from trainscape.studies.pruning.published.trained_errors import LIMITS, sample
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import (
    StubResults,
    StubSummary,
    cell_context,
    family_of,
    run_group,
    stored,
)
from trainscape.trainability.curvature import hessian_rank
from trainscape.training.optimisers import LBFGS, minimise, single

SETTINGS = PublishedSettings.model_validate(
    {
        "adam": {"ising_ring": {4: (2,)}},
        "lbfgs": {"ising_chain": {4: (3, 5)}},
        "runs": 6,
        "iterations": 1200,
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_records_are_known_once_and_others_are_refused():
    keys = [(one.optimiser, one.model, one.qubits, one.layers) for one in RECORDS]
    assert len(set(keys)) == len(keys) == 27
    assert record("adam", "ising_chain", 6, 6).successes == 19
    assert record("lbfgs", "ising_chain", 6, 13).runs == 10
    assert record("lbfgs", "ising_chain", 10, 15).runs == 2
    assert all(record(*circuit) for circuit in CHOSEN)
    with pytest.raises(ValidationError, match="known are n = 4 L = 3, n = 4 L = 5"):
        PublishedSettings.model_validate(
            {"adam": {"ising_ring": {4: (2,)}}, "lbfgs": {"ising_chain": {4: (4,)}}}
        )


def final_errors(model: str, qubits: int, layers: int, starts: int) -> np.ndarray:
    """Return the final errors of many searches."""
    target = hamiltonian(model, qubits)
    circuit = variational_circuit(model, qubits, layers)
    engine = Statevector(Problem(circuit, target))
    rng = np.random.default_rng(11)
    found = [
        minimise(
            single(engine.value_and_gradient),
            rng.uniform(0, np.pi, circuit.num_parameters),
            LBFGS(300),
        ).loss
        for _ in range(starts)
    ]
    return np.array(found) - ground_energy(target, rng)


@pytest.mark.parametrize(
    ("model", "qubits", "layers", "published"),
    [("ising_ring", 6, 2, 0.263), ("ising_chain", 6, 4, 8.39e-3)],
)
def test_least_residuals_are_the_published_ones(model, qubits, layers, published):
    """Minima over 50 published runs of Adam, which come within a percent of the bottom."""
    assert final_errors(model, qubits, layers, 12).min() == pytest.approx(published, rel=5e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "qubits", "layers", "published"),
    [("ising_ring", 10, 4, 0.157), ("ising_chain", 10, 4, 4.43e-2)],
)
def test_least_residuals_of_larger_circuits(model, qubits, layers, published):
    assert final_errors(model, qubits, layers, 40).min() == pytest.approx(published, rel=5e-3)


@pytest.mark.slow
def test_a_published_residual_is_not_the_least():
    """Eight spins on a chain: 50 published runs ended at 6.36e-2 at best; searches end lower.

    Between the least residuals of six and of ten spins, which are the published ones.
    """
    least = final_errors("ising_chain", 8, 4, 60).min()
    assert 8.39e-3 < least < 4.43e-2
    assert least == pytest.approx(2.572e-2, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "qubits", "layers", "rank"),
    [
        ("ising_ring", 4, 4, 4),
        ("ising_ring", 6, 6, 6),
        ("ising_chain", 4, 8, 8),
        ("ising_chain", 6, 16, 18),
        pytest.param("ising_chain", 8, 30, 32, marks=pytest.mark.slow),
    ],
)
def test_ranks_of_hessians_at_a_ground_state_are_the_published_ones(model, qubits, layers, rank):
    """n on a ring and n^2 / 2 on a chain, as many as the Fisher information has."""
    target = hamiltonian(model, qubits)
    circuit = variational_circuit(model, qubits, layers)
    engine = Statevector(Problem(circuit, target))
    rng = np.random.default_rng(2)
    search = LBFGS(3000, gradient_tolerance=1e-12)
    runs = [
        minimise(
            single(engine.value_and_gradient),
            rng.uniform(-np.pi, np.pi, circuit.num_parameters),
            search,
        )
        for _ in range(3)
    ]
    best = min(runs, key=lambda run: run.loss)
    error = max(best.loss - ground_energy(target, rng), 0.0)
    assert hessian_rank(engine.hessian(best.theta[None])[0], error).rank == rank


def successes(optimiser: str, model: str, qubits: int, layers: int, runs: int = 50) -> np.ndarray:
    """Return which of our runs succeed, as the step of the study has them."""
    settings = PublishedSettings.model_validate(
        {
            "adam": {"ising_ring": {4: (2,)}},
            "lbfgs": {"ising_chain": {4: (3,)}},
            optimiser: {model: {qubits: (layers,)}},
        }
    )
    names = {"optimiser": optimiser, "model": model, "qubits": qubits, "layers": layers}
    family = family_of(GROUP, "published", settings)
    errors = sample(cell_context(family, Stage.SIMULATE, names), range(runs))["error"].values
    return errors < LIMITS[optimiser]


@pytest.mark.parametrize(
    "circuit",
    [
        ("adam", "ising_chain", 4, 4),
        ("lbfgs", "ising_chain", 4, 3),
        ("lbfgs", "ising_chain", 4, 5),
        *(
            pytest.param(circuit, marks=pytest.mark.slow)
            for circuit in [
                ("adam", "ising_ring", 8, 4),
                ("adam", "ising_ring", 10, 6),
                ("adam", "ising_chain", 6, 6),
                ("adam", "ising_chain", 6, 12),
                ("adam", "ising_chain", 6, 16),
                ("lbfgs", "ising_chain", 6, 9),
                ("lbfgs", "ising_chain", 6, 11),
                ("lbfgs", "ising_chain", 6, 13),
            ]
        ),
    ],
)
def test_shares_are_the_published_ones_within_binomial_error(circuit):
    """Fisher's exact test at 1 %: one wrong alarm in a hundred for equal chances.

    From angles on [0, pi) Adam succeeds on four spins in 37 % of 400 runs, and on six spins with
    six layers in none of 50; without its limit on energies L-BFGS succeeds with nine layers in
    57 % of 40 runs, and in all with eleven. All of these would fail.
    """
    ours, published = successes(*circuit), record(*circuit)
    counts = [
        [ours.sum(), (~ours).sum()],
        [published.successes, published.runs - published.successes],
    ]
    assert fisher_exact(counts).pvalue > 0.01


def test_the_circuit_is_the_variational_one():
    circuit = variational_circuit("ising_chain", 4, 3)
    assert circuit.num_parameters == 6
    assert [gate.name for gate in circuit.gates[:4]] == ["H"] * 4
    kinds = [(gate.pauli, gate.parameter) for gate in circuit.gates[4:11]]
    assert kinds == [("ZZ", 0)] * 3 + [("X", 1)] * 4


def made(shares: dict[tuple[str, str, int, int], float], runs: int) -> StubResults:
    """Results of runs that succeed with the given shares."""
    cells = []
    for (optimiser, model, qubits, layers), share in shares.items():
        reached = round(share * runs)
        errors = np.where(np.arange(runs) < reached, 1e-6, 0.1)
        names = {"optimiser": optimiser, "model": model, "qubits": qubits, "layers": layers}
        cells.append(stored(names, xr.Dataset({"error": ("sample", errors)})))
    table = summarise(StubSummary({Stage.SIMULATE: cells}))
    return StubResults({("published", Stage.SIMULATE): table})


def verdicts(
    shift: float, runs: int = 50, but: tuple[tuple[str, str, int, int], ...] = ()
) -> dict[str, str]:
    """Verdicts where all shares are shifted, and some circuits, if any, never succeed."""
    shares = {
        (one.optimiser, one.model, one.qubits, one.layers): min(
            max(one.successes / one.runs + shift, 0.0), 1.0
        )
        for one in RECORDS
    } | dict.fromkeys(but, 0.0)
    found = judge_claims(claims_of(claims), made(shares, runs))
    return {one["id"]: one["verdict"] for one in found}


def test_verdicts():
    assert verdicts(0.0) == {"published-adam": "reproduced", "published-lbfgs": "reproduced"}
    assert verdicts(-0.4)["published-adam"] == "not reproduced"
    assert verdicts(-0.8)["published-lbfgs"] == "not reproduced"
    assert verdicts(0.0, runs=20)["published-adam"] == "undecided"
    # Circuits on which the start was found are shown, and not judged.
    assert verdicts(0.0, but=CHOSEN)["published-adam"] == "reproduced"
    assert verdicts(0.0, but=CHOSEN[:1])["published-adam"] == "reproduced"
    other = (("adam", "ising_chain", 6, 12),)
    assert verdicts(0.0, but=other)["published-adam"] == "not reproduced"


@pytest.mark.slow
def test_equal_chances_pass_and_others_fail():
    """How often the rule of Adam errs, on the six circuits of the laptop preset that it judges."""
    rng = np.random.default_rng(3)
    chances = {
        ("adam", "ising_ring", 4, 2): 1.0,
        ("adam", "ising_ring", 6, 2): 0.0,
        ("adam", "ising_ring", 6, 4): 1.0,
        ("adam", "ising_chain", 4, 6): 0.98,
        ("adam", "ising_chain", 6, 12): 0.66,
        ("adam", "ising_chain", 6, 16): 0.98,
    }
    wrong = {"equal": 0, "shifted": 0}
    for _ in range(40):
        for name, shift in (("equal", 0.0), ("shifted", -0.25)):
            ours = {
                key: binom.rvs(50, min(max(share + shift, 0), 1), random_state=rng) / 50
                for key, share in chances.items()
            }
            (found, _) = judge_claims(claims_of(claims), made(ours, 50))
            wrong[name] += (found["verdict"] == "reproduced") != (name == "equal")
    assert wrong["equal"] <= 6
    assert wrong["shifted"] == 0


def test_rows_and_figure(results):
    table = to_frame(results.summary("published", Stage.SIMULATE))
    ring = select(table, optimiser="adam").iloc[0]
    assert (ring["runs"], ring["known_runs"], ring["known"]) == (6, 50, 1.0)
    failing = select(table, optimiser="lbfgs", layers=3).iloc[0]
    # Six parameters for a rank of eight: the error stays above the limit.
    assert failing["success"] == 0
    assert failing["best"] > 1e-4
    with style():
        check_plot(figures.published_successes(results))
    for one in judge_claims(claims_of(claims), results):
        assert one["verdict"] == "undecided"


def test_a_run_does_not_depend_on_the_others():
    family = family_of(GROUP, "published", SETTINGS)
    for parameters in (cell.parameters for cell in family.stages[Stage.SIMULATE].cells):
        cell = cell_context(family, Stage.SIMULATE, parameters)
        whole, part = sample(cell, range(4)), sample(cell, range(2, 4))
        np.testing.assert_array_equal(whole["error"].values[2:], part["error"].values)
