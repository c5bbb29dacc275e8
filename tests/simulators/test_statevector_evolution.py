"""Inputs, projectors and long evolutions of the state-vector engine at large sizes."""

import math

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
import scipy.special

from simulators.problems import random_state
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState, ProductState, state_vector
from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.statevector.evolution_kernels import (
    TOLERANCE,
    bessel_functions,
    chebyshev_degree,
)


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, (samples, parameters))


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, 1e-3, 0.5, 2.0, 37.2, 400.0])
def test_coefficients_are_bessel_functions_and_the_rest_is_negligible(x):
    values = bessel_functions(x)
    np.testing.assert_allclose(
        values, scipy.special.jv(np.arange(len(values)), x), rtol=0, atol=1e-14
    )
    dropped = 2 * np.abs(scipy.special.jv(np.arange(len(values), len(values) + 100), x)).sum()
    assert dropped <= TOLERANCE
    # The bound is not wasteful: the coefficients matter up to the argument, and fall off steeply
    # beyond it.
    assert len(values) - 1 == chebyshev_degree(x) <= x + 12 * x ** (1 / 3) + 16


def sparse(hamiltonian, qubits, n):
    """Return a generator on the whole register, by Kronecker products."""
    total = scipy.sparse.csr_matrix((2**n, 2**n), dtype=complex)
    for weight, string in hamiltonian.terms:
        letters = dict(zip(qubits, string.label, strict=True))
        term = scipy.sparse.identity(1)
        for qubit in range(n):
            term = scipy.sparse.kron(term, PAULI_MATRICES[letters.get(qubit, "I")], format="csr")
        total += weight * term
    return total


@pytest.mark.parametrize("time", [1e-8, 0.3, -2.5, 11.0])
@pytest.mark.parametrize("n", [5, 9])
def test_evolution_equals_expm_multiply(n, time):
    """Strings that flip bits of one or both halves of the index, with any number of Y.

    Their signs are on the same and on other bits.
    """
    qubits = tuple(np.random.default_rng(n).permutation(n))
    words = ["XX", "YY", "YZ", "ZZ", "IY", "XZ"]
    terms = [
        (
            0.2 + 0.1 * k,
            words[k % 6][:1] + "I" * (k % (n - 1)) + words[k % 6][1:] + "I" * (n - 2 - k % (n - 1)),
        )
        for k in range(9)
    ]
    terms += [(-0.4, "Y" * 3 + "Z" * (n - 4) + "X"), (0.3, "Z" * n), (0.15, "Y" * n)]
    hamiltonian = PauliSum.of(terms)
    start = random_state(n, 5)
    problem = Problem(
        Circuit(n, 1, (Evolution(hamiltonian, qubits, 0, 0.5),)), PauliSum.parse("X" * n), (start,)
    )
    expected = scipy.sparse.linalg.expm_multiply(
        -0.5j * time * sparse(hamiltonian, qubits, n), start.amplitudes
    )
    state = Statevector(problem).state(np.array([[time]]))[0]
    np.testing.assert_allclose(state, expected, rtol=0, atol=2e-13)


def test_evolution_keeps_its_energy_and_its_norm():
    n = 9
    bonds = [(1.0, PauliString.on(n, {q: "Z", q + 1: "Z"})) for q in range(n - 1)]
    hamiltonian = PauliSum.of(
        [
            *bonds,
            *((0.8, PauliString.on(n, {q: "X"})) for q in range(n)),
            (0.3, PauliString.on(n, {0: "Y"})),
        ]
    )
    gates = [PauliRotation("Y", (q,), q) for q in range(n)]
    theta = angles(1, n + 1)
    theta[0, n] = 40.0
    before = Statevector(Problem(Circuit(n, n + 1, tuple(gates)), hamiltonian)).value(theta)
    engine = Statevector(
        Problem(
            Circuit(n, n + 1, (*gates, Evolution(hamiltonian, tuple(range(n)), n))), hamiltonian
        )
    )
    value, gradient = engine.value_and_gradient(theta)
    np.testing.assert_allclose(value, before, rtol=0, atol=1e-11)
    assert gradient[0, n] == pytest.approx(0, abs=1e-11)
    assert np.linalg.norm(engine.state(theta)) == pytest.approx(1, abs=1e-13)


def test_no_work_vectors_without_evolutions():
    problem = Problem(hardware_efficient(6, 1, "ring"), PauliSum.parse("ZIIIII"))
    assert Statevector(problem)._main.scratch.vectors.size == 0


