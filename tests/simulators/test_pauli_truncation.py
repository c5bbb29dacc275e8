"""The truncation rules of the Pauli engine against a slow reference and closed forms."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.pauli_reference import (
    EVERY,
    RING,
    angles,
    near_clifford,
    reference,
    slopes,
)
from simulators.problems import fixed, problem, problems, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.lowering import PRIMITIVE_GATES
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.statevector.engine import Statevector

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
    """The value of a branch is dropped for its weight even if a derivative has the same string.

    RY(1e-3) keeps X0 for the derivative alone, and CX maps it to XX, as the last branch.
    """
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


def test_gradients_are_more_accurate_than_the_derivative_of_the_truncated_value():
    """A branch that is small because of a small angle is kept for the derivative by that angle."""
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


@pytest.mark.parametrize(
    ("rule", "sigma"),
    [
        ({"min_coefficient": 1e-2}, 0.1),
        ({"min_coefficient": 1e-3}, 0.1),
        ({"min_coefficient": 1e-4}, 0.1),
        ({"min_coefficient": 1e-3}, 0.3),
        ({"max_weight": 4}, 0.1),
        ({"max_sines": 4}, 0.3),
    ],
    ids=str,
)
def test_gradients_estimate_their_own_error(rule, sigma):
    """The mean squares of estimate and error agree within a factor of four for the roots.

    Heavy strings matter less than the others, so that the estimate is too large for a weight limit.
    """
    case = Problem(hardware_efficient(8, 5, "ring"), PauliSum.parse("IIIZZIII"))
    theta = near_clifford(case, 6, sigma)
    engine = PauliPropagation(case, **rule)
    errors = np.linalg.norm(engine.gradient(theta) - Dense(case).gradient(theta), axis=1)
    estimates = engine.last_truncation.gradient_error
    ratio = math.sqrt((estimates**2).mean() / (errors**2).mean())
    assert ratio > 1 / 4
    assert ratio < 4 or "max_weight" in rule


def test_exact_gradients_have_no_estimated_error():
    theta = angles(2, RING.circuit.num_parameters)
    engine = PauliPropagation(RING)
    engine.gradient(theta)
    np.testing.assert_array_equal(engine.last_truncation.gradient_error, np.zeros(2))
    engine.value(theta)
    assert engine.last_truncation.gradient_error is None


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
    """(X + Z) on every qubit after RY has the value prod (cos + sin).

    With at most k sines it is the sum over all subsets of at most k qubits.
    """
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
