"""Every engine at every finite angle: values and derivatives against exactly reduced angles."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.exact_angles import exactly_reduced
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.choice import engine_class
from trainscape.simulators.dense import Dense
from trainscape.simulators.mps import MatrixProductState
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.pauli.term_counting import exact_cosines_and_sines

ENGINES = ("statevector", "tensornet", "pauli", "dense", "mps")
MAGNITUDES = (1e2, 1e5, 1e8, 1e12, 1e15, 1e16, 1e17, 1e20, 1e100, 8e307)

PROBLEM = Problem(
    Circuit(
        3,
        4,
        (
            PauliRotation("X", (0,), 0),
            PauliRotation("Y", (1,), 1, 2.0),
            FixedGate("CX", (1, 2)),
            PauliRotation("ZZ", (0, 1), 0, -1.0),
            Evolution.of_pauli("X", (2,), 2, 1.0, 0.3),
            PauliRotation("XY", (0, 2), 2, 0.5),
            Evolution(PauliSum(((0.5, PauliString("ZZ")), (1.0, PauliString("XX")))), (1, 2), 3),
            PauliRotation("Y", (0,), 1),
        ),
    ),
    PauliSum.parse("0.5*ZII - 2*IZZ + IZI + XIX"),
)


def engine(name, problem=PROBLEM):
    return MatrixProductState(problem) if name == "mps" else engine_class(name)(problem)


@pytest.fixture(scope="module")
def points():
    """Parameters of all magnitudes, and the equal ones of the first turn."""
    numbers = np.random.default_rng(5).uniform(0.3, 1.0, (len(MAGNITUDES), 4))
    signs = np.array([1, -1, 1, -1])
    theta = numbers * signs * np.array(MAGNITUDES)[:, None]
    return theta, np.array([[exactly_reduced(angle) for angle in row] for row in theta])


@pytest.mark.parametrize("name", ENGINES)
def test_values_and_gradients(name, points):
    theta, reduced = points
    values, gradients = engine(name).value_and_gradient(theta)
    expected = Dense(PROBLEM).value_and_gradient(reduced)
    np.testing.assert_allclose(values, expected[0], atol=2e-14)
    np.testing.assert_allclose(gradients, expected[1], atol=2e-14)


@pytest.mark.parametrize("name", ["statevector", "tensornet", "pauli"])
def test_hessians(name, points):
    theta, reduced = points
    found = engine(name).hessian(theta[[3, 6, 9]])
    np.testing.assert_allclose(found, Dense(PROBLEM).hessian(reduced[[3, 6, 9]]), atol=5e-14)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("angle", [1e16, -1e17, 1e22, 1.5e5])
def test_constant_angles(name, angle):
    """A number in the program is no parameter, and may be as large."""
    constant = Evolution.of_pauli("X", (0,), None, offset=angle)
    problem = Problem(Circuit(1, 0, (constant,)), PauliSum.parse("Z"))
    (value,) = engine(name, problem).value(np.zeros((1, 0)))
    assert value == pytest.approx(math.cos(exactly_reduced(angle)), abs=1e-14)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("offset", [1e16, -1e19])
def test_large_offsets_of_parameters(name, offset):
    gate = Evolution.of_pauli("X", (0,), 0, offset=offset)
    problem = Problem(Circuit(1, 1, (gate,)), PauliSum.parse("Z"))
    (value,), ((slope,),) = engine(name, problem).value_and_gradient(np.array([[0.7]]))
    angle = exactly_reduced(offset) + 0.7
    assert value == pytest.approx(math.cos(angle), abs=1e-14)
    assert slope == pytest.approx(-math.sin(angle), abs=1e-14)


@settings(max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_cosines_and_sines_are_those_of_the_angle(angle):
    """What counts as a multiple of pi/2 differs from one by rounding, however large the angle."""
    cosine, sine = (float(x[0]) for x in exact_cosines_and_sines(np.array([angle])))
    assert cosine == pytest.approx(math.cos(angle), abs=3e-14)
    assert sine == pytest.approx(math.sin(angle), abs=3e-14)


def test_quarter_turns_still_make_no_terms():
    cosines, sines = exact_cosines_and_sines(np.arange(-40, 41) * np.pi / 2)
    assert ((cosines == 0) ^ (sines == 0)).all()


def test_a_taylor_polynomial_is_not_periodic():
    problem = Problem(Circuit(1, 1, (PauliRotation("X", (0,), 0),)), PauliSum.parse("Z"))
    (value,) = TaylorSurrogate(problem, 3).value(np.array([[100.0]]))
    assert value == pytest.approx(1 - 100.0**2 / 2)
