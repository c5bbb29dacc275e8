"""What every engine must do.

A test module subclasses `EngineContract`, names its engine, and inherits all tests.
"""

import math
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.problems import PROBLEMS, WHOLE_STATE_PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation, Unitary
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState, state_vector
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense

VALUE_TOLERANCE = 1e-12
GRADIENT_TOLERANCE = 1e-10


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-2 * math.pi, 2 * math.pi, (samples, parameters))


@cache
def quimb_value(problem, theta):
    """The loss at one parameter vector, a tuple, by quimb's circuit simulator."""
    inputs = problem.inputs or (BasisState("0" * problem.circuit.num_qubits),)
    return sum(_quimb_value(problem, theta, state_vector(state)) for state in inputs) / len(inputs)


def _quimb_value(problem, theta, start):
    import quimb as qu
    import quimb.tensor as qtn

    circuit = qtn.Circuit(psi0=qtn.Dense1D(start))
    for gate in problem.circuit.gates:
        match gate:
            case FixedGate():
                circuit.apply_gate({"CX": "CNOT"}.get(gate.name, gate.name), *gate.qubits)
            case PauliRotation() if len(gate.qubits) == 1:
                circuit.apply_gate(
                    f"R{gate.pauli}", gate.scale * theta[gate.parameter], *gate.qubits
                )
            case PauliRotation():
                generator = qu.kron(*[qu.pauli(letter) for letter in gate.pauli])
                circuit.apply_gate_raw(
                    qu.expm(-0.5j * gate.scale * theta[gate.parameter] * generator), gate.qubits
                )
            case Evolution():
                time = gate.offset + (
                    0 if gate.parameter is None else gate.scale * theta[gate.parameter]
                )
                terms = [
                    weight * qu.kron(*[qu.pauli(letter) for letter in string.label])
                    for weight, string in gate.hamiltonian.terms
                ]
                circuit.apply_gate_raw(qu.expm(-1j * time * sum(terms)), gate.qubits)
            case Unitary():
                circuit.apply_gate_raw(gate.array(), gate.qubits)
    if isinstance(problem.observable, Projector):
        vector = state_vector(problem.observable.state)
        operator = qu.qarray(np.outer(vector, vector.conj()))
        where = problem.observable.qubits
        return (
            problem.observable.weight
            * circuit.local_expectation(operator, where, optimize="greedy").real
        )
    total = 0.0
    for weight, string in problem.observable.terms:
        where = string.support or (0,)
        operator = qu.kron(*[qu.pauli(string.label[qubit]) for qubit in where])
        total += weight * circuit.local_expectation(operator, where, optimize="greedy").real
    return total


METHODS = {
    Quantity.GRADIENT: "gradient",
    Quantity.JACOBIAN: "jacobian",
    Quantity.QFIM: "quantum_fisher",
    Quantity.HESSIAN: "hessian",
    Quantity.HESSIAN_VECTOR_PRODUCT: "hessian_vector_product",
}
TOLERANCES = {
    Quantity.JACOBIAN: 1e-12,
    Quantity.QFIM: 1e-11,
    Quantity.HESSIAN: 1e-10,
    Quantity.HESSIAN_VECTOR_PRODUCT: 1e-10,
}


def evaluate(engine, quantity, theta):
    """Call the method of a quantity. The direction of products depends on the shape of theta."""
    method = getattr(engine, METHODS[quantity])
    return (
        method(theta, angles(*theta.shape, seed=99))
        if quantity == Quantity.HESSIAN_VECTOR_PRODUCT
        else method(theta)
    )


