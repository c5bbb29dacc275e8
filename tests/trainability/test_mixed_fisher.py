"""Fisher information of mixed states: pure limits, one qubit, and what noise does to a circuit."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.noise import noisy
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.density.engine import Density
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.trainability.curvature import stacked_qfim
from trainscape.trainability.mixed_fisher import circuit_qfim, mixed_qfim


def ring(stage: str, layers: int, strength: float) -> Problem:
    circuit = noisy(deep_circuit("ising_ring", 3, stage, layers), depolarising=strength)
    return Problem(circuit, hamiltonian("ising_ring", 3))


def angles(problem: Problem) -> np.ndarray:
    return np.random.default_rng(5).uniform(-np.pi, np.pi, problem.circuit.num_parameters)


@pytest.mark.parametrize("stage", ["A2", "A3"])
def test_without_noise_it_is_that_of_the_pure_state(stage):
    """Free and shared parameters."""
    problem = ring(stage, 2, 0.0)
    theta = angles(problem)
    pure = Statevector(Problem(deep_circuit("ising_ring", 3, stage, 2), problem.observable))
    expected = stacked_qfim(pure.jacobian(theta[None])[0], pure.state(theta[None])[0])
    np.testing.assert_allclose(circuit_qfim(problem, theta), expected, atol=1e-10)


def test_one_qubit_has_the_squared_length_of_its_bloch_vector():
    circuit = noisy(Circuit(1, 1, (PauliRotation("X", (0,), 0),)), depolarising=0.2)
    problem = Problem(circuit, PauliSum.parse("Z"))
    theta = np.array([0.7])
    state = Density(problem).state(theta[None])[0]
    squared = 2 * np.trace(state @ state).real - 1
    assert 0.1 < squared < 0.9
    assert circuit_qfim(problem, theta) == pytest.approx(squared, abs=1e-12)


def test_it_is_the_curvature_of_the_bures_distance():
    """Fidelity of two close mixed states, by square roots of matrices."""
    problem = ring("A3", 2, 0.02)
    theta = angles(problem)
    direction = np.random.default_rng(6).standard_normal(len(theta)) * 1e-3
    first, second = Density(problem).state(np.stack([theta - direction / 2, theta + direction / 2]))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.conj().T
    fidelity = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    matrix = circuit_qfim(problem, theta)
    assert 8 * (1 - fidelity) == pytest.approx(direction @ matrix @ direction, rel=1e-4)


def test_noise_lowers_large_eigenvalues_and_lifts_those_that_were_zero():
    """Six layers of the pruned ring have the rank 2 of its orbit; noise fills in the others."""
    spectra = [
        np.linalg.eigvalsh(circuit_qfim(ring("A3", 6, strength), angles(ring("A3", 6, 0.0))))[::-1]
        for strength in (0.0, 1e-3, 1e-2)
    ]
    assert (spectra[0] > 1e-9).sum() == 2
    assert spectra[0][0] > spectra[1][0] > spectra[2][0]
    for spectrum in spectra[1:]:
        assert (spectrum > 1e-9).sum() > 2
    # Zero to first order: eigenvalues that appear grow with the strength.
    assert spectra[0][2] < 1e-9 < spectra[1][2] < spectra[2][2]


def test_other_gates_with_parameters_are_refused():
    terms = PauliSum.parse("XX + ZI")
    circuit = Circuit(2, 1, (FixedGate("H", (0,)), Evolution(terms, (0, 1), 0)))
    with pytest.raises(ValueError, match="Pauli rotations alone"):
        circuit_qfim(Problem(circuit, PauliSum.parse("ZZ")), np.zeros(1))


def test_empty_pairs_do_not_count():
    state = np.diag([1.0, 0.0, 0.0]).astype(complex)
    moved = np.zeros((1, 3, 3), dtype=complex)
    moved[0, 1, 2] = moved[0, 2, 1] = 1.0
    assert mixed_qfim(state, moved) == 0
