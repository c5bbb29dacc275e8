"""Ways to prune, side by side: gates, selections, runs, tests, claims and figures."""

import re

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.baselines import GROUP, BaselineSettings, claims, figures
from trainscape.studies.pruning.baselines.gate_sets import gate_sets, system_hamiltonian
from trainscape.studies.pruning.baselines.method_runs import sample
from trainscape.studies.pruning.baselines.names import (
    COMPARISONS,
    METHODS,
    SYSTEM_NAME,
    num_qubits,
)
from trainscape.studies.pruning.baselines.selections import (
    angles_of,
    drawn,
    largest,
    selection,
    shared_sums,
    spread_sums,
)
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.studies.pruning.names import num_gates
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import (
    StubResults,
    cell_context,
    family_of,
    run_group,
)
from trainscape.training.batches import minimise_batch
from trainscape.training.optimisers import Adam

SYSTEMS = ("ising_ring4", "tilted_chain3", "cotailed")
SETTINGS = BaselineSettings.model_validate(
    {
        "systems": [{"name": name, "layers": 1 if name == "cotailed" else 2} for name in SYSTEMS],
        "restarts": 4,
        "iterations": 60,
    }
)
EQUAL_GATES = [name for name in METHODS if name not in ("dense", "fisher")]


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def rng(seed: int = 4) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    "name",
    [
        "ising_ring4",
        "tilted_chain3",
        "ring6",
        "grid2x3",
        "bipartite2x3",
        "cube",
        "octahedron",
        "petersen",
        "tailed",
        "cotailed",
        "tripod",
        "wheel5",
    ],
)
def test_systems_have_as_many_qubits_as_plans_say(name):
    assert re.match(SYSTEM_NAME, name)
    assert system_hamiltonian(name).num_qubits == num_qubits(name)


@pytest.mark.parametrize(
    "name", ["ising_ring2", "ising_ring13", "xising_ring4", "ring2", "tailed4"]
)
def test_what_is_no_system(name):
    assert not re.match(SYSTEM_NAME, name)


@pytest.mark.parametrize("model", ["ising_ring", "ising_chain", "tilted_ring"])
def test_gates_are_those_of_the_stages_of_pruning(model):
    sets = gate_sets(hamiltonian(model, 4), 2)
    sizes = [sets.circuit.num_parameters, len(sets.respecting), len(sets.terms)]
    assert sizes == [2 * num_gates(model, 4, stage) for stage in ("A0", "A1", "A2")]
    assert set(sets.terms) <= set(sets.respecting)


@pytest.mark.parametrize("name", ["ising_chain4", "tilted_ring3", "bipartite2x3"])
@pytest.mark.parametrize("method", ["terms", "respecting"])
def test_gates_alone_are_the_ansatz_without_the_others(name, method):
    target = system_hamiltonian(name)
    sets = gate_sets(target, 2)
    places = sets.pool(method)
    inner = rng().uniform(-3, 3, (2, len(places)))
    theta = np.zeros((2, sets.circuit.num_parameters))
    theta[:, places] = inner
    part = Statevector(Problem(sets.part(places), target)).value(inner)
    whole = Statevector(Problem(sets.circuit, target)).value(theta)
    np.testing.assert_allclose(part, whole, atol=1e-12)


@pytest.mark.parametrize("model", ["ising_ring", "ising_chain", "tilted_chain"])
def test_the_symmetric_selection_is_the_pruned_ansatz(model):
    """Energy, and gradient by the angles that are left, of the circuit that the compiler writes."""
    target = hamiltonian(model, 4)
    sets = gate_sets(target, 2)
    chosen = drawn(sets, rng())["symmetric"][None]
    theta = rng().uniform(-3, 3, (1, sets.circuit.num_parameters))
    engine = Statevector(Problem(sets.circuit, target))
    energy, gradient = engine.value_and_gradient(angles_of(theta, chosen))
    firsts = np.unique(chosen[chosen >= 0])
    pruned = Statevector(Problem(deep_circuit(model, 4, "A3", 2), target))
    expected, slopes = pruned.value_and_gradient(theta[:, firsts])
    np.testing.assert_allclose(energy, expected, atol=1e-12)
    np.testing.assert_allclose(shared_sums(gradient, chosen)[:, firsts], slopes, atol=1e-12)


