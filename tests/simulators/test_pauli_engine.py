"""The Pauli engine: the contract in three modes, Clifford angles, wide registers, and every truncation rule against a slow reference and closed forms."""

import math
from functools import cache
from itertools import combinations

import numpy as np
import pennylane as qml
import pytest
import stim
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.engine_contract import ReducedContract
from simulators.problems import ALL_GATES, PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import PRIMITIVE_GATES
from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.statevector.engine import Statevector

MODES = {
    "commuted": {},
    "in place": {"max_weight": 99},
    "ordered": {"max_sines": 99},
    "in place, ordered": {"max_weight": 99, "max_sines": 99},
}


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
    """A limit on the number of sines that is never reached: paths with different numbers of sines stay apart."""

    engine = PauliPropagation

    def build(self, problem):
        return PauliPropagation(problem, max_sines=999, reduce=False)


# A slow reference: a dictionary from (label, number of sines) to a coefficient, with signs from matrices


@cache
def letter_product(p, q):
    matrix = PAULI_MATRICES[p] @ PAULI_MATRICES[q]
    (letter,) = [r for r in "IXYZ" if abs(np.trace(PAULI_MATRICES[r] @ matrix)) > 1]
    return complex(np.trace(PAULI_MATRICES[letter] @ matrix) / 2), letter


def product(a, b):
    """The product of two labels as (phase, label)."""
    pairs = [letter_product(p, q) for p, q in zip(a, b, strict=True)]
    return math.prod(phase for phase, _ in pairs), "".join(letter for _, letter in pairs)


TABLES = {}


def conjugated(gate, label):
    """G^dagger Q G as (sign, label)."""
    local = "".join(label[q] for q in gate.qubits)
    if (gate.name, local) not in TABLES:
        size = len(local)
        circuit = Circuit(size, 0, (FixedGate(gate.name, tuple(range(size))),))
        unitary = np.array([Dense(problem(size, 0, [fixed("X", q) for q in range(size) if column >> (size - 1 - q) & 1] + list(circuit.gates), "Z" * size)).state(np.zeros((1, 0)))[0] for column in range(2**size)]).T  # fmt: skip
        image = unitary.conj().T @ PauliString(local).matrix() @ unitary
        for letters in np.ndindex(*(4,) * size):
            candidate = "".join("IXYZ"[letter] for letter in letters)
            overlap = np.trace(PauliString(candidate).matrix() @ image).real / 2**size
            if abs(overlap) > 0.5:
                TABLES[gate.name, local] = (round(overlap), candidate)
    sign, letters = TABLES[gate.name, local]
    result = list(label)
    for q, letter in zip(gate.qubits, letters, strict=True):
        result[q] = letter
    return sign, "".join(result)


def reference(case, theta, min_coefficient=0.0, max_weight=None, max_sines=None):
    """The truncated value at one parameter vector, by the definitions in the documentation of the engine."""
    terms = {(string.label, 0): weight for weight, string in case.observable.terms}
    for gate in reversed(case.circuit.gates):
        following = {}
        if isinstance(gate, FixedGate):
            for (label, order), c in terms.items():
                sign, image = conjugated(gate, label)
                following[image, order] = sign * c
            terms = following
            continue
        generator = PauliString.on(
            case.circuit.num_qubits, dict(zip(gate.qubits, gate.pauli, strict=True))
        ).label
        angle = gate.scale * theta[gate.parameter]
        touched = set()
        for (label, order), c in terms.items():
            phase, branch = product(generator, label)
            if abs((1j * phase).real) < 0.5:
                following[label, order] = following.get((label, order), 0.0) + c
                continue
            branches = [(label, order, math.cos(angle) * c)]
            child = order + 1 if max_sines is not None else 0
            light = (
                max_weight is None
                or len(branch) - branch.count("I") <= max_weight
                or (branch, child) in terms
            )
            if light and (max_sines is None or child <= max_sines):
                branches.append((branch, child, (1j * phase).real * math.sin(angle) * c))
            for target, count, amount in branches:
                following[target, count] = following.get((target, count), 0.0) + amount
                touched.add((target, count))
        terms = {
            key: c
            for key, c in following.items()
            if key not in touched or abs(c) >= min_coefficient
        }
    return sum(c for (label, _), c in terms.items() if not set(label) & set("XY"))


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, (samples, parameters))


