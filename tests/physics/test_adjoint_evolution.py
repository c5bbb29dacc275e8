"""Evolution in the adjoint representation against matrix exponentials."""

import numpy as np
import pytest
from scipy.linalg import expm

from trainscape.physics.adjoint_evolution import adjoint_expectation, evolved_pauli_strings
from trainscape.physics.lie_algebra import lie_basis

Z, X = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
IDENTITY = np.eye(2)


def test_expectation_values_are_those_of_the_evolved_state():
    matrices = [np.kron(Z, Z) + 0.3 * np.kron(X, IDENTITY), np.kron(IDENTITY, X)]
    gates = [(0, 0.7), (1, -1.3), (0, 0.2)]
    observable = np.kron(Z, Z)
    state = np.random.default_rng(1).normal(size=4)
    state = state / np.linalg.norm(state)
    basis = lie_basis([*matrices, observable], np.random.default_rng(0))
    out = state.astype(complex)
    for which, duration in reversed(gates):
        out = expm(1j * duration * matrices[which]) @ out
    expected = (out.conj() @ observable @ out).real
    value = adjoint_expectation(matrices, gates, basis, observable, state)
    assert value == pytest.approx(expected, abs=1e-10)


def test_an_observable_outside_is_refused():
    matrices = [np.kron(Z, IDENTITY), np.kron(X, IDENTITY)]
    basis = lie_basis(matrices, np.random.default_rng(0))
    assert len(basis) == 3
    with pytest.raises(ValueError, match="outside the Lie algebra of dimension 3"):
        adjoint_expectation(matrices, [(0, 0.0)], basis, np.kron(IDENTITY, Z), np.eye(4)[0])


def test_pauli_strings_of_an_evolved_operator():
    """A quarter of a turn makes Y of X; half of that a sum of both."""
    assert evolved_pauli_strings(Z, X, np.pi / 4) == 1
    assert evolved_pauli_strings(Z, X, np.pi / 8) == 2
