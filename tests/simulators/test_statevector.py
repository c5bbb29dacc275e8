"""The state-vector engine: the light cone, the size limit, and circuits of many qubits."""

import math

import numpy as np
import pytest

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.compiler import compile_program
from trainscape.simulators.statevector.engine import Statevector


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, (samples, parameters))


def test_cone_equals_whole_register():
    observable = PauliSum.of(
        [(1.0, PauliString.on(12, {4: "Z", 5: "Z"})), (-0.5, PauliString.on(12, {6: "X"}))]
    )
    problem = Problem(hardware_efficient(12, 2, "ring"), observable)
    theta = angles(3, problem.circuit.num_parameters)
    reduced, whole = Statevector(problem), Statevector(problem, reduce=False)
    assert reduced.program.num_qubits < whole.program.num_qubits == 12
    np.testing.assert_allclose(reduced.value(theta), whole.value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(reduced.gradient(theta), whole.gradient(theta), rtol=0, atol=1e-13)
    outside = np.setdiff1d(np.arange(problem.circuit.num_parameters), reduced.cone.parameters)
    assert len(outside) > 0
    np.testing.assert_array_equal(reduced.gradient(theta)[:, outside], 0.0)


@pytest.mark.parametrize("pauli", ["X", "Y", "Z"])
def test_every_stride_at_eight_qubits(pauli):
    """Rotations of every qubit, on both sides of the lengths at which the kernels change."""
    n = 8
    gates = [FixedGate("H", (q,)) for q in range(n)] + [
        PauliRotation("Y", (q,), n + q) for q in range(n)
    ]
    gates += [FixedGate("CZ", (q, q + 1)) for q in range(n - 1)] + [
        PauliRotation(pauli, (q,), q) for q in range(n)
    ]
    gates += [FixedGate("CX", (q, (q + 4) % n)) for q in range(n)]
    problem = Problem(
        Circuit(n, 2 * n, tuple(gates)),
        PauliSum.parse("XIIIIIII + ZZIIIIIX + 0.3*IYIIIIIY - IIIXIYII"),
    )
    theta = angles(1, 2 * n)
    value, gradient = Statevector(problem, reduce=False).value_and_gradient(theta)
    dense = Dense(problem)
    np.testing.assert_allclose(value, dense.value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradient, dense.gradient(theta), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [13, 20])
def test_translated_observable_on_a_ring_with_translated_parameters(n):
    """An exact symmetry at large sizes. From 20 qubits on the state is divided into shares."""
    layers = 3
    circuit = hardware_efficient(n, layers, "ring")
    theta = angles(1, circuit.num_parameters).reshape(1, layers, 2, n)
    here = Statevector(
        Problem(circuit, PauliSum(((1.0, PauliString.on(n, {2: "Z", 3: "X"})),))), reduce=False
    )
    there = Statevector(
        Problem(circuit, PauliSum(((1.0, PauliString.on(n, {7: "Z", 8: "X"})),))), reduce=False
    )
    shifted = np.roll(theta, 5, axis=3)
    assert here.value(theta.reshape(1, -1))[0] == pytest.approx(
        there.value(shifted.reshape(1, -1))[0], abs=1e-13
    )
    gradient = here.gradient(theta.reshape(1, -1)).reshape(1, layers, 2, n)
    np.testing.assert_allclose(
        np.roll(gradient, 5, axis=3).reshape(1, -1),
        there.gradient(shifted.reshape(1, -1)),
        rtol=0,
        atol=1e-13,
    )


@pytest.mark.parametrize("n", [3, 6, 8])
def test_strings_across_the_lanes_of_a_vector(n):
    """Rotations about random strings, and an observable of them, on low and high bits alike."""
    rng = np.random.default_rng(n)
    strings = ["".join(letters) for letters in rng.choice(list("IXYZ"), (12, n))]
    words = [PauliString(string) for string in strings if set(string) - {"I"}]
    gates = [FixedGate("H", (q,)) for q in range(n)]
    for k, word in enumerate(words):
        letters = "".join(word.label[q] for q in word.support)
        gates += [PauliRotation(letters, tuple(word.support), k), FixedGate("S", (k % n,))]
    observable = PauliSum.of([(0.5 + k, word) for k, word in enumerate(words[::2])])
    problem = Problem(Circuit(n, len(words), tuple(gates)), observable)
    theta = angles(1, len(words))
    value, gradient = Statevector(problem, reduce=False).value_and_gradient(theta)
    dense = Dense(problem)
    np.testing.assert_allclose(value, dense.value(theta), rtol=0, atol=1e-12)
    np.testing.assert_allclose(gradient, dense.gradient(theta), rtol=0, atol=1e-12)


def test_consecutive_diagonal_gates_are_one_sweep():
    program = compile_program(Problem(hardware_efficient(6, 3, "ring"), PauliSum.parse("ZZIIII")))
    assert len(program.layers) == len(program.diagonals) == 3
    assert len(program.sweeps) == 3 * 2
    assert len(program.flip_low) == 2


def test_too_many_qubits_are_refused_with_the_way_out():
    problem = Problem(
        hardware_efficient(40, 21, "ring"), PauliSum(((1.0, PauliString.on(40, {0: "Z"})),))
    )
    reason = Statevector.supports(problem, Quantity.VALUE)
    assert "light cone has 40 qubits" in reason
    assert "tensornet" in reason
    with pytest.raises(ValueError, match="light cone has 40 qubits"):
        Statevector(problem)


def test_a_wide_register_with_a_small_cone_is_supported():
    problem = Problem(
        hardware_efficient(64, 2, "ring"), PauliSum(((1.0, PauliString.on(64, {10: "Z"})),))
    )
    assert Statevector.supports(problem, Quantity.GRADIENT) is None
    assert Statevector.cost(problem, Quantity.GRADIENT, 1).bytes < 2**20


def test_dense_hessian_equals_differences_of_gradients():
    """The Hessian of the reference engine, which other engines will be compared with."""
    gates = (
        PauliRotation("Y", (0,), 0),
        PauliRotation("XY", (1, 0), 1, 1.5),
        FixedGate("H", (1,)),
        PauliRotation("Z", (1,), 0, -0.5),
    )
    problem = Problem(Circuit(2, 2, gates), PauliSum.parse("ZX + 0.5*XI"))
    dense, theta, step = Dense(problem), np.array([[0.4, -1.1]]), 1e-5
    numeric = np.stack(
        [
            (dense.gradient(theta + step * e) - dense.gradient(theta - step * e))[0] / (2 * step)
            for e in np.eye(2)
        ]
    )
    np.testing.assert_allclose(dense.hessian(theta)[0], numeric, rtol=0, atol=1e-8)
    slope = np.stack(
        [
            (dense.state(theta + step * e) - dense.state(theta - step * e))[0] / (2 * step)
            for e in np.eye(2)
        ]
    )
    np.testing.assert_allclose(dense.jacobian(theta)[0], slope, rtol=0, atol=1e-8)


def test_dense_refuses_large_circuits():
    problem = Problem(hardware_efficient(11, 1, "open"), PauliSum.parse("Z" * 11))
    assert "statevector" in Dense.supports(problem, Quantity.VALUE)
    with pytest.raises(ValueError, match="11"):
        Dense(problem)
