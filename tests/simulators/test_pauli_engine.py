"""The Pauli engine: the contract in three modes, Clifford angles, and many qubits."""

import math

import numpy as np
import pennylane as qml
import pytest
import stim
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.engine_contract import ReducedContract
from simulators.pauli_reference import EVERY, MODES, RING, angles, as_stim, near_clifford
from simulators.problems import PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.statevector.engine import Statevector


class TestContract(ReducedContract):
    engine = PauliPropagation


@pytest.mark.slow
class TestContractInPlace(ReducedContract):
    """A limit on the weight that is never reached: fixed gates are applied to the terms."""

    engine = PauliPropagation

    def build(self, problem):
        return PauliPropagation(problem, max_weight=99)


@pytest.mark.slow
class TestContractOrdered(ReducedContract):
    """A limit on the number of sines that is never reached.

    Paths with different numbers of sines are not merged.
    """

    engine = PauliPropagation

    def build(self, problem):
        return PauliPropagation(problem, max_sines=999, reduce=False)


# Exactness where it is not obvious


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("case", [RING, EVERY, PROBLEMS["all-to-all"]])
def test_gradient_at_clifford_angles(case, mode):
    """Branches with coefficient zero contribute to derivatives.

    All, some or no angles are multiples of pi/2, and all are zero.
    """
    rng = np.random.default_rng(5)
    p = case.circuit.num_parameters
    clifford = rng.integers(-4, 5, (6, p)) * math.pi / 2
    mixed = np.where(rng.random((6, p)) < 0.7, clifford, rng.normal(size=(6, p)))
    theta = np.concatenate([clifford, mixed, np.zeros((1, p))])
    engine = PauliPropagation(case, **MODES[mode])
    np.testing.assert_allclose(engine.value(theta), Dense(case).value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        engine.gradient(theta), Dense(case).gradient(theta), rtol=0, atol=1e-13
    )


@settings(max_examples=60, deadline=None)
@given(case=problems(max_qubits=4), data=st.data())
def test_random_circuits_at_clifford_angles(case, data):
    p = case.circuit.num_parameters
    steps = data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 0.4, 0.5]), min_size=p, max_size=p))
    theta = np.array([steps]) * math.pi / 2
    np.testing.assert_allclose(
        PauliPropagation(case).gradient(theta), Dense(case).gradient(theta), rtol=0, atol=1e-12
    )


def test_coefficients_that_cancel_keep_their_derivative():
    """Two terms that cancel exactly at 45 degrees, where the derivative is not zero."""
    case = problem(1, 2, [rotation("Y", 0, parameter=0), rotation("Y", 0, parameter=1)], "X + Z")
    for first in (0.0, math.pi / 4, math.pi / 2):
        for second in (math.pi / 4, -math.pi / 4, 3 * math.pi / 4):
            theta = np.array([[first, second]])
            np.testing.assert_allclose(
                PauliPropagation(case).gradient(theta),
                Dense(case).gradient(theta),
                rtol=0,
                atol=1e-13,
            )


@pytest.mark.parametrize("in_place", [False, True])
def test_registers_of_several_words(in_place):
    """Four qubits spread over three words, beside idle ones."""
    where = (0, 63, 64, 129)
    gates = tuple(
        PauliRotation(g.pauli, tuple(where[q] for q in g.qubits), g.parameter, g.scale)
        if isinstance(g, PauliRotation)
        else FixedGate(g.name, tuple(where[q] for q in g.qubits))
        for g in EVERY.circuit.gates
    )
    terms = [
        (weight, PauliString.on(130, {where[q]: string.label[q] for q in string.support}))
        for weight, string in EVERY.observable.terms
    ]
    wide = Problem(Circuit(130, 5, gates), PauliSum.of(terms))
    engine = PauliPropagation(wide, reduce=False, max_weight=130 if in_place else None)
    assert engine.parts[0][1].terms.shape == (3, 6)
    theta = angles(4, 5)
    np.testing.assert_allclose(engine.value(theta), Dense(EVERY).value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        engine.gradient(theta), Dense(EVERY).gradient(theta), rtol=0, atol=1e-12
    )


