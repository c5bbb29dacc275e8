"""Gates rewritten with primitive ones: equal matrices, equal losses, and what cannot be
rewritten."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import (
    PROBLEMS,
    SUM,
    WHOLE_STATE_PROBLEMS,
    problem,
    random_hermitian,
    random_state,
    random_unitary,
    rotation,
)
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FIXED_GATES, Evolution, FixedGate, PauliRotation, Unitary
from trainscape.circuits.light_cone import light_cone, whole_register
from trainscape.circuits.lowering import (
    PRIMITIVE_GATES,
    lower,
    obstacle,
    pauli_terms,
    primitive_gates,
    single_inputs,
)
from trainscape.circuits.observables import Projector, observable_matrix, zero_projector_terms
from trainscape.circuits.states import BasisState
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense, gate_matrix


def product(lowered, theta):
    """The matrix of a lowered circuit with its phase, at one parameter vector without the
    constant."""
    n, full = lowered.problem.circuit.num_qubits, np.append(theta, 1.0)
    total = np.eye(2**n) * np.exp(1j * lowered.phase)
    for gate in lowered.problem.circuit.gates:
        assert isinstance(gate, PauliRotation) or gate.name in PRIMITIVE_GATES
        total = gate_matrix(gate, n, full) @ total
    return total


def lowered_gate(gate, num_qubits, parameters=1):
    return lower(
        Problem(Circuit(num_qubits, parameters, (gate,)), PauliSum.parse("Z" * num_qubits))
    )


@pytest.mark.parametrize("name", FIXED_GATES)
def test_fixed_gates(name):
    gate = FixedGate(name, (2, 0)[: FIXED_GATES[name]])
    np.testing.assert_allclose(
        product(lowered_gate(gate, 3), [0.5]), gate_matrix(gate, 3, []), rtol=0, atol=1e-15
    )


@pytest.mark.parametrize(
    ("name", "matrix"),
    [
        ("SX", np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2),
        ("TDG", np.diag([1, np.exp(-0.25j * np.pi)])),
        ("ISWAP", [[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]),
        ("CY", [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -1j], [0, 0, 1j, 0]]),
    ],
)
def test_named_gates_are_what_the_field_calls_so(name, matrix):
    qubits = tuple(range(FIXED_GATES[name]))
    np.testing.assert_allclose(
        gate_matrix(FixedGate(name, qubits), len(qubits), []), matrix, rtol=0, atol=1e-16
    )


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(0, 2**16))
def test_unitaries(size, seed):
    gate = Unitary.of(random_unitary(2**size, seed), (3, 0, 2, 1)[:size])
    np.testing.assert_allclose(
        product(lowered_gate(gate, 4), [0.5]), gate_matrix(gate, 4, []), rtol=0, atol=2e-14
    )


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(8),
        -np.eye(8),
        np.eye(8)[::-1],
        np.diag([1, 1, 1, 1, 1, 1, 1, -1]),
        np.kron(np.eye(4), [[0, 1], [1, 0]]),
    ],
)
def test_unitaries_with_equal_eigenvalues_and_zeros(matrix):
    gate = Unitary.of(matrix, (0, 1, 2))
    np.testing.assert_allclose(product(lowered_gate(gate, 3), [0.5]), matrix, rtol=0, atol=2e-14)


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(0, 2**16), st.floats(-3, 3), st.sampled_from([None, 0]))
def test_evolutions_under_any_hermitian_matrix(size, seed, offset, parameter):
    gate = Evolution.of_matrix(
        random_hermitian(2**size, seed), (1, 3, 0, 2)[:size], parameter, 0.7, offset
    )
    theta = [1.3]
    np.testing.assert_allclose(
        product(lowered_gate(gate, 4), theta), gate_matrix(gate, 4, theta), rtol=0, atol=5e-14
    )


def test_commuting_terms_become_one_rotation_each():
    gate = Evolution(PauliSum.parse("XX + YY - 0.5*ZZ"), (1, 0), 0, 3.0)
    gates = lowered_gate(gate, 2).problem.circuit.gates
    assert gates == (
        PauliRotation("XX", (1, 0), 0, 6.0),
        PauliRotation("YY", (1, 0), 0, 6.0),
        PauliRotation("ZZ", (1, 0), 0, -3.0),
    )


def test_a_diagonal_layer_is_exact_on_many_qubits():
    energies = np.random.default_rng(0).normal(size=64)
    gate = Evolution.of_diagonal(energies, tuple(range(6)), 0)
    expected = np.diag(np.exp(-0.4j * (energies - energies.mean())))
    np.testing.assert_allclose(product(lowered_gate(gate, 6), [0.4]), expected, rtol=0, atol=1e-14)


def test_primitive_problems_are_returned_as_they_are():
    for name in ("ring", "every gate", "identity", "no gates"):
        case = PROBLEMS[name]
        assert lower(case).problem is case
        assert whole_register(case).problem is case


@pytest.mark.parametrize("name", sorted(PROBLEMS | WHOLE_STATE_PROBLEMS))
@pytest.mark.parametrize("reduction", [whole_register, light_cone])
def test_reductions_keep_the_loss_and_its_gradient(name, reduction):
    case = (PROBLEMS | WHOLE_STATE_PROBLEMS)[name]
    theta = np.random.default_rng(1).uniform(-6, 6, (2, case.circuit.num_parameters))
    cone = reduction(case)
    before, after = Dense(case), Dense(cone.problem)
    np.testing.assert_allclose(
        after.value(cone.restrict(theta)), before.value(theta), rtol=0, atol=1e-13
    )
    gradient = cone.extend(after.gradient(cone.restrict(theta)), case.circuit.num_parameters)
    np.testing.assert_allclose(gradient, before.gradient(theta), rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "name", ["named gates", "evolutions", "unitaries", "product inputs", "long evolution"]
)
def test_states_agree_with_their_phase(name):
    case = (PROBLEMS | WHOLE_STATE_PROBLEMS)[name]
    theta = np.random.default_rng(2).uniform(-6, 6, (1, case.circuit.num_parameters))
    whole = whole_register(case)
    state = np.exp(1j * whole.phase) * Dense(whole.problem).state(whole.restrict(theta))
    np.testing.assert_allclose(state, Dense(case).state(theta), rtol=0, atol=1e-13)


def test_the_light_cone_sees_through_zero_projectors_and_product_inputs():
    circuit = Circuit(
        5,
        5,
        (
            *(rotation("Y", q, parameter=q) for q in range(5)),
            FixedGate("CZ", (1, 2)),
            FixedGate("CX", (3, 4)),
        ),
    )
    cone = light_cone(
        Problem(
            circuit,
            Projector(5, BasisState("00"), (1, 2)),
            (BasisState("01100"), BasisState("10010")),
        )
    )
    assert cone.qubits == (1, 2)
    assert cone.parameters == (1, 2)
    # The CZ commutes with the projector, and so goes.
    assert cone.problem.circuit.gates == (
        rotation("Y", 0, parameter=0),
        rotation("Y", 1, parameter=1),
    )
    assert cone.problem.inputs == (BasisState("11"), BasisState("00"))


def test_what_needs_the_whole_state():
    for name, case in PROBLEMS.items():
        assert obstacle(lower(case).problem) is None, name
        primitive_gates(lower(case).problem.circuit)
    for name, case in WHOLE_STATE_PROBLEMS.items():
        assert "whole state; use the statevector engine" in obstacle(lower(case).problem), name
    with pytest.raises(ValueError, match="not primitive"):
        primitive_gates(WHOLE_STATE_PROBLEMS["long evolution"].circuit)


def test_zero_projectors_as_pauli_sums():
    projector = Projector(4, BasisState("000"), (3, 0, 2), 0.7)
    np.testing.assert_allclose(
        zero_projector_terms(projector).matrix(), observable_matrix(projector), rtol=0, atol=1e-15
    )
    assert pauli_terms(SUM) is SUM
    with pytest.raises(
        ValueError, match=r"a projector on 13 qubits is a sum of 2\*\*13 Pauli strings.*tensornet"
    ):
        pauli_terms(Projector(13, BasisState("0" * 13)))


def test_projectors_on_states_are_projectors():
    for state in (BasisState("01"), random_state(2)):
        matrix = observable_matrix(Projector(3, state, (2, 0)))
        np.testing.assert_allclose(matrix @ matrix, matrix, rtol=0, atol=1e-15)
        assert np.trace(matrix) == pytest.approx(2)
    # |0><0| on qubit 2 and |1><1| on qubit 0.
    assert observable_matrix(Projector(3, BasisState("01"), (2, 0)))[0b100, 0b100] == 1


def test_single_inputs():
    case = PROBLEMS["basis inputs"]
    parts = single_inputs(case)
    assert [part.inputs for part in parts] == [(state,) for state in case.inputs]
    theta = np.full((1, case.circuit.num_parameters), 0.3)
    assert np.mean([Dense(part).value(theta) for part in parts]) == pytest.approx(
        Dense(case).value(theta)[0], abs=1e-15
    )
    assert single_inputs(PROBLEMS["ring"]) == (PROBLEMS["ring"],)


@pytest.mark.parametrize("quarters", [-5, -1, 0, 1, 2, 3, 6])
@pytest.mark.parametrize("letter", "XYZ")
def test_constant_clifford_rotations_of_one_qubit_are_fixed_gates(letter, quarters):
    gate = Evolution.of_pauli(letter, (1,), None, offset=quarters * math.pi / 2)
    lowered = lowered_gate(gate, 2)
    assert all(isinstance(one, FixedGate) for one in lowered.problem.circuit.gates)
    np.testing.assert_allclose(
        product(lowered, [0.5]), gate_matrix(gate, 2, []), rtol=0, atol=1e-14
    )


def test_constants_are_one_more_parameter_with_no_derivative():
    case = problem(
        1,
        1,
        [
            Evolution.of_pauli("Y", (0,), None, offset=0.25),
            Evolution.of_pauli("Y", (0,), 0, 2.0, 0.5),
        ],
        "Z",
    )
    cone = light_cone(case)
    assert cone.parameters == (0, 1)
    assert cone.varied(1) == [0]
    theta = np.array([[0.6], [-1.0]])
    np.testing.assert_array_equal(cone.restrict(theta), [[0.6, 1.0], [-1.0, 1.0]])
    np.testing.assert_allclose(
        Dense(cone.problem).value(cone.restrict(theta)), np.cos(0.75 + 2 * theta[:, 0]), atol=1e-15
    )
    np.testing.assert_array_equal(cone.extend(np.array([[3.0, 9.0]]), 1), [[3.0]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Evolution.of_matrix([[0, 1], [2, 0]], (3,), 0),
            r"evolution on qubits \(3,\) is not Hermitian: entry \(0, 1\).*differ by 1",
        ),
        (lambda: Evolution.of_matrix(np.eye(2), (0,), 0), "multiple of the identity"),
        (
            lambda: Evolution.of_matrix(np.eye(3), (0,), 0),
            r"shape \(3, 3\), but 1 qubit\(s\) need \(2, 2\)",
        ),
        (
            lambda: Evolution.of_matrix(np.eye(32), tuple(range(5)), 0),
            "acts on 5 qubits; matrices may act on 1 to 4",
        ),
        (lambda: Evolution.of_matrix([[np.nan, 0], [0, 1]], (0,), 0), "not finite"),
        (lambda: Evolution.of_diagonal([1, 2, 3], (0, 1), 0), "needs 4 finite real numbers"),
        (
            lambda: Evolution(PauliSum.parse("XX + II"), (0, 1), 0),
            "identity term 'II'.*leave it out",
        ),
        (lambda: Evolution(PauliSum.parse("XX"), (0, 1, 2), 0), "needs a generator with 3 letters"),
        (lambda: Evolution(PauliSum.parse("XX"), (1, 1), 0), "names a qubit twice"),
        (lambda: Evolution.of_pauli("XI", (0, 1), 0), "leave identities out"),
        (lambda: Evolution.of_pauli("X", (0,), 0, offset=math.nan), "offset nan"),
        (
            lambda: Unitary.of([[1, 1], [1, 1]], (2,)),
            r"unitary on qubits \(2,\) is not unitary.*differs from the identity by",
        ),
        (
            lambda: Circuit(2, 1, (Evolution.of_pauli("X", (0,), 1),)),
            "uses parameter 1, but the circuit has 1",
        ),
        (lambda: Projector(2, BasisState("01"), (0, 2)), "name distinct qubits"),
        (lambda: Projector(3, BasisState("01")), "3 qubits .* was given a state of 2"),
        (lambda: Projector(1, BasisState("0"), weight=math.inf), "weight inf"),
        (
            lambda: replace(PROBLEMS["ring"], inputs=(BasisState("01"),)),
            "4 qubits, but input 0 has 2",
        ),
    ],
)
def test_errors_name_the_object(make, message):
    with pytest.raises(ValueError, match=message):
        make()
