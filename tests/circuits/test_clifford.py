"""Circuits at Clifford points, against the state vector and Stim's tableaus."""

import math

import numpy as np
import pytest
import stim
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import PROBLEMS, fixed, problem, problems, rotation
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.clifford import Skeleton, clifford_circuit, expectation, inverse, shifted
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import PRIMITIVE_GATES
from trainscape.physics.pauli import PauliString
from trainscape.simulators.statevector.engine import Statevector


def strings(observable):
    return [(weight, stim.PauliString(string.label)) for weight, string in observable.terms]


@settings(max_examples=25)
@given(problems(names=PRIMITIVE_GATES, max_qubits=4), st.integers(0, 1000))
def test_moving_the_origin_changes_no_value(case, seed):
    """All scales of the strategy are 1, -1/2 and 2, so that multiples of pi are Clifford points;
    one with scales 1 and 2 also of pi/2."""
    rng = np.random.default_rng(seed)
    unit = (
        math.pi
        if any(
            isinstance(gate, PauliRotation) and gate.scale == -0.5 for gate in case.circuit.gates
        )
        else math.pi / 2
    )
    point = unit * rng.integers(-3, 4, case.circuit.num_parameters)
    theta = rng.normal(size=(3, case.circuit.num_parameters))
    moved = Problem(shifted(case.circuit, point), case.observable)
    np.testing.assert_allclose(
        Statevector(moved).value(theta), Statevector(case).value(theta + point), atol=1e-12
    )


@settings(max_examples=25)
@given(problems(names=PRIMITIVE_GATES, max_qubits=4))
def test_values_and_derivatives_at_zero_are_those_of_the_state_vector(case):
    skeleton = Skeleton(case.circuit)
    value, gradient = Statevector(case).value_and_gradient(
        np.zeros((1, case.circuit.num_parameters))
    )
    assert skeleton.value(strings(case.observable)) == pytest.approx(value[0], abs=1e-12)
    sums = np.zeros(case.circuit.num_parameters)
    for position, gate in enumerate(skeleton.rotations):
        sums[gate.parameter] += skeleton.derivative(strings(case.observable), position)
    np.testing.assert_allclose(sums, gradient[0], atol=1e-12)


def test_gates_in_front():
    case = PROBLEMS["every gate"]
    front = (fixed("H", 1), fixed("CX", 1, 2), fixed("S", 2), fixed("H", 2))
    full = Problem(Circuit(4, 5, (*front, *case.circuit.gates)), case.observable)
    skeleton, full_skeleton = Skeleton(case.circuit), Skeleton(full.circuit)
    terms = strings(case.observable)
    assert skeleton.value(terms, clifford_circuit(front)) == full_skeleton.value(terms)
    for position in range(len(skeleton.rotations)):
        assert skeleton.derivative(
            terms, position, clifford_circuit(front)
        ) == full_skeleton.derivative(terms, position)


def test_inverse_undoes_every_gate():
    gates = [FixedGate(name, (0,) if name in "HSXYZ" else (0, 1)) for name in PRIMITIVE_GATES]
    gates += [fixed("S", 1), fixed("H", 1), fixed("CX", 1, 0), fixed("S", 0)]
    assert clifford_circuit((*gates, *inverse(gates))).to_tableau() == stim.Tableau(2)
    assert clifford_circuit((*inverse(gates), *gates)).to_tableau() == stim.Tableau(2)


def test_path_of_one_derivative():
    """RZ and RX on one qubit, observable Y: RX flips Y to Z, which RZ leaves; RZ flips Y to X,
    which is not diagonal."""
    skeleton = Skeleton(Circuit(1, 2, (rotation("Z", 0), rotation("X", 0, parameter=1))))
    y = stim.PauliString("Y")
    by_x = skeleton.path(y, {1})
    assert (by_x.cosines, str(by_x.end)) == ((), "-Z")  # i X Y = i (i Z)
    by_z = skeleton.path(y, {0})
    assert by_z.cosines == (1,)
    assert expectation(by_z.end) == 0
    assert skeleton.path(stim.PauliString("X"), {1}).end is None


def test_what_is_wrong_is_named():
    circuit = Circuit(
        2, 3, (rotation("X", 0), rotation("Y", 1), rotation("Z", 0, parameter=1, scale=0.0))
    )
    skeleton = Skeleton(circuit)
    with pytest.raises(ValueError, match="no parameter 3; the circuit has 3"):
        skeleton.position(3)
    with pytest.raises(ValueError, match="parameter 0 is used by 2 rotations"):
        skeleton.position(0)
    with pytest.raises(ValueError, match="scale 0"):
        skeleton.position(1)
    with pytest.raises(ValueError, match="parameter 2 is used by 0 rotations"):
        skeleton.position(2)
    with pytest.raises(ValueError, match=r"gate 0 .*turns by 0\.3.*not a multiple of pi/2"):
        shifted(circuit, [0.3, 0, 0])
    with pytest.raises(ValueError, match=r"theta has shape \(1, 2\)"):
        shifted(circuit, [0.0, 0.0])


def test_strings_keep_the_order_of_qubits():
    case = problem(3, 0, [fixed("X", 2)], "IIZ")
    assert Skeleton(case.circuit).value(strings(case.observable)) == -1
    assert PauliString("IIZ").support == tuple(stim.PauliString("IIZ").pauli_indices())