def test_parity_of_two_hundred_qubits():
    """RY on every qubit and a ladder of CX.

    The last Z becomes all Z, and the value a product of cosines. Flipped terms are not followed.
    """
    n = 200
    gates = [rotation("Y", q, parameter=q) for q in range(n)] + [
        fixed("CX", q, q + 1) for q in range(n - 1)
    ]
    theta = angles(3, n) / 10
    last = Problem(Circuit(n, n, tuple(gates)), PauliSum(((2.0, PauliString.on(n, {n - 1: "Z"})),)))
    value, gradient = PauliPropagation(last).value_and_gradient(theta)
    expected = 2.0 * np.cos(theta).prod(axis=1)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(gradient, -expected[:, None] * np.tan(theta), rtol=1e-10, atol=1e-13)
    engine = PauliPropagation(last)
    engine.gradient(theta)
    np.testing.assert_array_equal(engine.last_truncation.terms, 1)


def test_many_terms_equal_the_state_vector():
    case = Problem(hardware_efficient(6, 6, "ring"), PauliSum.parse("ZIIXII + 0.5*IIYYII"))
    theta = angles(1, case.circuit.num_parameters)
    engine, other = PauliPropagation(case), Statevector(case)
    value, gradient = engine.value_and_gradient(theta)
    assert engine.last_truncation.terms[0] > 1000
    np.testing.assert_allclose(value, other.value(theta), rtol=0, atol=1e-12)
    np.testing.assert_allclose(gradient, other.gradient(theta), rtol=0, atol=1e-11)


def test_a_clifford_point_costs_one_term_and_its_gradient_one_for_each_rotation():
    n = 100
    circuit = hardware_efficient(n, 10, "ring")
    case = Problem(
        circuit, PauliSum(((1.0, PauliString.on(n, dict.fromkeys(range(40, 60), "Z"))),))
    )
    theta = np.random.default_rng(3).integers(0, 4, (1, circuit.num_parameters)) * math.pi / 2
    engine = PauliPropagation(case)
    assert abs(engine.value(theta)[0]) in (0.0, 1.0)
    assert engine.last_truncation.terms[0] <= 2
    gradient = engine.gradient(theta)
    assert engine.last_truncation.terms[0] <= 2 + circuit.num_parameters
    np.testing.assert_allclose(np.abs(gradient), np.round(np.abs(gradient)), rtol=0, atol=1e-12)
    # Branches that are zero only because of their angle are not dropped for being small.
    np.testing.assert_allclose(
        PauliPropagation(case, min_coefficient=0.1).gradient(theta), gradient, rtol=0, atol=1e-12
    )


def test_some_gradient_at_a_clifford_point_is_one():
    case = problem(
        3,
        3,
        [
            rotation("Y", 0),
            fixed("CX", 0, 1),
            rotation("X", 1, parameter=1),
            rotation("Z", 2, parameter=2),
        ],
        "XII + IYI + IIZ",
    )
    np.testing.assert_allclose(
        PauliPropagation(case, min_coefficient=0.5).gradient(np.zeros((1, 3)))[0],
        Dense(case).gradient(np.zeros((1, 3)))[0],
    )
    assert np.abs(Dense(case).gradient(np.zeros((1, 3)))).max() == 1.0


def stim_value(case, quarters):
    simulator = stim.TableauSimulator()
    simulator.do(as_stim(case, quarters))
    return sum(
        weight * simulator.peek_observable_expectation(stim.PauliString(string.label))
        for weight, string in case.observable.terms
    )


