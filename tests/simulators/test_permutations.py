"""CX gates in the state-vector engine: runs of them are one permutation of the amplitudes."""

import math

import numpy as np
import pytest

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.compiler import compile_program
from trainscape.simulators.statevector.engine import Statevector


def random_cx(n, count, seed):
    rng = np.random.default_rng(seed)
    return [FixedGate("CX", tuple(int(q) for q in rng.permutation(n)[:2])) for _ in range(count)]


def with_cz(gates):
    """The same gates, each CX written as H CZ H."""
    for gate in gates:
        if isinstance(gate, FixedGate) and gate.name == "CX":
            hadamard = FixedGate("H", gate.qubits[1:])
            yield from (hadamard, FixedGate("CZ", gate.qubits), hadamard)
        else:
            yield gate


def layered(n, layers, seed):
    """Rotations about two axes of each qubit, random CX gates, and a ZZ across the register."""
    gates, parameter = [], 0
    for layer in range(layers):
        for axis in "YX":
            for q in range(n):
                gates.append(PauliRotation(axis, (q,), parameter))
                parameter += 1
        gates += random_cx(n, n, seed + layer)
        gates.append(PauliRotation("ZZ", (0, n - 1), parameter))
        parameter += 1
        gates += random_cx(n, n // 2, seed + 100 + layer)
    observable = PauliSum.of(
        [
            (1.0, PauliString.on(n, {0: "Z", n - 1: "X"})),
            (0.7, PauliString.on(n, {n // 2: "Y", 1: "Y"})),
            (-0.4, PauliString.on(n, {2: "Z"})),
        ]
    )
    return Problem(Circuit(n, parameter, tuple(gates)), observable)


def same_with_cz(problem):
    circuit = problem.circuit
    gates = tuple(with_cz(circuit.gates))
    return Problem(Circuit(circuit.num_qubits, circuit.num_parameters, gates), problem.observable)


def angles(problem, samples, seed=0):
    shape = samples, problem.circuit.num_parameters
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, shape)


@pytest.mark.parametrize("n", [2, 4, 7, 11])
def test_basis_states_move_as_bits_do(n):
    gates = random_cx(n, 3 * n, seed=n)
    rng = np.random.default_rng(n)
    for bits in rng.integers(0, 2, (4, n)):
        flips = [FixedGate("X", (int(q),)) for q in np.flatnonzero(bits)]
        problem = Problem(Circuit(n, 0, (*flips, *gates)), PauliSum.parse("Z" * n))
        state = Statevector(problem, reduce=False).state(np.zeros((1, 0)))[0]
        for gate in gates:
            control, target = gate.qubits
            bits[target] ^= bits[control]
        expected = np.zeros(2**n)
        expected[int("".join(map(str, bits)), 2)] = 1.0
        np.testing.assert_allclose(np.abs(state), expected, atol=1e-15)


def test_a_run_of_cx_is_one_permutation_and_equal_runs_share_their_table():
    ring = [FixedGate("CX", (q, (q + 1) % 6)) for q in range(6)]
    layer = [PauliRotation("Y", (q,), q) for q in range(6)]
    problem = Problem(Circuit(6, 6, tuple([*layer, *ring] * 3)), PauliSum.parse("ZIIIII"))
    program = compile_program(problem)
    assert len(program.layers) == 3
    assert len(program.permutations) == 1


@pytest.mark.parametrize("n", [3, 6, 10, 13])
def test_gradients_equal_those_with_cz(n):
    problem = layered(n, 3, seed=n)
    theta = angles(problem, 2)
    values, gradients = Statevector(problem, reduce=False).value_and_gradient(theta)
    other = Statevector(same_with_cz(problem), reduce=False)
    expected_values, expected = other.value_and_gradient(theta)
    np.testing.assert_allclose(values, expected_values, rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradients, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("n", [4, 8])
def test_curvature_and_tangents_equal_those_with_cz(n):
    problem = layered(n, 2, seed=n)
    theta = angles(problem, 1)
    engine, other = (Statevector(one, reduce=False) for one in (problem, same_with_cz(problem)))
    for quantity in ("jacobian", "quantum_fisher", "hessian"):
        found, expected = (getattr(one, quantity)(theta) for one in (engine, other))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    direction = np.random.default_rng(1).normal(size=theta.shape)
    np.testing.assert_allclose(
        engine.hessian_vector_product(theta, direction),
        other.hessian_vector_product(theta, direction),
        rtol=0,
        atol=1e-11,
    )


def test_beside_an_evolution():
    hamiltonian = PauliSum.parse("XX + YY + 0.3*ZI")
    gates = (
        *(PauliRotation("Y", (q,), q) for q in range(5)),
        Evolution(hamiltonian, (0, 3), 5),
        *random_cx(5, 6, seed=2),
        Evolution(hamiltonian, (4, 1), 6),
        *random_cx(5, 6, seed=3),
    )
    problem = Problem(Circuit(5, 7, gates), PauliSum.parse("ZIZII + XIIIX"))
    theta = angles(problem, 2)
    for quantity in ("value", "gradient", "jacobian", "hessian"):
        found, expected = (
            getattr(Statevector(one, reduce=False), quantity)(theta)
            for one in (problem, same_with_cz(problem))
        )
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


@pytest.mark.slow
def test_threads_give_the_same_bits():
    problem = layered(20, 1, seed=1)
    theta = angles(problem, 1)
    one, two = (
        Statevector(problem, reduce=False, threads=threads).value_and_gradient(theta)
        for threads in (1, 2)
    )
    for found, expected in zip(two, one, strict=True):
        np.testing.assert_array_equal(found, expected)
