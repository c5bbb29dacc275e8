"""Taylor surrogates: parameter-shift rule, exact values, counts, published tables, bounds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.clifford import shifted
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import PRIMITIVE_GATES
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.taylor import (
    TaylorSurrogate,
    num_coefficients,
    num_shift_evaluations,
    num_sine_paths,
    published_order,
    remainder_bound,
    shift_rule,
    sine_paths,
    sufficient_order,
)
from trainscape.simulators.statevector.engine import Statevector


def own_parameters(case, scale=None):
    """The same problem with one parameter for each rotation, and `scale` for all if it is given."""
    gates, count = [], 0
    for gate in case.circuit.gates:
        if isinstance(gate, PauliRotation):
            gates.append(
                PauliRotation(
                    gate.pauli, gate.qubits, count, gate.scale if scale is None else scale
                )
            )
            count += 1
        else:
            gates.append(gate)
    return Problem(Circuit(case.circuit.num_qubits, count, tuple(gates)), case.observable)


def table(surrogate):
    """Derivatives by their sorted parameters."""
    rows = [tuple(int(j) for j in row if j >= 0) for row in surrogate.factors]
    assert len(set(rows)) == len(rows)
    return dict(zip(rows, surrogate.derivatives.tolist(), strict=True))


@settings(max_examples=8)
@given(problems(max_qubits=3, max_gates=9, names=PRIMITIVE_GATES))
def test_every_derivative_is_that_of_the_shift_rule(case):
    """All derivatives of total degree below 4, from state vectors, by the published definition."""
    case = own_parameters(case, scale=1.0)
    d, order = case.circuit.num_parameters, 4
    known = table(TaylorSurrogate(case, order))
    engine = Statevector(case)
    count = 0
    for degree in range(order):
        for chosen in itertools.combinations_with_replacement(range(d), degree):
            nodes, weights = shift_rule(
                np.bincount(chosen, minlength=d) if chosen else np.zeros(d, dtype=int)
            )
            assert len(nodes) == math.prod(chosen.count(j) + 1 for j in set(chosen))
            assert known.get(chosen, 0.0) == pytest.approx(weights @ engine.value(nodes), abs=1e-12)
            count += 1
    assert count == num_coefficients(d, order)


@pytest.mark.parametrize(
    "name",
    [
        "every gate",
        "open",
        "one qubit",
        "unused parameter",
        "no gates",
        "identity",
        "diagonal on zero",
        "no parameters",
    ],
)
def test_the_polynomial_converges_within_its_bound(name):
    """Every order is within the remainder bound, and a high order is equal."""
    case = own_parameters(PROBLEMS[name])
    d = case.circuit.num_parameters
    theta = np.random.default_rng(0).normal(size=(4, d))
    theta *= np.array([0.1, 0.5, 1.0, 2.0])[:, None] / max(1.0, np.abs(theta).sum(axis=1).max())
    exact, exact_gradient = Statevector(case).value_and_gradient(theta)
    for order in (1, 2, 3, 6):
        surrogate = TaylorSurrogate(case, order)
        error = np.abs(surrogate.value(theta) - exact)
        assert (error <= surrogate.error_bound(theta) + 1e-13).all()
    # The gradient of the polynomial is the surrogate of order one less for the gradient; the bound
    # holds for its directional derivative.
    value, gradient = surrogate.value_and_gradient(theta)
    np.testing.assert_array_equal(value, surrogate.value(theta))
    np.testing.assert_allclose(value[0], exact[0], atol=1e-6)
    np.testing.assert_allclose(gradient[0], exact_gradient[0], atol=1e-4)


def test_the_gradient_is_that_of_the_polynomial():
    case = own_parameters(PROBLEMS["every gate"])
    surrogate = TaylorSurrogate(case, 5)
    theta = np.random.default_rng(1).normal(size=(1, case.circuit.num_parameters))
    step = 1e-5
    shifts = step * np.eye(case.circuit.num_parameters)
    differences = (surrogate.value(theta + shifts) - surrogate.value(theta - shifts)) / (2 * step)
    np.testing.assert_allclose(surrogate.gradient(theta)[0], differences, rtol=1e-7, atol=1e-7)


def test_remainder_of_a_published_case():
    """mHEA with three qubits and one layer, ZZZ: |C - C_m| <= l^m / m!, for m = 1 to 5."""
    case = Problem(mhea(3, 1), PauliSum.parse("ZZZ"))
    theta = np.random.default_rng(2).normal(size=(30, 12))
    theta /= np.abs(theta).sum(axis=1, keepdims=True)
    for order in range(1, 6):
        surrogate = TaylorSurrogate(case, order)
        assert set(np.abs(surrogate.derivatives)) <= {1.0}
        for norm in (0.3, 1.0, 2.0):
            error = np.abs(
                surrogate.value(norm * theta) - Statevector(case).value(norm * theta)
            ).max()
            assert error <= float(remainder_bound(norm, order)) + 1e-14
            # A bound that is never approached would hide a missing order.
            assert order > 3 or error > 1e-3 * float(remainder_bound(norm, order))


def test_around_another_clifford_point():
    case = own_parameters(PROBLEMS["ring"])
    rng = np.random.default_rng(3)
    point = (math.pi / 2) * rng.integers(0, 4, case.circuit.num_parameters)
    theta = 0.02 * rng.normal(size=(5, case.circuit.num_parameters))
    moved = TaylorSurrogate(Problem(shifted(case.circuit, point), case.observable), 5)
    np.testing.assert_allclose(
        moved.value(theta),
        Statevector(case).value(theta + point),
        atol=float(moved.error_bound(theta).max()),
    )
    assert moved.error_bound(theta).max() < 1e-2
    assert np.ptp(Statevector(case).value(theta + point)) > 1e-3


def flip_paths(case, max_sines):
    """Slow listing of the diagonal paths of one string: (sines, anticommuting rotations)."""
    from simulators.pauli_reference import conjugated, product

    def letters(gate):
        return "".join(
            dict(zip(gate.qubits, gate.pauli, strict=True)).get(q, "I")
            for q in range(case.circuit.num_qubits)
        )

    paths = [(case.observable.terms[0][1].label, 0, 0)]
    for gate in reversed(case.circuit.gates):
        if isinstance(gate, FixedGate):
            paths = [(conjugated(gate, label)[1], sines, met) for label, sines, met in paths]
            continue
        following = []
        for label, sines, met in paths:
            axis = letters(gate)
            if sum(p != q and "I" not in (p, q) for p, q in zip(label, axis, strict=True)) % 2 == 0:
                following.append((label, sines, met))
                continue
            following.append((label, sines, met + 1))
            if sines < max_sines:
                following.append((product(label, axis)[1], sines + 1, met + 1))
        paths = following
    return [(sines, met) for label, sines, met in paths if not set(label) & set("XY")]


@pytest.mark.parametrize(
    ("n", "layers", "label"), [(2, 2, "ZZ"), (3, 2, "XYZ"), (4, 1, "ZIZX"), (3, 1, "ZZZ")]
)
def test_support_from_the_paths_with_few_sines(n, layers, label):
    """A path with f sines that meets A rotations has binom(A + q, q) monomials of degree below m.

    Here q = floor((m - 1 - f) / 2), because all other powers are even.
    """
    case = Problem(mhea(n, layers), PauliSum.parse(label))
    for order in (1, 2, 3, 4, 5):
        paths = flip_paths(case, order - 1)
        expected = sum(math.comb(met + (order - 1 - sines) // 2, met) for sines, met in paths)
        assert TaylorSurrogate(case, order).support == expected
        counted = sine_paths(case, order - 1)
        assert counted.diagonal == tuple(
            sum(sines == f for sines, _ in paths) for f in range(order)
        )
        assert counted.visited >= sum(counted.diagonal)


def test_all_paths_from_values_on_a_grid():
    """Each diagonal path is a different product of sines and cosines.

    So an interpolation of the value by such products counts the paths by their sines.
    """
    case = Problem(mhea(2, 1), PauliSum.parse("ZX"))
    everything = sine_paths(case, 8)
    assert everything.diagonal == sine_paths(case, 12).diagonal[:9]
    assert sum(sine_paths(case, 12).diagonal[9:]) == 0
    d = case.circuit.num_parameters
    grid = (math.pi / 2) * np.array(np.unravel_index(np.arange(3**d), (3,) * d)).T
    values = PauliPropagation(case).value(grid).reshape((3,) * d)
    # On 0, pi/2, pi: a + b cos + c sin has b = (v0 - v2) / 2, c = v1 - a, a = (v0 + v2) / 2.
    transform = np.array([[0.5, 0, 0.5], [0.5, 0, -0.5], [-0.5, 1, -0.5]])
    for axis in range(d):
        values = np.moveaxis(np.tensordot(transform, values, axes=(1, axis)), 0, axis)
    coefficients = values.reshape(-1)
    sines = np.array(
        [[index == 2 for index in row] for row in itertools.product(range(3), repeat=d)]
    ).sum(axis=1)
    histogram = np.bincount(sines[np.abs(coefficients) > 1e-9], minlength=9)
    np.testing.assert_array_equal(histogram, everything.diagonal)


@pytest.mark.parametrize(
    ("parameters", "order", "count"),
    [
        (4, 1, 1),
        (4, 2, 9),
        (4, 3, 45),
        (4, 4, 165),
        (8, 2, 17),
        (8, 3, 153),
        (8, 4, 969),
        (12, 2, 25),
        (12, 3, 325),
        (12, 4, 2925),
        (92, 2, 185),
        (92, 3, 17205),
    ],
)
def test_published_numbers_of_stabiliser_expectations(parameters, order, count):
    assert num_shift_evaluations(parameters, order) == count
    # One expectation for each node of the rule, over all derivatives of total degree below the
    # order.
    if num_coefficients(parameters, order) <= 500:
        nodes = 0
        for degree in range(order):
            for chosen in itertools.combinations_with_replacement(range(parameters), degree):
                nodes += math.prod(chosen.count(j) + 1 for j in set(chosen))
        assert nodes == count


def test_numbers_of_paths():
    assert num_sine_paths(5, 2) == 1 + 5 + 10
    assert num_sine_paths(3, 7) == 8
    assert (
        num_coefficients(4, 3)
        == sum(1 for a in itertools.product(range(3), repeat=4) if sum(a) < 3)
        == 15
    )
    # Exact integers, however large.
    assert num_coefficients(10**6, 20) == math.comb(10**6 + 19, 19)


@pytest.mark.parametrize(
    ("norm", "exact", "published"),
    [(10, 37, 37), (30, 92, 92), (100, 282, 282), (1000, 2728, 2727)],
)
def test_published_orders(norm, exact, published):
    assert sufficient_order(norm, 1e-6) == exact
    assert published_order(norm, 1e-6) == published


@given(st.floats(1e-6, 200), st.floats(1e-12, 0.9))
def test_the_order_is_the_least(norm, error):
    order = sufficient_order(norm, error)
    allowed = math.log(error) + 1e-9
    assert order * math.log(norm) - math.lgamma(order + 1) <= allowed
    assert order == 1 or (order - 1) * math.log(norm) - math.lgamma(order) > math.log(error) - 1e-9
    assert abs(published_order(norm, error) - order) <= 1


def test_the_order_for_large_norms_is_e_times_the_norm():
    assert sufficient_order(1e6, 1e-6) / 1e6 == pytest.approx(math.e, rel=1e-4)
    assert sufficient_order(0.0, 1e-6) == 1


def test_what_the_surrogate_cannot_do_is_named():
    shared = problem(1, 1, [rotation("X", 0), rotation("Y", 0)], "Z")
    assert "parameter 0 is used by 2 rotations" in TaylorSurrogate.supports(shared, Quantity.VALUE)
    with pytest.raises(ValueError, match="parameter 0 is used by 2 rotations"):
        TaylorSurrogate(shared)
    single = problem(1, 1, [rotation("X", 0)], "Z")
    assert TaylorSurrogate.supports(single, Quantity.GRADIENT) is None
    assert "not the hessian" in TaylorSurrogate.supports(single, Quantity.HESSIAN)
    assert TaylorSurrogate.cost(single, Quantity.VALUE, 10, order=4).bytes > 0
    with pytest.raises(ValueError, match="order of a Taylor surrogate is 0"):
        TaylorSurrogate(single, 0)
    with pytest.raises(MemoryError, match=r"more than \d+ monomials, which max_bytes = 500"):
        TaylorSurrogate(Problem(mhea(3, 3), PauliSum.parse("ZZZ")), 5, max_bytes=500)
    with pytest.raises(ValueError, match="allowed error is 1"):
        sufficient_order(1.0, 1.0)
    with pytest.raises(ValueError, match="1-norm of the angles is -1"):
        published_order(-1.0, 1e-3)
    with pytest.raises(ValueError, match="max_sines is -1"):
        sine_paths(single, -1)


def test_more_than_64_qubits():
    """A chain of 70 CX carries Z to all qubits: the two-word path against the engine."""
    n = 70
    gates = [rotation("Y", q, parameter=q) for q in range(n)] + [
        fixed("CX", q, q + 1) for q in range(n - 1)
    ]
    case = problem(n, n, gates, "I" * (n - 1) + "Z")
    surrogate = TaylorSurrogate(case, 3)
    # C = prod cos theta: no linear term, and -1/2 for each square.
    assert table(surrogate) == {(): 1.0} | {(q, q): -1.0 for q in range(n)}
    theta = 1e-3 * np.random.default_rng(4).normal(size=(2, n))
    np.testing.assert_allclose(surrogate.value(theta), np.cos(theta).prod(axis=1), atol=1e-8)