def slopes(engine, theta, step=1e-5):
    shifts = step * np.eye(theta.shape[1])
    return np.array(
        [(engine.value(theta + e)[0] - engine.value(theta - e)[0]) / (2 * step) for e in shifts]
    )


RING = Problem(hardware_efficient(5, 3, "ring"), PauliSum.parse("ZZIII - 0.7*IXIYI"))
# Every kind of gate, behind rotations that make the value depend on every parameter.
EVERY = problem(
    4,
    5,
    [rotation("XYXY"[q], q, parameter=q + 1) for q in range(4)]
    + [rotation("Y", 0)]
    + list(ALL_GATES) * 2,
    "ZZXY - 0.3*XIIZ + 2*IIZI",
)


# Exactness where it is not obvious


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("case", [RING, EVERY, PROBLEMS["all-to-all"]])
def test_gradient_at_clifford_angles(case, mode):
    """Branches with coefficient zero carry derivatives: all angles multiples of pi/2, some of them, and all zero."""
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
    """Two terms that cancel to exactly zero at 45 degrees: the derivative is not zero, before, at and after the crossing."""
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
    """RY on every qubit and a ladder of CX: the last Z pulls back to all Z, and the value to a product of cosines. Flipped terms are not followed."""
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


# Other packages


def as_stim(case, quarters):
    """The circuit with each rotation by `quarters` multiples of pi/2 (times its scale) written out in Clifford gates."""
    circuit = stim.Circuit()
    for gate in case.circuit.gates:
        if isinstance(gate, FixedGate):
            circuit.append(gate.name, gate.qubits)
            continue
        # exp(-i pi P / 4) = SPP up to a phase, one for each quarter turn.
        pauli = [
            stim.target_pauli(q, letter) for q, letter in zip(gate.qubits, gate.pauli, strict=True)
        ]
        for _ in range(round(quarters[gate.parameter] * gate.scale) % 4):
            circuit.append("SPP", stim.target_combined_paulis(pauli))
    return circuit


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
    """Rotations by multiples of pi/2; the observable is a stabiliser of one such state times a random string, so that values are not all zero."""
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


# Truncation

RULES = [
    {"min_coefficient": 0.03},
    {"max_weight": 2},
    {"max_sines": 3},
    {"max_sines": 2, "max_weight": 2, "min_coefficient": 1e-3},
]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("case", [RING, EVERY], ids=["ring", "every gate"])
def test_truncated_values_equal_the_slow_reference(case, rule):
    theta = angles(4, case.circuit.num_parameters, seed=8)
    # The cone leaves out gates that commute, which do not change what is dropped.
    for reduce in (True, False):
        engine = PauliPropagation(case, reduce=reduce, **rule)
        expected = [reference(case, row, **rule) for row in theta]
        np.testing.assert_allclose(engine.value(theta), expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            engine.value_and_gradient(theta)[0], expected, rtol=0, atol=1e-12
        )
        assert not engine.last_truncation.is_exact
        assert (
            np.abs(np.array(expected) - Dense(case).value(theta))
            <= engine.last_truncation.error_bound
        ).all()


def test_thousands_of_terms_that_come_and_go_equal_the_slow_reference():
    case = Problem(hardware_efficient(7, 5, "ring"), PauliSum.parse("ZZIIIII"))
    theta = angles(1, case.circuit.num_parameters, seed=4)
    engine = PauliPropagation(case, min_coefficient=2e-3)
    assert engine.value(theta)[0] == pytest.approx(
        reference(case, theta[0], min_coefficient=2e-3), abs=1e-12
    )
    assert engine.last_truncation.terms[0] > 1000
    assert engine.last_truncation.dropped[0, 0] > 1000


