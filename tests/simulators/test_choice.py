"""The choice of an engine by its estimated cost."""

import numpy as np
import pytest

from simulators.problems import PROBLEMS, WHOLE_STATE_PROBLEMS, problem, rotation
from trainscape.circuits.ansatze.hardware_efficient import grid_edges, hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.noise import noisy
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators import choice as choice_module
from trainscape.simulators.choice import ENGINES, NoEngineError, choose_engine, engine_class
from trainscape.simulators.contract import Engine, Quantity
from trainscape.simulators.tensornet.default_paths import search_estimate

PLENTY = 2**32


def generic(case, samples=1):
    return np.random.default_rng(0).uniform(-3, 3, (samples, case.circuit.num_parameters))


def zz(num_qubits, a, b):
    return PauliSum(((1.0, PauliString.on(num_qubits, {a: "Z", b: "Z"})),))


@pytest.mark.parametrize("name", ENGINES)
def test_engines_by_name(name):
    kind = engine_class(name)
    assert issubclass(kind, Engine)
    assert kind.name == name


def test_unknown_engine():
    with pytest.raises(
        ValueError,
        match="no engine 'gpu'; the engines are statevector, tensornet, pauli, density, dense",
    ):
        engine_class("gpu")


def test_deep_circuits_take_the_state_vector():
    case = Problem(hardware_efficient(10, 10, "ring"), zz(10, 0, 1))
    assert choose_engine(case, Quantity.GRADIENT, generic(case), PLENTY).engine == "statevector"


def test_clifford_angles_take_pauli_propagation():
    case = Problem(hardware_efficient(16, 16, "ring"), zz(16, 0, 1))
    theta = np.zeros((1, case.circuit.num_parameters))
    assert choose_engine(case, Quantity.VALUE, theta, PLENTY).engine == "pauli"


def test_wide_shallow_circuits_take_the_tensor_network():
    case = Problem(hardware_efficient(36, 4, grid_edges(6, 6)), zz(36, 14, 15))
    choice = choose_engine(case, Quantity.GRADIENT, generic(case), PLENTY)
    assert choice.engine == "tensornet"
    reasons = {one.engine: one.reason for one in choice.candidates}
    assert "28 qubits" in reasons["statevector"]


def test_no_path_is_searched_where_another_engine_is_fast():
    choice = choose_engine(PROBLEMS["ring"], Quantity.VALUE, generic(PROBLEMS["ring"]), PLENTY)
    assert "tensornet" not in {one.engine for one in choice.candidates}


def test_what_needs_the_whole_state_goes_to_the_state_vector():
    for case in WHOLE_STATE_PROBLEMS.values():
        assert choose_engine(case, Quantity.VALUE, generic(case), PLENTY).engine == "statevector"


def test_noise_goes_to_density_matrices():
    case = PROBLEMS["ring"]
    case = Problem(noisy(case.circuit, depolarising=0.1), case.observable)
    choice = choose_engine(case, Quantity.GRADIENT, generic(case), PLENTY)
    assert choice.engine == "density"
    for name in ("statevector", "tensornet", "pauli", "dense"):
        with pytest.raises(NoEngineError, match=f"{name}: the circuit has noise .*use the density"):
            choose_engine(case, Quantity.VALUE, generic(case), PLENTY, name)
    with pytest.raises(NoEngineError, match="density: the density engine computes values and"):
        choose_engine(case, Quantity.HESSIAN, generic(case), PLENTY)


def test_nothing_fits():
    case = Problem(hardware_efficient(24, 24, "all-to-all"), zz(24, 0, 1))
    with pytest.raises(
        NoEngineError,
        match=(
            r"(?s)gradient of this circuit \(24 qubits.*statevector: needs .* more than the limit "
            r"of 0.000977 GiB.*Raise the memory"
        ),
    ):
        choose_engine(case, Quantity.GRADIENT, generic(case), 2**20, "statevector")


def test_a_named_engine_is_checked():
    case = problem(
        12, 1, [rotation("Y", 0), *(FixedGate("CX", (q, q + 1)) for q in range(11))], "Z" * 12
    )
    with pytest.raises(NoEngineError, match=r"dense: the dense engine .* stops at 10 qubits"):
        choose_engine(case, Quantity.VALUE, generic(case), PLENTY, "dense")
    assert (
        choose_engine(case, Quantity.VALUE, generic(case), PLENTY, "tensornet").engine
        == "tensornet"
    )


def test_a_search_is_announced_and_one_of_minutes_has_to_be_asked_for(monkeypatch):
    case = Problem(hardware_efficient(5, 1, "ring"), zz(5, 0, 2))
    said = []
    monkeypatch.setattr(choice_module, "PATH_SEARCH_SECONDS", 0.0)
    named = choose_engine(
        case, Quantity.GRADIENT, generic(case), PLENTY, "tensornet", progress=said.append
    )
    (line,) = said
    assert line.startswith("searching contraction paths of 1 tensor networks with up to")
    assert named.engine == "tensornet"
    # The others need more than a byte.
    monkeypatch.setattr(choice_module, "LONGEST_SEARCH_SECONDS", 0.0)
    with pytest.raises(NoEngineError, match="name this engine to try all the same"):
        choose_engine(case, Quantity.GRADIENT, generic(case), 1)


@pytest.mark.parametrize(("qubits", "layers", "repeats"), [(12, 2, 8), (60, 8, 3), (90, 10, 1)])
def test_the_search_of_a_path_is_bounded_by_the_size_of_its_networks(qubits, layers, repeats):
    edges = tuple((a, (a + shift) % qubits) for shift in (1, 5, 11) for a in range(qubits))
    ends = PauliSum.parse(f"Z0 Z{qubits // 2}", qubits)
    estimate = search_estimate(Problem(hardware_efficient(qubits, layers, edges), ends))
    assert (estimate.networks, estimate.repeats) == (1, repeats)
    once = estimate.seconds / (estimate.repeats + 2)
    assert once * estimate.repeats <= 10 or estimate.repeats == 1