def test_inputs_are_restricted_to_the_cone_and_averaged():
    n = 12
    inputs = (
        *(ProductState.of_angles(angles(1, n, k)[0], angles(1, n, k + 9)[0]) for k in range(2)),
        BasisState("01" * 6),
    )
    observable = PauliSum.of([(1.0, PauliString.on(n, {4: "Z", 5: "X"}))])
    circuit = hardware_efficient(n, 2, "ring")
    theta = angles(2, circuit.num_parameters)
    reduced = Statevector(Problem(circuit, observable, inputs))
    whole = Statevector(Problem(circuit, observable, inputs), reduce=False)
    assert reduced.program.num_qubits < n
    np.testing.assert_allclose(reduced.value(theta), whole.value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(reduced.gradient(theta), whole.gradient(theta), rtol=0, atol=1e-13)
    singles = [Statevector(Problem(circuit, observable, (state,))) for state in inputs]
    np.testing.assert_allclose(
        reduced.value(theta),
        np.mean([one.value(theta) for one in singles], axis=0),
        rtol=0,
        atol=1e-13,
    )
    np.testing.assert_allclose(
        reduced.hessian(theta),
        np.mean([one.hessian(theta) for one in singles], axis=0),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize("qubits", [(3,), (8, 0, 4), tuple(range(9))])
def test_projector_on_a_vector_equals_the_overlap(qubits):
    n, vector = 9, random_state(len(qubits), 3)
    circuit = hardware_efficient(n, 2, "ring")
    engine = Statevector(Problem(circuit, Projector(n, vector, qubits, -0.7)))
    theta = angles(1, circuit.num_parameters)
    psi = engine.state(theta)[0].reshape((2,) * n)
    overlap = np.tensordot(
        vector.amplitudes.conj().reshape((2,) * len(qubits)), psi, axes=(range(len(qubits)), qubits)
    )
    value, gradient = engine.value_and_gradient(theta)
    assert value[0] == pytest.approx(-0.7 * np.linalg.norm(overlap) ** 2, abs=1e-14)
    step = 1e-5 * angles(1, circuit.num_parameters, 1)
    slope = (engine.value(theta + step) - engine.value(theta - step))[0] / 2
    assert gradient[0] @ step[0] == pytest.approx(slope, abs=1e-12)


def test_projector_on_zeros_is_the_return_probability():
    """A circuit and its mirror image: with equal angles it returns to the start."""
    n = 10
    forward = hardware_efficient(n, 1, "open").gates
    backward = [
        PauliRotation(gate.pauli, gate.qubits, gate.parameter + 2 * n, -1.0)
        if isinstance(gate, PauliRotation)
        else gate
        for gate in reversed(forward)
    ]
    start = BasisState("0110010111")
    engine = Statevector(
        Problem(Circuit(n, 4 * n, (*forward, *backward)), Projector(n, start, weight=2.0), (start,))
    )
    half = angles(1, 2 * n)
    value, gradient = engine.value_and_gradient(np.hstack([half, half]))
    assert value[0] == pytest.approx(2, abs=1e-13)
    np.testing.assert_allclose(gradient, 0, rtol=0, atol=1e-13)
    # To second order the loss falls by the quantum Fisher information of one half.
    other = Statevector(Problem(Circuit(n, 2 * n, forward), PauliSum.parse("Z" * n), (start,)))
    np.testing.assert_allclose(
        engine.hessian(np.hstack([half, half]))[0, : 2 * n, : 2 * n],
        -other.quantum_fisher(half)[0],
        rtol=0,
        atol=1e-12,
    )
    # At angles zero the circuit is a product of CZ gates, which leaves basis states where they are.
    np.testing.assert_allclose(
        np.abs(other.state(0 * half)[0]), np.abs(state_vector(start)), rtol=0, atol=1e-15
    )


@pytest.mark.slow  # compiles the kernels of threads
def test_threads_change_no_bit():
    n = 20
    gates = (
        *hardware_efficient(n, 1, "ring").gates,
        FixedGate("H", (0,)),
        PauliRotation("XZY", (0, 10, 19), 2 * n),
        PauliRotation("ZZ", (0, 19), 2 * n),
        *(PauliRotation("X", (q,), q) for q in range(n)),
    )
    observable = PauliSum.of(
        [(1.0, PauliString.on(n, {4: "Z", 5: "X"})), (0.5, PauliString.on(n, {0: "Z"}))]
    )
    inputs = (BasisState("0" * n), BasisState("01" * 10))
    problem = Problem(Circuit(n, 2 * n + 1, gates), observable, inputs)
    theta = angles(1, 2 * n + 1)
    value, gradient = Statevector(problem, reduce=False).value_and_gradient(theta)
    shared = Statevector(problem, reduce=False, threads=3)
    np.testing.assert_array_equal(shared.value(theta), value)
    again = shared.value_and_gradient(theta)
    np.testing.assert_array_equal(again[0], value)
    np.testing.assert_array_equal(again[1], gradient)
    step = 1e-4
    for parameter in (0, n, 2 * n):
        shift = step * np.eye(2 * n + 1)[parameter]
        slope = (shared.value(theta + shift) - shared.value(theta - shift))[0] / (2 * step)
        assert gradient[0, parameter] == pytest.approx(slope, abs=1e-7)


def test_no_threads_are_refused():
    with pytest.raises(ValueError, match="given 0 threads"):
        Statevector(Problem(hardware_efficient(2, 1, "open"), PauliSum.parse("ZI")), threads=0)
