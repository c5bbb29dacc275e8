"""The density engine: the contract of engines, and noise against independent paths.

They are sums over Kraus operators in plain numpy, PennyLane's mixed-state simulator, random Pauli
errors on state vectors, and closed forms.
"""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.engine_contract import EngineContract, angles
from simulators.problems import (
    PROBLEMS,
    WHOLE_STATE_PROBLEMS,
    fixed,
    problem,
    problems,
    random_state,
    rotation,
)
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.channels import Channel, kraus_operators
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.noise import noisy
from trainscape.circuits.observables import Projector, observable_matrix
from trainscape.circuits.states import BasisState, state_vector
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense, gate_matrix
from trainscape.simulators.density.engine import Density
from trainscape.simulators.density.pauli_vectors import density_matrices, pauli_vectors


def spread(matrix, qubits, num_qubits):
    """An operator on some qubits, written on the register entry by entry."""
    full = np.zeros((2**num_qubits, 2**num_qubits), dtype=complex)
    others = [qubit for qubit in range(num_qubits) if qubit not in qubits]
    for rest in product((0, 1), repeat=len(others)):
        base = sum(bit << (num_qubits - 1 - q) for q, bit in zip(others, rest, strict=True))
        places = [
            base + sum(bit << (num_qubits - 1 - q) for q, bit in zip(qubits, bits, strict=True))
            for bits in product((0, 1), repeat=len(qubits))
        ]
        full[np.ix_(places, places)] = matrix
    return full


def kraus_value(case, theta):
    """The loss at one parameter vector, gate by gate and Kraus operator by Kraus operator."""
    n = case.circuit.num_qubits
    starts = [state_vector(state) for state in case.inputs or (BasisState("0" * n),)]
    rho = sum(np.outer(start, start.conj()) for start in starts) / len(starts)
    for gate in case.circuit.gates:
        if isinstance(gate, Channel):
            operators = [spread(one, gate.qubits, n) for one in kraus_operators(gate)]
        else:
            operators = [gate_matrix(gate, n, theta)]
        rho = sum(one @ rho @ one.conj().T for one in operators)
    assert np.trace(rho).real == pytest.approx(1)
    return np.trace(observable_matrix(case.observable) @ rho).real


def with_noise(case, **strengths):
    return Problem(noisy(case.circuit, **strengths), case.observable, case.inputs)


class TestDensity(EngineContract):
    engine = Density


@pytest.mark.parametrize("name", sorted(WHOLE_STATE_PROBLEMS))
def test_whole_state_problems_equal_dense(name):
    case = WHOLE_STATE_PROBLEMS[name]
    theta = angles(2, case.circuit.num_parameters, seed=5)
    engine, dense = Density(case), Dense(case)
    np.testing.assert_allclose(engine.value(theta), dense.value(theta), rtol=0, atol=1e-12)
    np.testing.assert_allclose(engine.gradient(theta), dense.gradient(theta), rtol=0, atol=1e-10)


NOISE = {
    "depolarising": {"depolarising": 0.07},
    "dephasing": {"dephasing": 0.2},
    "damping": {"amplitude_damping": 0.15},
    "all": {"depolarising": 0.03, "dephasing": 0.05, "amplitude_damping": 0.1},
    "strongest": {"amplitude_damping": 1.0},
}


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize(
    "name",
    ["every gate", "evolutions", "product inputs", "projector on a product", "long evolution"],
)
def test_noise_equals_kraus_sums(name, noise):
    case = with_noise((PROBLEMS | WHOLE_STATE_PROBLEMS)[name], **NOISE[noise])
    theta = angles(2, case.circuit.num_parameters, seed=6)
    engine = Density(case)
    expected = [kraus_value(case, row) for row in theta]
    np.testing.assert_allclose(engine.value(theta), expected, rtol=0, atol=1e-12)
    value, gradient = engine.value_and_gradient(theta)
    np.testing.assert_allclose(value, expected, rtol=0, atol=1e-12)
    step = 1e-5
    for parameter in range(theta.shape[1]):
        shift = step * (np.arange(theta.shape[1]) == parameter)
        slope = (engine.value(theta + shift) - engine.value(theta - shift)) / (2 * step)
        np.testing.assert_allclose(gradient[:, parameter], slope, rtol=0, atol=1e-8)


@st.composite
def noisy_problems(draw):
    """Random circuits with channels at random places."""
    case = draw(problems(max_qubits=3, max_gates=8))
    n = case.circuit.num_qubits
    gates = []
    for gate in case.circuit.gates:
        gates.append(gate)
        name = draw(st.sampled_from(["depolarising", "dephasing", "amplitude_damping", None]))
        if name is not None:
            size = draw(st.integers(1, 2)) if name == "depolarising" and n > 1 else 1
            qubits = tuple(draw(st.permutations(range(n)))[:size])
            gates.append(Channel(name, qubits, draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))))
    return Problem(Circuit(n, case.circuit.num_parameters, tuple(gates)), case.observable)


