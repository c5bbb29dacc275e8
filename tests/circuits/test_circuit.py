"""Circuits, problems, their serialisation, and the light cone."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense


@given(problems())
def test_json_round_trip(case):
    text = case.to_json()
    again = Problem.from_json(text)
    assert again == case
    assert hash(again) == hash(case)
    assert again.to_json() == text
    assert pickle.loads(pickle.dumps(case)) == case


def test_json_keeps_every_bit_of_a_scale():
    case = problem(1, 1, [rotation("X", 0, scale=0.1 + 0.2)], "0.30000000000000004*Z")
    assert Problem.from_json(case.to_json()) == case
    assert json.loads(case.to_json())["circuit"]["gates"] == [["X", [0], 0, 0.30000000000000004]]


def test_json_from_elsewhere():
    text = (
        '{"observable": [[1, "ZZ"]], "circuit": {"gates": [["Y", [0], 0, 1], ["CX", [0, 1]]], '
        '"num_parameters": 1, "num_qubits": 2}}'
    )
    assert Problem.from_json(text) == problem(2, 1, [rotation("Y", 0), fixed("CX", 0, 1)], "ZZ")


def test_stored_problems_that_are_incomplete():
    with pytest.raises(ValueError, match="stored problem lacks circuit"):
        Problem.from_json('{"observable": []}')
    with pytest.raises(ValueError, match="stored circuit lacks num_qubits, gates"):
        Circuit.from_dict({"num_parameters": 1})
    with pytest.raises(ValueError, match="gate 1 of a stored circuit"):
        Circuit.from_dict({"num_qubits": 1, "num_parameters": 0, "gates": [["X", [0]], ["Y"]]})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PauliRotation("I", (0,), 0), r"about 'I' on qubits \(0,\).*leave identities out"),
        (lambda: PauliRotation("", (), 0), "at least one"),
        (lambda: PauliRotation("XX", (0,), 0), "needs 2 qubits"),
        (lambda: PauliRotation("XX", (1, 1), 0), r"names a qubit twice: \(1, 1\)"),
        (lambda: PauliRotation("X", (0,), -1), "negative parameter index -1"),
        (lambda: PauliRotation("X", (0,), 0, float("inf")), "scale inf"),
        (lambda: FixedGate("CCX", (0,)), "unknown fixed gate 'CCX'.*known are H, S"),
        (lambda: FixedGate("CX", (0,)), r"CX acts on 2 qubit\(s\)"),
        (lambda: FixedGate("CZ", (2, 2)), "CZ names a qubit twice"),
        (lambda: Circuit(0, 0, ()), "at least one qubit"),
        (lambda: Circuit(1, -1, ()), "-1 parameters"),
        (
            lambda: Circuit(2, 0, (FixedGate("X", (0,)), FixedGate("X", (2,)))),
            r"gate 1 .*register of 2 qubits \(0 to 1\)",
        ),
        (
            lambda: Circuit(1, 1, (PauliRotation("X", (0,), 1),)),
            "gate 0 .*set num_parameters to at least 2",
        ),
        (
            lambda: Problem(Circuit(3, 0, ()), PauliSum.parse("ZZ")),
            "circuit has 3 qubits, but the observable has 2 letters",
        ),
    ],
)
def test_errors_name_the_object(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_nothing_can_be_changed():
    case = PROBLEMS["ring"]
    with pytest.raises(AttributeError):
        case.circuit.num_qubits = 5
    with pytest.raises(AttributeError):
        case.circuit.gates[0].scale = 2.0


def test_check_parameters():
    circuit = PROBLEMS["one qubit"].circuit
    assert circuit.check_parameters([[1, 2], [3, 4]]).dtype == np.float64
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        circuit.check_parameters([1.0, 2.0])
    with pytest.raises(ValueError, match=r"theta\[0, 1\] is inf"):
        circuit.check_parameters([[1.0, float("inf")]])


# Light cones


@settings(deadline=None)
@given(problems(), st.integers(0, 2**16))
def test_light_cone_is_exact(case, seed):
    theta = np.random.default_rng(seed).uniform(-4, 4, (2, case.circuit.num_parameters))
    cone = light_cone(case)
    value, gradient = Dense(case).value_and_gradient(theta)
    inner = Dense(cone.problem).value_and_gradient(cone.restrict(theta))
    np.testing.assert_allclose(inner[0], value, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        cone.extend(inner[1], case.circuit.num_parameters), gradient, rtol=0, atol=1e-11
    )


@given(problems())
def test_light_cone_of_a_light_cone_is_itself(case):
    cone = light_cone(case)
    again = light_cone(cone.problem)
    assert again.problem == cone.problem


def test_light_cone_drops_what_is_outside():
    case = problem(
        4,
        4,
        [rotation("Y", q, parameter=q) for q in range(4)]
        + [fixed("CX", 1, 2), rotation("X", 3, parameter=3)],
        "IIZI",
    )
    cone = light_cone(case)
    assert cone.qubits == (1, 2)
    assert cone.parameters == (1, 2)
    assert cone.problem == problem(
        2, 2, [rotation("Y", 0), rotation("Y", 1, parameter=1), fixed("CX", 0, 1)], "IZ"
    )


@pytest.mark.parametrize(
    ("last", "observable", "cancels"),
    [
        (fixed("CZ", 0, 1), "ZI", True),
        (fixed("CZ", 0, 1), "XI", False),
        (fixed("CX", 0, 1), "IX", True),
        (fixed("CX", 0, 1), "IZ", False),
        (fixed("CX", 0, 1), "ZX", True),
        (fixed("H", 0), "ZI", False),
        (fixed("H", 1), "ZI", True),
        (fixed("Z", 0), "ZI", True),
        (fixed("X", 0), "ZI", False),
        (rotation("ZZ", 0, 1), "ZZ", True),
        (rotation("XX", 0, 1), "XI", True),
        (rotation("XX", 0, 1), "ZI", False),
        (rotation("Z", 0), "ZI + XI", False),
        (rotation("Z", 0), "ZI + IX", True),
    ],
)
def test_gates_that_commute_with_the_observable_cancel(last, observable, cancels):
    gates = [rotation("Y", 0), rotation("Y", 1), last]
    kept = light_cone(problem(2, 1, gates, observable)).problem.circuit.gates
    assert (
        any(type(gate) is type(last) and gate not in (gates[0], gates[1]) for gate in kept)
        != cancels
    )


def test_clifford_gates_turn_the_axis():
    """H maps Z to X, so that an X rotation before it commutes with Z after it."""
    kept = light_cone(problem(1, 2, [rotation("X", 0), fixed("H", 0)], "Z")).problem.circuit.gates
    assert kept == (fixed("H", 0),)
    kept = light_cone(problem(1, 2, [rotation("Y", 0), fixed("S", 0)], "X")).problem.circuit.gates
    assert kept == (fixed("S", 0),)


def test_light_cone_of_the_identity_keeps_an_idle_qubit():
    cone = light_cone(problem(3, 1, [rotation("Y", 0), fixed("CX", 0, 1)], "2*III"))
    assert cone.qubits == (0,)
    assert cone.parameters == ()
    assert cone.problem == problem(1, 0, [], "2*I")
