"""Large angles are reduced exactly, small ones keep every bit, and what has no angle is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.exact_angles import exactly_reduced
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.lowering import lower
from trainscape.circuits.periodic_angles import (
    LARGEST_ANGLE,
    angle_error,
    reduced_angle,
    reduced_angles,
)
from trainscape.physics.pauli import PauliString, PauliSum


def same_rotation(first: float, second: float) -> float:
    """Distance of two angles around the circle of circumference 4 pi, computed exactly."""
    return abs(exactly_reduced(Fraction(first) - Fraction(second)))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_angle(angle):
    found = reduced_angle(angle)
    assert abs(found) <= max(LARGEST_ANGLE, 2 * math.pi)
    assert same_rotation(angle, found) < 1e-15 * 4
    if abs(angle) <= LARGEST_ANGLE:
        assert found == angle


def test_arrays_copy_only_where_they_change():
    small = np.array([[0.1, -64.0]])
    assert reduced_angles(small) is small
    large = np.array([[0.1, 1e16]])
    assert reduced_angles(large)[0, 0] == 0.1
    assert large[0, 1] == 1e16


def rotation(scale):
    return PauliRotation("X", (0,), 0, scale)


def evolution(weights, scale=1.0):
    terms = tuple((w, PauliString(label)) for label, w in weights.items())
    return Evolution(PauliSum(terms), (0, 1), 0, scale)


@pytest.mark.parametrize(
    ("gates", "periodic"),
    [
        ((rotation(1.0),), True),
        ((rotation(-2.0), rotation(0.5)), True),
        ((rotation(1.0), rotation(0.3)), False),
        ((evolution({"ZZ": 0.25}),), True),
        ((evolution({"ZZ": 0.5, "ZI": 1.0}),), True),
        ((evolution({"XX": 0.5, "ZZ": 0.5}, 2.0),), True),
        ((evolution({"XI": 0.5, "ZZ": 0.5}),), False),
        ((evolution({"ZZ": 0.3}),), False),
        ((), True),
    ],
)
def test_only_periodic_parameters_are_reduced(gates, periodic):
    circuit = Circuit(2, 1, gates)
    (found,) = circuit.check_parameters([[1e6]])[0]
    assert found == (reduced_angle(1e6) if periodic else 1e6)
    assert circuit.check_parameters([[63.0]])[0, 0] == 63.0
    assert circuit.check_parameters([[1e6]], reduce=False)[0, 0] == 1e6
    assert angle_error(gates, np.array([[1e6]])) == pytest.approx(
        0.0 if periodic else 1e6 * np.finfo(float).eps, rel=0.7
    )


@pytest.mark.parametrize(("scale", "angle"), [(1e308, 10.0), (3.0, 1e308), (0.3e10, -1e300)])
def test_an_angle_out_of_range_is_refused(scale, angle):
    with pytest.raises(ValueError, match="gate 0 turns by a multiple of parameter 0, which is"):
        Circuit(1, 1, (rotation(scale),)).check_parameters([[0.1], [angle]])


@pytest.mark.parametrize("angle", [1e16, 1e17, -3e200, 1e5, 12345678.9])
def test_constant_angles_are_no_clifford_gates_by_their_rounding(angle):
    circuit = Circuit(1, 0, (Evolution.of_pauli("X", (0,), None, offset=angle),))
    lowered = lower(Problem(circuit, PauliSum.parse("Z"))).problem.circuit
    (gate,) = lowered.gates
    assert isinstance(gate, PauliRotation)
    assert same_rotation(gate.scale, angle) < 1e-14


@pytest.mark.parametrize("quarters", [1, 2, 3, 5, 20, 40])
def test_multiples_of_a_quarter_turn_are_clifford_gates(quarters):
    circuit = Circuit(1, 0, (Evolution.of_pauli("X", (0,), None, offset=quarters * math.pi / 2),))
    lowered = lower(Problem(circuit, PauliSum.parse("Z"))).problem.circuit
    assert all(isinstance(gate, FixedGate) for gate in lowered.gates)