@settings(max_examples=40, deadline=None)
@given(
    case=problems(max_qubits=4, names=PRIMITIVE_GATES),
    rule=st.sampled_from(RULES),
    seed=st.integers(0, 2**16),
)
def test_truncated_random_circuits_equal_the_slow_reference(case, rule, seed):
    theta = angles(1, case.circuit.num_parameters, seed)
    engine = PauliPropagation(case, **rule)
    assert engine.value(theta)[0] == pytest.approx(reference(case, theta[0], **rule), abs=1e-12)
    # What is followed for the gradient alone does not change the value.
    assert engine.value_and_gradient(theta)[0][0] == pytest.approx(
        engine.value(theta)[0], abs=1e-13
    )


def test_a_heavy_string_followed_for_a_derivative_takes_no_value():
    """RY(1e-3) leaves X0 for the derivative alone, CX makes it XX, and the value of the last branch to XX is dropped for its weight all the same."""
    gates = [
        fixed("H", 0),
        fixed("H", 1),
        rotation("YX", 0, 1, parameter=1),
        fixed("CX", 0, 1),
        rotation("Y", 0, parameter=0),
    ]
    case = problem(2, 2, gates, "ZI")
    theta = np.array([[1e-3, 0.5]])
    engine = PauliPropagation(case, min_coefficient=0.01, max_weight=1)
    value, gradient = engine.value_and_gradient(theta)
    assert (
        value[0]
        == engine.value(theta)[0]
        == reference(case, theta[0], min_coefficient=0.01, max_weight=1)
    )
    # The derivative by the small angle is there nevertheless: that of sin(a) cos(b), with a sign.
    assert abs(gradient[0, 0]) == pytest.approx(math.cos(0.5), rel=1e-5)
    assert abs(Dense(case).value(theta)[0] - value[0]) > 0.4


@pytest.mark.parametrize(
    "rule", [{"max_weight": 2}, {"max_sines": 3}, {"max_sines": 2, "max_weight": 2}], ids=str
)
@pytest.mark.parametrize("case", [RING, EVERY], ids=["ring", "every gate"])
def test_truncated_gradients_equal_differences_of_the_truncated_value(case, rule):
    """Where weight and sines are limited, the truncated value is smooth."""
    theta = angles(1, case.circuit.num_parameters, seed=9)
    engine = PauliPropagation(case, **rule)
    np.testing.assert_allclose(engine.gradient(theta)[0], slopes(engine, theta), rtol=0, atol=1e-8)
    assert not engine.last_truncation.is_exact
    assert np.abs(engine.gradient(theta) - Dense(case).gradient(theta)).max() > 1e-6


def near_clifford(case, samples, sigma, seed=0):
    rng = np.random.default_rng(seed)
    shape = (samples, case.circuit.num_parameters)
    return rng.integers(0, 4, shape) * math.pi / 2 + rng.normal(0, sigma, shape)


def test_gradients_are_more_accurate_than_the_derivative_of_the_truncated_value():
    """A branch that is small only because of a small angle carries the derivative by that angle, and is kept for it."""
    case = Problem(hardware_efficient(10, 6, "ring"), PauliSum.parse("IIIIZZIIII"))
    theta = near_clifford(case, 6, 0.1)
    exact = Statevector(case).gradient(theta)
    engine = PauliPropagation(case, min_coefficient=1e-4)
    error = np.linalg.norm(engine.gradient(theta) - exact, axis=1)
    terms = engine.last_truncation.terms
    plain = PauliPropagation(case, min_coefficient=1e-4)
    plain.limits = plain.limits._replace(slope_share=0.0)
    before = np.linalg.norm(plain.gradient(theta) - exact, axis=1)
    assert error.mean() < 0.5 * before.mean()
    assert terms.mean() < 2 * plain.last_truncation.terms.mean()
    np.testing.assert_array_equal(engine.value_and_gradient(theta)[0], engine.value(theta))


def test_a_small_angle_keeps_its_derivative():
    """sin(1e-6) is below the threshold, the derivative by this angle is one."""
    case = problem(2, 2, [rotation("Y", 0, parameter=0), rotation("Y", 1, parameter=1)], "XI + IZ")
    theta = np.array([[1e-6, 0.4]])
    engine = PauliPropagation(case, min_coefficient=1e-3)
    np.testing.assert_allclose(
        engine.gradient(theta), Dense(case).gradient(theta), rtol=0, atol=1e-12
    )
    assert engine.value_and_gradient(theta)[0][0] == math.cos(0.4)


