"""Second moments beyond the Lie algebra, against sampling and against published gradients."""

from math import comb

import numpy as np
import pytest
from scipy.linalg import expm

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.commutator_graph import commutator_graph

PUBLISHED = {
    4: (0.0467, 0.0495, 0.0559, 0.0614, 0.0574, 0.0553, 0.0553, 0.0591, 0.0570, 0.0563, 0.0589, 0.0610),
    6: (0.0324, 0.0269, 0.0219, 0.0195, 0.0184, 0.0174, 0.0168, 0.0175, 0.0167, 0.0159, 0.0170, 0.0150),
}  # fmt: skip
"""Variances of the first derivative on bricks of XX, YY and XY, from the data set behind
arXiv:2309.05690: for each number of qubits those of 2, 4, .., 24 layers."""

PUBLISHED_RING = {4: 6.169e-2, 6: 1.576e-2, 8: 3.81e-3, 10: 9.69e-4}
"""The same of 24 layers of XY and YZ on a ring."""

FIRST_DERIVATIVES = [
    0.00173832478796999,
    0.0570055083115824,
    -0.245438260019108,
    -0.198881547511425,
    0.146659709836194,
]
"""Of the first five samples on four qubits and two layers."""


def bricks(n: int) -> list[int]:
    return [*range(0, n - 1, 2), *range(1, n - 1, 2)]


def brick_circuit(
    n: int, layers: int, kinds: tuple[str, ...] = ("XX", "YY", "XY"), periodic: bool = False
) -> tuple[Problem, np.ndarray]:
    """The published circuits and angles: 1000 samples of ``rand(1000, L, kinds, bonds) * pi``."""
    order = [*range(0, n, 2), *range(1, n, 2)] if periodic else bricks(n)
    shape = (1000, layers, len(kinds), len(order))
    angles = np.random.RandomState(1233).rand(*shape) * np.pi
    gates, columns = [], []
    for layer in range(layers):
        for place, bond in enumerate(order):
            for kind, pauli in enumerate(kinds):
                gates.append(PauliRotation(pauli, (bond, (bond + 1) % n), len(gates)))
                columns.append(angles[:, layer, kind, place])
    observable = PauliSum(((1.0, PauliString.on(n, {0: "Z", 1: "Z"})),))
    circuit = Circuit(n, len(gates), tuple(gates))
    return Problem(circuit, observable), np.stack(columns, axis=1)


@pytest.mark.parametrize("layers", range(2, 26, 2))
@pytest.mark.parametrize("n", PUBLISHED)
def test_published_gradients(n, layers):
    problem, theta = brick_circuit(n, layers)
    first = Statevector(problem).gradient(theta)[:, 0]
    assert round(float(first.var()), 4) == PUBLISHED[n][layers // 2 - 1]


@pytest.mark.parametrize("n", [4, 6, *(pytest.param(n, marks=pytest.mark.slow) for n in (8, 10))])
def test_published_gradients_of_a_ring(n):
    """They fall as 2^-n: commutators give 1/64 on six qubits, and 8/135 on the smallest ring."""
    problem, theta = brick_circuit(n, 24, ("XY", "YZ"), periodic=True)
    first = Statevector(problem).gradient(theta)[:, 0]
    assert float(first.var()) == pytest.approx(PUBLISHED_RING[n], rel=2e-3)
    if n > 6:
        return
    strings = [PauliString.on(n, {b: p, (b + 1) % n: q}) for b in range(n) for p, q in ("XY", "YZ")]
    state = np.eye(2**n, dtype=complex)[0]
    found = commutator_graph(strings).first_gate_moment(strings[0], problem.observable, state) / 4
    assert found == pytest.approx({4: 8 / 135, 6: 1 / 64}[n], rel=1e-9)
    error = (first**2).std() / np.sqrt(len(first))
    assert float(first.var()) == pytest.approx(found, abs=4 * error)


def test_first_published_samples():
    """The first derivatives of four qubits and two layers, from matrices alone."""
    problem, theta = brick_circuit(4, 2)
    found = Statevector(problem).gradient(theta[:5])[:, 0]
    observable = problem.observable.matrix()
    for row, value in zip(theta[:5], found, strict=True):
        losses = []
        for shift in (np.pi / 2, -np.pi / 2):
            state = np.zeros(16, dtype=complex)
            state[0] = 1
            for gate in problem.circuit.gates:
                string = PauliString.on(4, dict(zip(gate.qubits, gate.pauli, strict=True)))
                angle = row[gate.parameter] + (shift if gate.parameter == 0 else 0)
                state = expm(-0.5j * angle * string.matrix()) @ state
            losses.append(np.vdot(state, observable @ state).real)
        assert value == pytest.approx((losses[0] - losses[1]) / 2, abs=1e-12)
    assert found == pytest.approx(FIRST_DERIVATIVES, abs=1e-14)


@pytest.mark.parametrize("n", [4, 5, 6])
def test_the_observable_lies_outside_of_free_fermions(n):
    """Z0 Z1 is of fourth order in Majorana operators: 2 (n - 2) / C(2n, 4)."""
    strings = [
        PauliString.on(n, {b: p, b + 1: q}) for b in range(n - 1) for p, q in ("XX", "YY", "XY")
    ]
    graph = commutator_graph(strings)
    state = np.zeros(2**n, dtype=complex)
    state[0] = 1
    observable = PauliSum(((1.0, PauliString.on(n, {0: "Z", 1: "Z"})),))
    found = graph.first_gate_moment(strings[0], observable, state) / 4
    assert found == pytest.approx(2 * (n - 2) / comb(2 * n, 4), rel=1e-12)


@pytest.mark.parametrize(
    "labels",
    [
        ("XXI", "IXX", "ZII", "IZI", "IIZ"),
        ("XXI", "YYI", "ZZI", "IXX", "IYY", "IZZ"),
        ("XII", "ZII", "IXX"),
        ("ZZI", "IZZ", "XII", "IXI", "IIX"),
        ("XXX", "ZZI"),
    ],
)
def test_moments_are_those_of_random_circuits(labels):
    """Gates deep inside and at the start, for observables inside and outside of the algebra."""
    rng = np.random.default_rng(4)
    strings = [PauliString(label) for label in labels]
    graph = commutator_graph(strings)
    observable = PauliSum.parse("0.7*ZZI + 0.4*IXI - 0.9*XYZ + 0.5*YIY")
    state = np.zeros(8, dtype=complex)
    state[0] = 1
    depth = 45
    gates = []
    for _ in range(depth):
        for string in strings:
            letters = "".join(string.label[q] for q in string.support)
            gates.append(PauliRotation(letters, string.support, len(gates)))
    problem = Problem(Circuit(3, len(gates), tuple(gates)), observable)
    theta = rng.uniform(-np.pi, np.pi, (1000, len(gates)))
    squares = Statevector(problem).gradient(theta) ** 2
    per_layer = squares.reshape(1000, depth, len(strings))
    for place, string in enumerate(strings):
        deep = per_layer[:, depth // 3 : 2 * depth // 3, place]
        error = 5 * deep.mean(axis=1).std() / np.sqrt(1000)
        expected = graph.gradient_moment(string, observable, state) / 4
        assert deep.mean() == pytest.approx(expected, abs=error + 1e-12)
    first = per_layer[:, 0, 0]
    expected = graph.first_gate_moment(strings[0], observable, state) / 4
    assert first.mean() == pytest.approx(expected, abs=5 * first.std() / np.sqrt(1000) + 1e-12)


def test_large_registers_are_refused():
    with pytest.raises(ValueError, match="4\\^n"):
        commutator_graph([PauliString("X" * 9)])