@settings(max_examples=60, deadline=None)
@given(case=noisy_problems(), seed=st.integers(0, 2**16))
def test_random_noise_equals_kraus_sums(case, seed):
    theta = angles(1, case.circuit.num_parameters, seed)
    assert Density(case).value(theta)[0] == pytest.approx(kraus_value(case, theta[0]), abs=1e-12)


@pytest.mark.parametrize("noise", NOISE)
def test_noise_equals_pennylane(noise):
    """PennyLane's strengths count Pauli errors, see `trainscape.circuits.channels`."""
    import pennylane as qml

    strengths = NOISE[noise]
    base = hardware_efficient(3, 2, "ring")
    gates = []
    for gate in base.gates:
        gates.append(gate)
        for qubit in gate.qubits:
            gates += [Channel(name, (qubit,), p) for name, p in strengths.items()]
    case = Problem(Circuit(3, base.num_parameters, tuple(gates)), PauliSum.parse("ZZI - 0.3*XIY"))
    theta = angles(1, base.num_parameters, seed=7)

    device = qml.device("default.mixed", wires=3)

    @qml.qnode(device)
    def energy():
        for gate in case.circuit.gates:
            match gate:
                case Channel("depolarising", qubits, p):
                    qml.DepolarizingChannel(3 * p / 4, wires=qubits)
                case Channel("dephasing", qubits, p):
                    qml.PhaseFlip(p / 2, wires=qubits)
                case Channel(_, qubits, p):
                    qml.AmplitudeDamping(p, wires=qubits)
                case PauliRotation():
                    angle = gate.scale * theta[0, gate.parameter]
                    qml.PauliRot(angle, gate.pauli, wires=gate.qubits)
                case FixedGate():
                    {"CZ": qml.CZ, "CX": qml.CNOT, "H": qml.Hadamard}[gate.name](wires=gate.qubits)
        observable = qml.PauliZ(0) @ qml.PauliZ(1) - 0.3 * (qml.PauliX(0) @ qml.PauliY(2))
        return qml.expval(observable)

    assert Density(case).value(theta)[0] == pytest.approx(float(energy()), abs=1e-12)


def test_depolarising_equals_random_pauli_errors():
    """Trajectories: after each gate, with probability p / 4^k each, a Pauli error on its qubits."""
    p, runs = 0.2, 6000
    gates = [rotation("Y", 0), fixed("CX", 0, 1), rotation("X", 1, parameter=1)]
    plain = problem(2, 2, gates, "ZZ + 0.5*XX")
    theta = np.array([[0.8, -0.4]])
    rng = np.random.default_rng(3)
    values = np.empty(runs)
    for run in range(runs):
        played = []
        for gate in gates:
            played.append(gate)
            if rng.random() < p:
                letters = rng.integers(0, 4, len(gate.qubits))
                played += [
                    fixed("IXYZ"[letter], qubit)
                    for letter, qubit in zip(letters, gate.qubits, strict=True)
                    if letter
                ]
        psi = np.eye(4)[0]
        for gate in played:
            psi = gate_matrix(gate, 2, theta[0]) @ psi
        values[run] = (psi.conj() @ plain.observable.matrix() @ psi).real
    error = values.std() / math.sqrt(runs)
    exact = Density(with_noise(plain, depolarising=p)).value(theta)[0]
    assert abs(values.mean() - exact) < 4 * error
    assert abs(values.mean() - Dense(plain).value(theta)[0]) > 10 * error


def test_global_depolarising_decays_with_the_number_of_channels():
    """Two-qubit depolarising on the whole register commutes with every gate."""
    p, depth = 0.05, 12
    gates = [rotation("YX", 0, 1), rotation("Z", 1, parameter=1), fixed("CX", 1, 0)] * 4
    plain = problem(2, 2, gates, "ZZ + 0.5*XX - YI")
    noise = [one for gate in gates for one in (gate, Channel("depolarising", (1, 0), p))]
    theta = angles(3, 2)
    value, gradient = Density(problem(2, 2, noise, "ZZ + 0.5*XX - YI")).value_and_gradient(theta)
    kept = (1 - p) ** depth
    np.testing.assert_allclose(value, kept * Dense(plain).value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradient, kept * Dense(plain).gradient(theta), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [2, 5, 8])
def test_depolarised_ghz_state(n):
    """A string is 1 - p to the number of its letters times what it was: X...X decays with n, ZZ
    with 2, and the fidelity is that of the mixture."""
    p = 0.1
    ghz = [fixed("H", 0), *(fixed("CX", q, q + 1) for q in range(n - 1))]
    noise = [Channel("depolarising", (q,), p) for q in range(n)]

    def value(observable):
        return Density(Problem(Circuit(n, 0, (*ghz, *noise)), observable)).value(np.empty((1, 0)))[
            0
        ]

    assert value(PauliSum.parse("X" * n)) == pytest.approx((1 - p) ** n)
    ends = PauliString.on(n, {0: "Z", n - 1: "Z"})
    assert value(PauliSum(((1.0, ends),))) == pytest.approx((1 - p) ** 2)
    amplitudes = np.zeros(2**n)
    amplitudes[[0, -1]] = math.sqrt(0.5)
    from trainscape.circuits.states import VectorState

    fidelity = value(Projector(n, VectorState(amplitudes)))
    # Strings of Z of even weight, and as many with X or Y everywhere.
    expected = sum(math.comb(n, k) * (1 - p) ** k for k in range(0, n + 1, 2)) / 2**n
    assert fidelity == pytest.approx(expected + (1 - p) ** n / 2)