def test_drawn_selections_have_equal_gates_and_parameters():
    sets = gate_sets(system_hamiltonian("ising_ring4"), 3)
    found = drawn(sets, rng())
    own = np.arange(sets.circuit.num_parameters)
    for name, chosen in found.items():
        assert (chosen >= 0).sum() == (54 if name == "dense" else 24)
        parameters = {"dense": 54, "random_tied": 6, "terms_tied": 6, "symmetric": 6}
        assert (chosen == own).sum() == parameters.get(name, 24)
        # What a gate takes its angle from has its own, and is not later.
        kept = chosen[chosen >= 0]
        assert (chosen[kept] == kept).all()
        assert (chosen <= own).all()
    assert (np.isin(np.flatnonzero(found["respecting"] >= 0), sets.respecting)).all()
    assert ((found["random"] >= 0) == (found["random_tied"] >= 0)).all()
    # Random ties are within a layer, and as large as the orbits.
    tied = found["terms_tied"]
    assert (tied[tied >= 0] // 18 == np.flatnonzero(tied >= 0) // 18).all()
    assert set(np.unique(tied[tied >= 0], return_counts=True)[1]) == {4}
    assert (drawn(sets, rng(5))["random"] != found["random"]).any()


def test_the_largest_angles_are_those_modulo_full_turns():
    turns = np.array([0.1, 2 * np.pi + 0.2, -3.0, 3.5, -4 * np.pi, 0.3])
    assert largest(turns, 3).tolist() == [-1, -1, 2, 3, -1, 5]


def test_sums_are_shared_and_spread():
    chosen = selection(5, np.array([0, 2, 4]), np.array([7, 8, 7]))
    assert chosen.tolist() == [0, -1, 2, -1, 0]
    gradient = np.array([[1.0, 10.0, 100.0, 1000.0, 0.5]])
    assert shared_sums(gradient, chosen[None]).tolist() == [[1.5, 0, 100, 0, 0]]
    assert spread_sums(gradient, chosen[None]).tolist() == [[1.5, 0, 100, 0, 1.5]]


def cell(name: str, layers: int, **options: object):
    family = family_of(GROUP, "baselines", SETTINGS)
    return cell_context(family, Stage.SIMULATE, {"system": name, "layers": layers}, **options)


def test_the_symmetric_run_is_that_of_the_pruned_circuit():
    context = cell("ising_ring4", 2, iterations=150)
    data = sample(context, range(4))
    sets = gate_sets(hamiltonian("ising_ring", 4), 2)
    start = np.stack(
        [
            context.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, 36)
            for index in range(4)
        ]
    )
    engine = Statevector(
        Problem(deep_circuit("ising_ring", 4, "A3", 2), hamiltonian("ising_ring", 4))
    )
    lowest = -np.sqrt(2 - 2 * np.cos((2 * np.arange(4) + 1) * np.pi / 4)).sum()

    def error(theta):
        energy, gradient = engine.value_and_gradient(theta)
        return energy - lowest, gradient

    adam = Adam(iterations=150, learning_rate=0.1)
    firsts = np.unique(sets.orbits)
    run = minimise_batch(error, start[:, firsts], adam, SETTINGS.errors)
    own = data.sel({"method": "symmetric"})
    np.testing.assert_allclose(own["error"], run.losses, rtol=1e-6, atol=1e-9)
    assert (own["first"].values == run.first).all()
    assert (run.first >= 0).any()
    kernel = (engine.gradient(start[:, firsts]) ** 2).sum(axis=1)
    np.testing.assert_allclose(own["kernel"], kernel, rtol=1e-10)


def test_a_sample_is_a_run_of_its_own():
    context = cell("tilted_chain3", 1, iterations=40)
    whole, single = sample(context, range(4)), sample(context, range(2, 3))
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name].values[2:3], single[name].values)


def test_dropping_angles_costs_iterations_too():
    """All limits are met at once after the first part: at its last iteration, never before."""
    data = sample(cell("ising_ring4", 1, iterations=40, errors=(1e3,)), range(2))
    first = {method: data["first"].sel({"method": method}).values.ravel() for method in METHODS}
    assert (first["magnitude"] == 10).all()
    assert all((first[method] == 0).all() for method in METHODS if method != "magnitude")
    never = sample(cell("ising_ring4", 1, iterations=8, errors=(1e-9,)), range(2))
    assert (never["first"] == -1).all()


def test_what_methods_keep(results):
    table = to_frame(results.summary("baselines", Stage.SIMULATE))
    for system, rows in table.groupby("system"):
        known = rows.set_index("method")
        assert set(known.loc[EQUAL_GATES, "gates"]) == {known.loc["terms", "gates"]}
        tied = known.loc[["random_tied", "terms_tied", "symmetric"], "parameters"]
        assert tied.nunique() == 1
        assert (tied.iloc[0] < known.loc["terms", "parameters"]) == (system != "cotailed")
        # The rank of the dense ansatz is what null vectors leave.
        assert known.loc["fisher", "parameters"] == known.loc["dense", "rank"]
        assert known.loc["fisher", "rank"] == known.loc["dense", "rank"]
        assert known.loc["fisher", "least_share"] == 1
        assert (known["rank"] <= known["parameters"]).all()
    ring = select(table, system="ising_ring4").set_index("method")
    # 2^(n + 1) - 2 directions of a state; n (n - 1) for free fermions; n with tied angles.
    assert [ring.loc[name, "rank"] for name in ("dense", "terms", "symmetric")] == [30, 12, 4]


def test_comparisons_of_equal_methods_are_left_out(results):
    table = to_frame(results.summary("baselines", Stage.THRESHOLDS))
    found = {name: list(rows["comparison"]) for name, rows in table.groupby("system")}
    assert found["ising_ring4"] == list(COMPARISONS)
    without_ties = {"tying", "orbits", "fewer"}
    assert found["cotailed"] == [name for name in COMPARISONS if name not in without_ties]
    assert found["tilted_chain3"] == [name for name in COMPARISONS if name != "symmetry"]


def test_few_restarts_decide_nothing(results):
    records = judge_claims(claims_of(claims), results)
    verdicts = {record["id"]: record["verdict"] for record in records}
    assert verdicts.pop("fisher-pruning-rank") == "reproduced"
    assert set(verdicts.values()) == {"undecided"}


@pytest.mark.parametrize(
    "name", ["method_success", "method_iterations", "paired_differences", "kept_parameters"]
)
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))