@pytest.mark.parametrize("max_sines", range(6))
def test_sines_are_counted_as_in_the_elementary_symmetric_sums(max_sines):
    """(X + Z) on every qubit after RY has the value prod (cos + sin); with at most k sines, the sum over all subsets of at most k qubits."""
    n = 5
    terms = [
        (1.0, "".join("X" if q in chosen else "Z" for q in range(n)))
        for k in range(n + 1)
        for chosen in combinations(range(n), k)
    ]
    case = Problem(
        Circuit(n, n, tuple(rotation("Y", q, parameter=q) for q in range(n))), PauliSum.of(terms)
    )
    theta = angles(3, n)
    expected = np.zeros(3)
    for k in range(max_sines + 1):
        for chosen in combinations(range(n), k):
            expected += np.where(np.isin(np.arange(n), chosen), np.sin(theta), np.cos(theta)).prod(
                axis=1
            )
    engine = PauliPropagation(case, max_sines=max_sines)
    np.testing.assert_allclose(engine.value(theta), expected, rtol=0, atol=1e-13)
    assert engine.last_truncation.is_exact == (max_sines >= n)


def test_small_weights_are_dropped_by_rotations_and_not_by_clifford_angles():
    case = problem(
        2, 2, [rotation("X", 0, parameter=0), rotation("X", 1, parameter=1)], "ZI + 0.05*IZ"
    )
    engine = PauliPropagation(case, min_coefficient=0.1)
    for theta, expected in (
        ([0.0, 0.0], 1.05),
        ([0.0, math.pi], 0.95),
        ([0.3, 0.0], math.cos(0.3) + 0.05),
        ([0.3, 0.3], math.cos(0.3)),
    ):
        assert engine.value(np.array([theta]))[0] == pytest.approx(expected, abs=1e-14)
        assert engine.value_and_gradient(np.array([theta]))[0][0] == pytest.approx(
            expected, abs=1e-14
        )


def test_error_falls_with_the_threshold_and_the_dropped_weight_is_reported():
    case = Problem(hardware_efficient(7, 4, "ring"), PauliSum.parse("ZZIIIII"))
    rng = np.random.default_rng(0)
    theta = rng.integers(0, 4, (8, case.circuit.num_parameters)) * math.pi / 2 + rng.normal(
        0, 0.1, (8, case.circuit.num_parameters)
    )
    exact = Statevector(case).value(theta)
    errors, bounds = [], []
    for eps in (1e-1, 1e-2, 1e-3, 1e-4, 0.0):
        engine = PauliPropagation(case, min_coefficient=eps)
        errors.append(np.abs(engine.value(theta) - exact).max())
        bounds.append(engine.last_truncation.error_bound.max())
    assert errors[-1] < 1e-13
    assert bounds[-1] == 0.0
    assert errors[3] < errors[1] < 0.1
    assert (np.diff(bounds[1:]) < 0).all()
    assert engine.last_truncation.is_exact


def test_the_report_says_which_rule_dropped():
    theta = angles(2, RING.circuit.num_parameters)
    for rule, name, column in (
        ({"min_coefficient": 0.05}, "coefficient", 0),
        ({"max_weight": 2}, "weight", 1),
        ({"max_sines": 2}, "sines", 2),
    ):
        engine = PauliPropagation(RING, **rule)
        assert engine.last_truncation is None
        engine.value(theta)
        report = engine.last_truncation
        assert (getattr(report, name) > 0).all()
        np.testing.assert_array_equal(report.error_bound, getattr(report, name))
        assert (report.dropped[:, column] > 0).all()
        assert not np.delete(report.dropped, column, axis=1).any()


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_coefficient": -1.0}, "min_coefficient is -1.0"),
        ({"min_coefficient": math.nan}, "min_coefficient is nan"),
        ({"max_weight": -1}, "max_weight is -1"),
        ({"max_sines": -2}, "max_sines is -2"),
    ],
)
def test_bad_limits_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        PauliPropagation(RING, **options)


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
    # All rotations keep both branches here, so that without truncation the cost is that of generic angles.
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