def test_amplitude_damping_goes_to_zero_and_dephasing_takes_coherence():
    excited = [fixed("X", 0), *[Channel("amplitude_damping", (0,), 0.25)] * 3]
    value = Density(problem(1, 0, excited, "Z")).value(np.empty((1, 0)))[0]
    assert value == pytest.approx(1 - 2 * 0.75**3)
    damped = [fixed("H", 0), Channel("amplitude_damping", (0,), 0.19)]
    assert Density(problem(1, 0, damped, "X")).value(np.empty((1, 0)))[0] == pytest.approx(0.9)
    dephased = [fixed("H", 0), *[Channel("dephasing", (0,), 0.5)] * 2]
    assert Density(problem(1, 0, dephased, "X")).value(np.empty((1, 0)))[0] == pytest.approx(0.25)


def test_states_are_those_of_the_circuit():
    case = with_noise(PROBLEMS["basis inputs"], depolarising=0.02)
    theta = angles(2, case.circuit.num_parameters)
    states = Density(case).state(theta)
    values = np.einsum("sij,ji->s", states, case.observable.matrix()).real
    np.testing.assert_allclose(values, Density(case).value(theta), rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.einsum("sii->s", states), 1, rtol=0, atol=1e-12)
    assert (np.einsum("sij,sji->s", states, states).real < 0.9).all()


def test_vectors_of_matrices_and_back():
    amplitudes = random_state(3).amplitudes
    rho = np.outer(amplitudes, amplitudes.conj())[None]
    vector = pauli_vectors(rho)
    for number in (0, 7, 27, 63):
        label = "".join("IXYZ"[number // 4**k % 4] for k in (2, 1, 0))
        expected = np.trace(PauliString(label).matrix() @ rho[0]).real
        assert vector[0, number] == pytest.approx(expected)
    np.testing.assert_allclose(density_matrices(vector), rho, rtol=0, atol=1e-14)


def test_noise_outside_of_the_light_cone_is_left_out():
    base = hardware_efficient(12, 1, "open")
    case = Problem(noisy(base, depolarising=0.1), PauliSum.parse("Z0", 12))
    engine = Density(case)
    assert engine.cone.problem.circuit.num_qubits <= 3
    theta = angles(2, base.num_parameters)
    assert (np.abs(engine.value(theta)) < np.abs(Dense_on_cone(base, theta))).all()


def Dense_on_cone(base, theta):
    from trainscape.simulators.statevector.engine import Statevector

    return Statevector(Problem(base, PauliSum.parse("Z0", 12))).value(theta)


def test_too_many_qubits():
    case = Problem(noisy(hardware_efficient(9, 9, "ring"), dephasing=0.1), PauliSum.parse("Z0", 9))
    assert "stops at 8 qubits; the light cone has 9" in Density.supports(case, Quantity.VALUE)
    with pytest.raises(ValueError, match="stops at 8 qubits"):
        Density(case)


def test_large_batches_are_cut_without_a_change(monkeypatch):
    from trainscape.simulators.density import engine as module

    case = with_noise(PROBLEMS["ring"], depolarising=0.01)
    theta = angles(7, case.circuit.num_parameters)
    whole = Density(case).value_and_gradient(theta)
    monkeypatch.setattr(module, "STATES_BYTES", 8 * 4**4 * 3 * (len(case.circuit.gates) + 1))
    cut = Density(case)
    assert len(cut._parts(7)) == 3
    for one, other in zip(whole, cut.value_and_gradient(theta), strict=True):
        np.testing.assert_array_equal(one, other)


def test_evolution_gradient_under_noise_equals_finite_differences():
    sums = PauliSum.parse("XXIII + ZZIII + IXXII + IZZII + IIYYI + IIIXX + 0.4*ZIIII + IIIIZ")
    gates = [
        *(fixed("H", q) for q in range(5)),
        Evolution(sums, (4, 3, 2, 1, 0), 0, 0.8),
        Channel("amplitude_damping", (2,), 0.2),
        Evolution(sums, (0, 1, 2, 3, 4), 0, -0.5),
    ]
    case = problem(5, 1, gates, "ZIZII + IXIYI")
    engine = Density(case)
    theta, step = np.array([[0.7]]), 1e-5
    slope = (engine.value(theta + step) - engine.value(theta - step)) / (2 * step)
    assert engine.gradient(theta)[0, 0] == pytest.approx(slope[0], abs=1e-8)
