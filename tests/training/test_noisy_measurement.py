"""Measured losses of noisy circuits: shifted values, means, variances and shared parameters."""

import numpy as np
import pytest

from simulators.engine_contract import angles
from simulators.problems import fixed, problem, rotation
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution
from trainscape.circuits.noise import noisy
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.density.engine import Density
from trainscape.simulators.density.pauli_vectors import observable_vector
from trainscape.simulators.density.shifted_values import shifted_values
from trainscape.training.noisy_measurement import NoisyMeasuredLoss

SUM = PauliSum.parse("ZZ - 0.7*XI - 0.7*IX")
GATES = (
    fixed("H", 0),
    rotation("ZZ", 0, 1, parameter=0),
    rotation("X", 0, parameter=1, scale=-1.0),
    rotation("X", 1, parameter=1),
    rotation("Y", 1, parameter=0),
)
CASE = Problem(noisy(Circuit(2, 2, GATES), depolarising=0.05, amplitude_damping=0.1), SUM)


def test_shifted_values_are_those_of_shifted_circuits():
    """A rotation by pi/2 more, written as a circuit in which each rotation has its own angle."""
    theta = angles(3, 2)
    found = shifted_values(Density(CASE), theta, observable_vector(SUM)[None])
    own = [
        rotation("ZZ", 0, 1, parameter=0),
        rotation("X", 0, parameter=1, scale=-1.0),
        rotation("X", 1, parameter=2),
        rotation("Y", 1, parameter=3),
    ]
    separate = Circuit(2, 4, (GATES[0], *own))
    engine = Density(Problem(noisy(separate, depolarising=0.05, amplitude_damping=0.1), SUM))
    spread = theta[:, [0, 1, 1, 0]]
    np.testing.assert_allclose(found.values[0], engine.value(spread), rtol=0, atol=1e-13)
    for gate in range(4):
        shift = np.pi / 2 * (np.arange(4) == gate) * np.array([1, -1, 1, 1])
        np.testing.assert_allclose(found.plus[0, :, gate], engine.value(spread + shift), atol=1e-13)
        np.testing.assert_allclose(
            found.minus[0, :, gate], engine.value(spread - shift), atol=1e-13
        )


def test_means_and_variances_are_those_of_the_outcomes():
    """The bond has outcomes of +-1; the fields, measured together, those of a sum."""
    theta = np.tile(angles(1, 2, seed=3), (4000, 1))
    shots = 50
    loss, gradient = NoisyMeasuredLoss(CASE, shots)(
        theta, [np.random.default_rng((7, run)) for run in range(len(theta))]
    )
    value, exact = Density(CASE).value_and_gradient(theta[:1])
    error = loss.std() / np.sqrt(len(loss))
    assert abs(loss.mean() - value[0]) < 4 * error
    slopes = gradient.std(axis=0) / np.sqrt(len(loss))
    assert (np.abs(gradient.mean(axis=0) - exact[0]) < 4 * slopes).all()
    state = Density(CASE).state(theta[:1])[0]
    variance = 0.0
    for text in ("ZZ", "-0.7*XI - 0.7*IX"):
        matrix = PauliSum.parse(text).matrix()
        mean = np.trace(matrix @ state).real
        variance += (np.trace(matrix @ matrix @ state).real - mean**2) / shots
    assert loss.var() == pytest.approx(variance, rel=0.1)


def test_many_shots_give_the_exact_gradient():
    theta = angles(2, 2, seed=4)
    generators = [np.random.default_rng(run) for run in range(2)]
    loss, gradient = NoisyMeasuredLoss(CASE, 10**10)(theta, generators)
    value, exact = Density(CASE).value_and_gradient(theta)
    np.testing.assert_allclose(loss, value, rtol=0, atol=1e-4)
    np.testing.assert_allclose(gradient, exact, rtol=0, atol=2e-4)


def test_a_sample_does_not_depend_on_the_others():
    theta = angles(3, 2, seed=5)
    measure = NoisyMeasuredLoss(CASE, 100)
    whole = measure(theta, [np.random.default_rng(run) for run in range(3)])
    single = measure(theta[1:2], [np.random.default_rng(1)])
    for one, other in zip(whole, single, strict=True):
        np.testing.assert_allclose(one[1:2], other, rtol=1e-12)


def test_errors():
    with pytest.raises(ValueError, match="at least one shot, not 0"):
        NoisyMeasuredLoss(CASE, 0)
    long = Evolution(PauliSum.parse("XXIII + ZIIII + IXXII + IIXXX + IIIZI"), (0, 1, 2, 3, 4), 0)
    with pytest.raises(ValueError, match="needs rotations about Pauli products"):
        NoisyMeasuredLoss(problem(5, 1, [long], "ZZZZZ + XXXXX"), 10)
    with pytest.raises(ValueError, match="does not depend on all qubits"):
        NoisyMeasuredLoss(problem(2, 1, [rotation("X", 0)], "ZI"), 10)