def random_circuit(n, gates, rng):
    """Random fixed gates and rotations of up to three letters, each with a parameter of its own."""
    result = []
    for _ in range(gates):
        name = rng.choice(["H", "S", "X", "Y", "Z", "CX", "CZ", "R", "R", "R"])
        size = (
            int(rng.integers(1, min(n, 3) + 1)) if name == "R" else 2 if name in ("CX", "CZ") else 1
        )
        qubits = tuple(int(q) for q in rng.choice(n, size, replace=False))
        if name == "R":
            parameter = sum(isinstance(gate, PauliRotation) for gate in result)
            result.append(
                PauliRotation(
                    "".join(rng.choice(list("XYZ"), size)),
                    qubits,
                    parameter,
                    float(rng.choice([1, -1, 2])),
                )
            )
        else:
            result.append(FixedGate(str(name), qubits))
    return Circuit(n, sum(isinstance(gate, PauliRotation) for gate in result), tuple(result))


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("n", [3, 20, 70])
def test_clifford_circuits_equal_stim(n, mode):
    """Rotations by multiples of pi/2.

    The observable is a stabiliser of one such state times a random string, so that not all values
    are zero.
    """
    rng = np.random.default_rng(n)
    seen = []
    for _ in range(6):
        circuit = random_circuit(n, 12 * n, rng)
        quarters = rng.integers(-4, 5, circuit.num_parameters)
        simulator = stim.TableauSimulator()
        simulator.do(as_stim(Problem(circuit, PauliSum(((1.0, PauliString("Z" * n)),))), quarters))
        stabilisers = [str(row) for row in simulator.canonical_stabilizers()[:3]]
        terms = [
            (0.5 + index, row[1:].replace("_", "I").ljust(n, "I"))
            for index, row in enumerate(stabilisers)
        ]
        case = Problem(circuit, PauliSum.of([*terms, (2.0, "".join(rng.choice(list("IXYZ"), n)))]))
        value = PauliPropagation(
            case, **{key: n if key == "max_weight" else 10**6 for key in MODES[mode]}
        ).value(quarters[None] * math.pi / 2)[0]
        seen.append(value)
        assert value == pytest.approx(stim_value(case, quarters), abs=1e-12)
    assert np.abs(seen).max() > 0.4


@pytest.mark.parametrize("in_place", [False, True])
def test_a_thousand_qubits_at_angle_zero_equal_stim(in_place):
    n = 1000
    rng = np.random.default_rng(1)
    gates = []
    for layer in range(4):
        gates += [PauliRotation("XYZ"[q % 3], (q,), n * layer + q) for q in range(n)]
        gates += [FixedGate(str(rng.choice(["H", "S"])), (q,)) for q in range(n)]
        gates += [
            FixedGate(str(rng.choice(["CX", "CZ"])), (int(a), int(b)))
            for a, b in rng.permutation(n).reshape(-1, 2)
        ]
    circuit = Circuit(n, 4 * n, tuple(gates))
    quarters = np.zeros(4 * n, dtype=int)
    simulator = stim.TableauSimulator()
    simulator.do(as_stim(Problem(circuit, PauliSum(((1.0, PauliString("Z" * n)),))), quarters))
    seen = set()
    for row in [
        str(row) for row in simulator.current_inverse_tableau().inverse().to_stabilizers()[:3]
    ]:
        for letters in (row[1:].replace("_", "I"), "X" + row[2:].replace("_", "I")):
            case = Problem(circuit, PauliSum(((1.0, PauliString(letters)),)))
            value = PauliPropagation(case, reduce=False, max_weight=n if in_place else None).value(
                np.zeros((1, 4 * n))
            )[0]
            assert value == stim_value(case, quarters)
            seen.add(value)
    assert seen == {-1.0, 0.0, 1.0}


def test_values_and_gradients_equal_pennylane():
    rng = np.random.default_rng(6)
    n = 5
    circuit = random_circuit(n, 60, rng)
    case = Problem(circuit, PauliSum.parse("0.5*XYZIZ - IZZXI + ZIIIZ + 2*IYIII"))
    theta = rng.normal(size=circuit.num_parameters)
    names = {
        "H": "Hadamard",
        "S": "S",
        "X": "PauliX",
        "Y": "PauliY",
        "Z": "PauliZ",
        "CX": "CNOT",
        "CZ": "CZ",
    }

    @qml.qnode(qml.device("default.qubit", wires=n))
    def loss(angles):
        for gate in circuit.gates:
            if isinstance(gate, PauliRotation):
                qml.PauliRot(gate.scale * angles[gate.parameter], gate.pauli, wires=gate.qubits)
            else:
                getattr(qml, names[gate.name])(wires=gate.qubits)
        words = [
            qml.pauli.string_to_pauli_word(string.label) for _, string in case.observable.terms
        ]
        return qml.expval(qml.Hamiltonian([weight for weight, _ in case.observable.terms], words))

    value, gradient = PauliPropagation(case).value_and_gradient(theta[None])
    angles = qml.numpy.array(theta, requires_grad=True)
    assert value[0] == pytest.approx(float(loss(angles)), abs=1e-12)
    np.testing.assert_allclose(gradient[0], qml.grad(loss)(angles), rtol=0, atol=1e-12)
    assert np.abs(gradient).max() > 0.1


