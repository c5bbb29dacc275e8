"""Qubit states against the state-vector engine, quimb and matrices."""

import numpy as np
import pytest
import quimb.tensor as qtn

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.qubit_states import (
    apply_stabiliser,
    measure_stabiliser,
    phases_of_bits,
    qubit_state,
    stabiliser_expectation,
)
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector

SIZES = [(3, 2), (3, 3), (4, 3), (5, 2)]


def gate_diagonal(size, angle):
    """diag(1, ..., 1, exp(i angle))."""
    diagonal = np.ones(2**size, dtype=complex)
    diagonal[-1] = np.exp(1j * angle)
    return diagonal


@pytest.fixture(params=SIZES, ids=str)
def case(request):
    rng = np.random.default_rng(request.param)
    monomials = Monomials(*request.param)
    return monomials, rng.uniform(0, 2 * np.pi, size=(2, monomials.count))


def test_phases(case):
    monomials, (weights, _) = case
    n = monomials.modes
    for index, phase in enumerate(phases_of_bits(monomials, weights)):
        bits = [(index >> (n - 1 - j)) & 1 for j in range(n)]
        expected = sum(
            w for w, s in zip(weights, monomials.sets, strict=True) if all(bits[j] for j in s)
        )
        assert phase == pytest.approx(expected)


def test_state_of_quimb(case):
    monomials, (weights, _) = case
    circuit = qtn.Circuit(monomials.modes)
    for qubit in range(monomials.modes):
        circuit.apply_gate("H", qubit)
    for s, w in zip(monomials.sets, weights, strict=True):
        gate = np.diag(gate_diagonal(len(s), w)).reshape((2,) * (2 * len(s)))
        circuit.apply_gate_raw(gate, s, contract=True)
    expected = circuit.psi.to_dense().ravel()
    np.testing.assert_allclose(qubit_state(monomials, weights), expected, atol=1e-10)


def diagonal_layer(monomials, weights, sign):
    """Evolutions exp(-i H) with H = - sign w n_S, up to a global phase."""
    return tuple(
        Evolution.of_diagonal(sign * np.angle(gate_diagonal(len(s), -w)), s, None, offset=1.0)
        for s, w in zip(monomials.sets, weights, strict=True)
    )


def test_state_of_the_engine(case):
    monomials, (weights, _) = case
    n = monomials.modes
    gates = tuple(FixedGate("H", (q,)) for q in range(n)) + diagonal_layer(monomials, weights, 1)
    problem = Problem(Circuit(n, 0, gates), PauliSum(((1.0, PauliString("Z" * n)),)))
    state = Statevector(problem).state(np.zeros((1, 0)))[0]
    overlap = np.vdot(qubit_state(monomials, weights), state.ravel())
    assert abs(overlap) == pytest.approx(1, abs=1e-10)


def test_expectations(case):
    """The formula, the state vector, and the engine: X on b after undoing the gates of kappa."""
    monomials, (weights, kappa) = case
    n = monomials.modes
    state = qubit_state(monomials, weights)
    for qubit in range(n):
        formula = stabiliser_expectation(monomials, weights, qubit, kappa)
        image = apply_stabiliser(monomials, state, qubit, kappa)
        assert np.vdot(state, image) == pytest.approx(complex(formula), abs=1e-12)
        gates = (
            tuple(FixedGate("H", (q,)) for q in range(n))
            + diagonal_layer(monomials, weights, 1)
            + diagonal_layer(monomials, kappa, -1)
        )
        observable = PauliSum(((1.0, PauliString.on(n, {qubit: "X"})),))
        value = Statevector(Problem(Circuit(n, 0, gates), observable)).value(np.zeros((1, 0)))
        assert value[0] == pytest.approx(float(formula), abs=1e-10)


def test_stabilisers(case):
    monomials, weights = case
    state = qubit_state(monomials, weights)
    vectors = np.random.default_rng(1).normal(size=(2, 2**monomials.modes))
    for qubit in range(monomials.modes):
        np.testing.assert_allclose(
            apply_stabiliser(monomials, state, qubit, weights), state, atol=1e-12
        )
        twice = apply_stabiliser(
            monomials, apply_stabiliser(monomials, vectors, qubit, weights), qubit, weights
        )
        np.testing.assert_allclose(twice, vectors, atol=1e-12)
    first, second = (
        apply_stabiliser(monomials, apply_stabiliser(monomials, vectors, a, weights), b, weights)
        for a, b in ((0, 1), (1, 0))
    )
    np.testing.assert_allclose(first, second, atol=1e-12)


def test_measurement(case):
    monomials, (weights, kappa) = case
    rng = np.random.default_rng(3)
    state = np.tile(qubit_state(monomials, weights), (4000, 1))
    outcome, after = measure_stabiliser(monomials, state, 0, kappa, rng)
    mean = float(stabiliser_expectation(monomials, weights, 0, kappa))
    assert abs(outcome.mean() - mean) < 4 / np.sqrt(4000)
    again, _ = measure_stabiliser(monomials, after, 0, kappa, rng)
    np.testing.assert_array_equal(again, outcome)


def test_too_many_qubits():
    with pytest.raises(ValueError, match="up to 24"):
        phases_of_bits(Monomials(25, 1), np.zeros(25))