class EngineContract:
    """Tests of one engine, against the dense engine, finite differences, quimb, and formulas."""

    engine: type
    gradient = True

    def build(self, problem):
        """Make the engine; subclasses may pass options."""
        return self.engine(problem)

    @pytest.fixture(params=sorted(PROBLEMS))
    def case(self, request):
        return PROBLEMS[request.param]

    def needs_gradient(self):
        if not self.gradient:
            pytest.skip(f"the {self.engine.name} engine has no gradient")

    # Agreement with references

    def test_value_equals_dense(self, case):
        theta = angles(3, case.circuit.num_parameters)
        np.testing.assert_allclose(
            self.build(case).value(theta), Dense(case).value(theta), rtol=0, atol=VALUE_TOLERANCE
        )

    def test_gradient_equals_dense(self, case):
        self.needs_gradient()
        theta = angles(3, case.circuit.num_parameters, seed=1)
        value, gradient = self.build(case).value_and_gradient(theta)
        np.testing.assert_allclose(value, Dense(case).value(theta), rtol=0, atol=VALUE_TOLERANCE)
        np.testing.assert_allclose(
            gradient, Dense(case).gradient(theta), rtol=0, atol=GRADIENT_TOLERANCE
        )

    def test_gradient_equals_finite_differences(self, case):
        self.needs_gradient()
        theta = angles(1, case.circuit.num_parameters, seed=2)
        engine = self.build(case)
        step = 1e-5
        for parameter in range(theta.shape[1]):
            shift = step * (np.arange(theta.shape[1]) == parameter)
            slope = (engine.value(theta + shift) - engine.value(theta - shift)) / (2 * step)
            assert engine.gradient(theta)[0, parameter] == pytest.approx(slope[0], abs=1e-8)

    def test_value_equals_quimb(self, case):
        theta = angles(1, case.circuit.num_parameters, seed=3)
        assert self.build(case).value(theta)[0] == pytest.approx(
            quimb_value(case, tuple(theta[0])), abs=VALUE_TOLERANCE
        )

    @pytest.mark.parametrize("quantity", TOLERANCES)
    @pytest.mark.parametrize(
        "name",
        [
            "ring",
            "every gate",
            "evolutions",
            "unused parameter",
            "product inputs",
            "projector on bits",
        ],
    )
    def test_other_quantities_equal_dense(self, name, quantity):
        case = PROBLEMS[name]
        if self.engine.supports(case, quantity) is not None:
            return  # how it is refused is tested below
        theta = angles(2, case.circuit.num_parameters, seed=4)
        expected = evaluate(Dense(case), quantity, theta)
        np.testing.assert_allclose(
            evaluate(self.build(case), quantity, theta), expected, rtol=0, atol=TOLERANCES[quantity]
        )

    # Every engine inherits the test: hypothesis calls that differing executors. They would share
    # the examples of a database, and there is none.
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.differing_executors],
    )
    @given(case=problems(), seed=st.integers(0, 2**16))
    def test_random_circuits_equal_dense(self, case, seed):
        theta = angles(2, case.circuit.num_parameters, seed)
        engine, dense = self.build(case), Dense(case)
        np.testing.assert_allclose(
            engine.value(theta), dense.value(theta), rtol=0, atol=VALUE_TOLERANCE
        )
        if self.gradient:
            np.testing.assert_allclose(
                engine.gradient(theta), dense.gradient(theta), rtol=0, atol=GRADIENT_TOLERANCE
            )

    # Conventions

    def test_qubit_zero_is_the_leftmost_letter(self):
        flipped = [fixed("X", 0)]
        assert self.build(problem(2, 0, flipped, "ZI")).value(np.empty((1, 0)))[0] == pytest.approx(
            -1
        )
        assert self.build(problem(2, 0, flipped, "IZ")).value(np.empty((1, 0)))[0] == pytest.approx(
            1
        )

    def test_first_qubit_of_cx_is_the_control(self):
        theta = np.empty((1, 0))
        assert self.build(problem(2, 0, [fixed("X", 0), fixed("CX", 0, 1)], "IZ")).value(theta)[
            0
        ] == pytest.approx(-1)
        assert self.build(problem(2, 0, [fixed("X", 1), fixed("CX", 0, 1)], "ZI")).value(theta)[
            0
        ] == pytest.approx(1)

    def test_s_turns_plus_to_plus_i(self):
        assert self.build(problem(1, 0, [fixed("H", 0), fixed("S", 0)], "Y")).value(
            np.empty((1, 0))
        )[0] == pytest.approx(1)

    @pytest.mark.parametrize(
        ("gates", "observable", "sign"),
        [
            ([rotation("X", 0)], "Y", -1),
            ([rotation("Y", 0)], "X", 1),
            ([fixed("H", 0), rotation("Z", 0)], "Y", 1),
            ([fixed("H", 1), rotation("ZZ", 0, 1)], "IY", 1),
            ([rotation("XX", 0, 1)], "YX", -1),
        ],
    )
    def test_rotations_are_exp_of_minus_i_theta_over_two(self, gates, observable, sign):
        size = len(observable)
        if observable == "YX":
            # exp(-i t XX / 2) |0> |+> = (exp(-i t X / 2) |0>) |+>, so that <Y X> = <Y> = - sin t.
            gates = [fixed("H", 1), *gates]
        value = self.build(problem(size, 1, gates, observable)).value(np.array([[0.7]]))
        assert value[0] == pytest.approx(sign * math.sin(0.7), abs=1e-14)

    # Formulas

    def test_product_circuit_is_a_product_of_cosines(self):
        case = problem(
            4, 4, [rotation("Y" if q % 2 else "X", q, parameter=q) for q in range(4)], "ZZZZ"
        )
        theta = angles(5, 4)
        engine = self.build(case)
        np.testing.assert_allclose(
            engine.value(theta), np.cos(theta).prod(axis=1), rtol=0, atol=1e-14
        )
        if self.gradient:
            expected = np.stack(
                [
                    -np.sin(theta[:, q]) * np.cos(np.delete(theta, q, axis=1)).prod(axis=1)
                    for q in range(4)
                ],
                axis=1,
            )
            np.testing.assert_allclose(engine.gradient(theta), expected, rtol=0, atol=1e-14)

    def test_second_moments_of_a_product_circuit(self):
        """Over uniform angles E[C^2] = E[(dC)^2] = 2^-n.

        Four equidistant points integrate these trigonometric polynomials exactly.
        """
        n = 3
        case = problem(n, n, [rotation("Y", q, parameter=q) for q in range(n)], "Z" * n)
        grid = np.array(list(product(0.3 + np.arange(4) * math.pi / 2, repeat=n)))
        engine = self.build(case)
        assert np.mean(engine.value(grid) ** 2) == pytest.approx(2.0**-n, abs=1e-14)
        if self.gradient:
            np.testing.assert_allclose(
                np.mean(engine.gradient(grid) ** 2, axis=0), 2.0**-n, rtol=0, atol=1e-14
            )

    # The form of a call

    @pytest.mark.parametrize("name", ["ring", "every gate", "open"])
    def test_bits_do_not_depend_on_the_batch(self, name):
        case = PROBLEMS[name]
        theta = angles(40, case.circuit.num_parameters)
        engine = self.build(case)
        value = engine.value(theta)
        np.testing.assert_array_equal(value, self.build(case).value(theta))
        for part in (slice(0, 5), slice(7, 8), slice(31, 40)):
            np.testing.assert_array_equal(value[part], engine.value(theta[part]))
        if self.gradient:
            value, gradient = engine.value_and_gradient(theta)
            for part in (slice(0, 5), slice(7, 8), slice(31, 40)):
                few = engine.value_and_gradient(theta[part])
                np.testing.assert_array_equal(value[part], few[0])
                np.testing.assert_array_equal(gradient[part], few[1])

    def test_shapes_and_types(self, case):
        p = case.circuit.num_parameters
        engine = self.build(case)
        for samples in (0, 1, 3):
            value = engine.value(np.zeros((samples, p)))
            assert value.shape == (samples,)
            assert value.dtype == np.float64
            if self.gradient:
                gradient = engine.gradient(np.zeros((samples, p)))
                assert gradient.shape == (samples, p)
                assert gradient.dtype == np.float64

    def test_input_is_not_changed_and_may_be_strided(self):
        case = PROBLEMS["ring"]
        engine = self.build(case)
        wide = angles(6, 2 * case.circuit.num_parameters)
        theta = wide[::2, ::2]
        before = theta.copy()
        value = engine.value(theta)
        np.testing.assert_array_equal(theta, before)
        np.testing.assert_array_equal(value, engine.value(before))

    def test_results_are_not_overwritten_by_the_next_call(self):
        case = PROBLEMS["ring"]
        engine = self.build(case)
        theta = angles(2, case.circuit.num_parameters)
        first = engine.value(theta)
        kept = first.copy()
        engine.value(theta + 1)
        np.testing.assert_array_equal(first, kept)

    def test_wrong_parameters_are_named(self):
        engine = self.build(PROBLEMS["one qubit"])
        with pytest.raises(ValueError, match=r"shape \(3, 5\).*needs \(samples, 2\)"):
            engine.value(np.zeros((3, 5)))
        with pytest.raises(ValueError, match=r"theta\[None, :\]"):
            engine.value(np.zeros(2))
        with pytest.raises(ValueError, match=r"theta\[1, 0\] is nan"):
            engine.value(np.array([[0.0, 0.0], [np.nan, 0.0]]))

    # What the engine says of itself

    def test_supports_what_it_computes(self, case):
        assert self.engine.supports(case, Quantity.VALUE) is None
        assert (self.engine.supports(case, Quantity.GRADIENT) is None) == self.gradient

    @pytest.mark.parametrize("quantity", METHODS)
    def test_unsupported_quantities_are_refused_with_a_reason(self, quantity):
        case = PROBLEMS["one qubit"]
        reason = self.engine.supports(case, quantity)
        if reason is None:
            assert evaluate(self.build(case), quantity, np.zeros((1, 2))).shape[:2] == (1, 2)
        else:
            assert self.engine.name in reason
            with pytest.raises(NotImplementedError, match=self.engine.name):
                evaluate(self.build(case), quantity, np.zeros((1, 2)))

    def test_cost_grows_with_the_batch_and_the_quantity(self):
        case = PROBLEMS["ring"]
        small = self.engine.cost(case, Quantity.VALUE, 32)
        large = self.engine.cost(case, Quantity.VALUE, 320)
        assert 0 < small.seconds < large.seconds
        assert small.bytes > 0
        if self.gradient:
            assert self.engine.cost(case, Quantity.GRADIENT, 32).seconds > small.seconds


class ReducedContract(EngineContract):
    """Engines that never hold the whole state, and say so."""

    @pytest.mark.parametrize("name", sorted(WHOLE_STATE_PROBLEMS))
    def test_problems_that_need_the_whole_state_are_refused_with_a_reason(self, name):
        case = WHOLE_STATE_PROBLEMS[name]
        assert "whole state; use the statevector engine" in self.engine.supports(
            case, Quantity.VALUE
        )
        with pytest.raises(ValueError, match="whole state; use the statevector engine"):
            self.build(case)


class WholeStateContract(EngineContract):
    """Engines that hold the whole state, and so take any input, observable and evolution."""

    @pytest.fixture(params=sorted(PROBLEMS | WHOLE_STATE_PROBLEMS))
    def case(self, request):
        return (PROBLEMS | WHOLE_STATE_PROBLEMS)[request.param]