# Limits and refusals


def test_the_memory_limit_stops_with_the_way_out():
    case = Problem(hardware_efficient(8, 8, "ring"), PauliSum.parse("ZZIIIIII"))
    theta = angles(1, case.circuit.num_parameters)
    engine = PauliPropagation(case, max_bytes=2**18)
    with pytest.raises(
        MemoryError, match=r"sample 0 needs more than \d+ Pauli terms.*max_bytes = 262144.*truncate"
    ):
        engine.value(theta)
    with pytest.raises(MemoryError, match="max_bytes"):
        engine.gradient(theta)
    # The engine is still usable.
    assert math.isfinite(engine.value(np.zeros_like(theta))[0])
    long = Problem(hardware_efficient(4, 40, "ring"), PauliSum.parse("ZZII"))
    small = PauliPropagation(long, max_bytes=2**19)
    theta = angles(1, long.circuit.num_parameters)
    small.value(theta)
    with pytest.raises(MemoryError, match="tape"):
        small.gradient(theta)


def test_cost_sees_the_light_cone_and_the_growth():
    def cost(n, layers):
        return PauliPropagation.cost(
            Problem(
                hardware_efficient(n, layers, "ring"),
                PauliSum(((1.0, PauliString.on(n, {0: "Z"})),)),
            ),
            Quantity.VALUE,
            1,
        )

    assert cost(1000, 2).bytes < 2**24
    assert cost(8, 4).bytes < 2**26 < cost(30, 8).bytes < cost(60, 30).bytes
    assert cost(60, 30).seconds > 3e7
    # Where the count stops early, the estimate is not below what it takes: 24333 terms here.
    engine = PauliPropagation(Problem(hardware_efficient(8, 5, "ring"), PauliSum.parse("ZZIIIIII")))
    engine.value(angles(1, 80))
    assert (
        24 * engine.last_truncation.terms[0]
        < PauliPropagation.cost(engine.problem, Quantity.VALUE, 1).bytes
        < 2**30
    )
    assert PauliPropagation.cost(RING, Quantity.GRADIENT, 10).seconds > 0


@pytest.mark.parametrize("quantity", [Quantity.VALUE, Quantity.GRADIENT])
def test_cost_at_given_angles_sees_that_they_are_near_clifford(quantity):
    case = Problem(
        hardware_efficient(30, 8, "ring"), PauliSum(((1.0, PauliString.on(30, {0: "Z"})),))
    )
    generic = PauliPropagation.cost(case, quantity, 1)
    clifford = PauliPropagation.cost(case, quantity, 1, theta=near_clifford(case, 2, 0.0))
    near = PauliPropagation.cost(case, quantity, 1, theta=near_clifford(case, 2, 0.1))
    assert clifford.bytes < 2**24 < near.bytes
    assert clifford.seconds < 1e-3 * generic.seconds
    # All rotations keep both branches here, so that without truncation the cost is that of generic
    # angles.
    assert generic.seconds / 100 < near.seconds < generic.seconds * 100
    few = np.where(np.arange(case.circuit.num_parameters) % 60 == 0, 0.1, 0.0)[None]
    engine = PauliPropagation(case)
    engine.value_and_gradient(few) if quantity == Quantity.GRADIENT else engine.value(few)
    estimate = PauliPropagation.cost(case, quantity, 1, theta=few)
    assert (
        80 * engine.last_truncation.terms[0]
        < estimate.bytes
        < 2**24 + 10**4 * engine.last_truncation.terms[0]
    )
    assert PauliPropagation.cost(case, quantity, 10, theta=few).seconds > 5 * estimate.seconds
