"""Pruning by null vectors of the quantum Fisher information, against ranks known otherwise."""

import numpy as np
import pytest
from scipy.linalg import eigh

from pruning.models import ising
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.fisher_pruning import (
    StateDerivatives,
    first_independent,
    fisher_pruned,
    tangents,
)
from trainscape.pruning.layers import dense_layer
from trainscape.pruning.result import block_gates
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.curvature import stacked_qfim_rank


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def without(circuit: Circuit) -> StateDerivatives:
    """Derivatives of a circuit without some of its gates: a rotation by zero is none."""
    z = PauliString.on(circuit.num_qubits, {0: "Z"})
    engine = Statevector(Problem(circuit, PauliSum(((1.0, z),))))

    def derivatives(kept, angles):
        theta = np.zeros((1, circuit.num_parameters))
        theta[0, list(kept)] = angles
        return engine.jacobian(theta)[0][list(kept)], engine.state(theta)[0]

    return derivatives


def layered(n: int, depth: int, axes: np.ndarray, entangler: str) -> Circuit:
    """The layered circuit of arXiv:2102.01659: rotations about random axes, and a chain."""
    # Y by pi/4 before: the square root of a Hadamard gate, on |0>. Its parameter is the last.
    gates: list[Gate] = [PauliRotation("Y", (q,), depth * n) for q in range(n)]
    chain = [(q, q + 1) for q in [*range(0, n - 1, 2), *range(1, n - 1, 2)]]
    for layer in range(depth):
        gates += [PauliRotation("XYZ"[axes[layer, q]], (q,), layer * n + q) for q in range(n)]
        gates += [FixedGate(entangler, pair) for pair in chain]
    return Circuit(n, depth * n + 1, tuple(gates))


def turned(circuit: Circuit) -> StateDerivatives:
    """Derivatives of the layered circuit, its first rotations at pi/4."""
    z = PauliString.on(circuit.num_qubits, {0: "Z"})
    engine = Statevector(Problem(circuit, PauliSum(((1.0, z),))))

    def derivatives(kept, angles):
        theta = np.zeros((1, circuit.num_parameters))
        theta[0, list(kept)] = angles
        theta[0, -1] = np.pi / 4
        return engine.jacobian(theta)[0][list(kept)], engine.state(theta)[0]

    return derivatives


def test_the_layered_circuit_of_the_paper():
    """Their example of four qubits, depth 3: energy of Z0 Z1 and mean gradient."""
    angles = np.array(
        [
            [1.48304, 2.17723, 1.9648, 0.0496955],
            [3.07004, 1.32555, 5.98107, 6.28259],
            [1.58124, 6.19941, 3.49189, 2.74643],
        ]
    )
    axes = np.array([3, 2, 2, 2, 3, 2, 3, 1, 3, 2, 2, 1]).reshape(3, 4) - 1
    circuit = layered(4, 3, axes, "CX")
    pair = PauliSum(((1.0, PauliString.on(4, {0: "Z", 1: "Z"})),))
    theta = np.append(angles.ravel(), np.pi / 4)[None]
    energy, gradient = Statevector(Problem(circuit, pair)).value_and_gradient(theta)
    # The angles are known to 5e-6; twelve of them move a mean of slopes below 1 by no more.
    assert energy[0] == pytest.approx(-0.290501, abs=5e-6)
    assert gradient[0, :-1].mean() == pytest.approx(0.112244, abs=5e-6)


def test_64_parameters_become_30():
    """Four qubits, depth 16: all directions of a state of 16 amplitudes, 2^(n+1) - 2."""
    circuit = layered(4, 16, rng(1).integers(0, 3, (16, 4)), "CZ")
    found = fisher_pruned(turned(circuit), 64, rng())
    assert len(found.kept) == 30
    assert sorted(sum(found.removed, found.kept)) == list(range(64))
    derivatives, state = turned(circuit)(found.kept, rng(8).uniform(-3, 3, 30))
    assert stacked_qfim_rank(derivatives[:, None], state[None]).rank == 30


def by_null_vectors(gram: np.ndarray) -> list[int]:
    """The algorithm as the paper has it: the last parameter with a part in a null vector goes."""
    kept = list(range(len(gram)))
    while True:
        values, vectors = eigh(gram[np.ix_(kept, kept)])
        null = vectors[:, values < 1e-12]
        if not null.shape[1]:
            return kept
        kept.pop(np.flatnonzero((null**2).sum(axis=1) > 1e-12)[-1])


@pytest.mark.parametrize("seed", range(4))
def test_independent_tangents_are_what_null_vectors_leave(seed):
    circuit = layered(3, 8, rng(seed).integers(0, 3, (8, 3)), "CZ")
    derivatives, state = turned(circuit)(tuple(range(24)), rng(seed).uniform(-3, 3, 24))
    rows = tangents(derivatives, state)
    assert first_independent(rows, 1e-8) == by_null_vectors(rows @ rows.T)


def deep(n: int, periodic: bool, layers: int, **options: str) -> Circuit:
    blocks = prune(ising(n, periodic), dense_layer(n), **options).layer
    gates: list[Gate] = [FixedGate("H", (qubit,)) for qubit in range(n)]
    for parameter in range(layers * len(blocks)):
        gates += block_gates(blocks[parameter % len(blocks)], parameter)
    return Circuit(n, layers * len(blocks), tuple(gates))


@pytest.mark.parametrize(
    ("n", "periodic", "mode", "rank"),
    [
        # Free fermions from plus: pairs of modes, n (n - 1), on ring and chain.
        (3, True, "free", 6),
        (4, True, "free", 12),
        (4, False, "free", 12),
        # Tied ring: a spin for each of n/2 momenta, two angles each. Tied chain: a Grassmannian.
        (4, True, "orbits", 4),
        (6, True, "orbits", 6),
        (4, False, "kinds", 8),
    ],
)
def test_ising_models_keep_the_rank_of_their_orbit(n, periodic, mode, rank):
    circuit = deep(n, periodic, 2 + 2 * rank // n, mode=mode)
    assert circuit.num_parameters > rank
    found = fisher_pruned(without(circuit), circuit.num_parameters, rng())
    derivatives, state = without(circuit)(found.kept, rng(9).uniform(-3, 3, len(found.kept)))
    assert stacked_qfim_rank(derivatives[:, None], state[None]).rank == len(found.kept) == rank


def test_gates_that_repeat_each_other_and_such_that_do_nothing_go():
    """X does nothing to plus; two rotations about Z with nothing in between are one."""
    gates = (FixedGate("H", (0,)), *(PauliRotation(p, (0,), k) for k, p in enumerate("XZZYX")))
    found = fisher_pruned(without(Circuit(1, 5, gates)), 5, rng())
    assert found.kept == (1, 3)
    assert found.removed == ((0, 2, 4),)


def test_a_second_round_removes_what_the_first_made_useless():
    """The third parameter repeats the first, but only once the second one has no gate."""
    calls = []

    def derivatives(kept, angles):
        calls.append(kept)
        rows = np.eye(4, dtype=complex)[1:]
        if len(kept) == 3:
            rows = np.stack([rows[0], rows[0], rows[1]])
        elif len(kept) == 2:
            rows = np.stack([rows[0], 2 * rows[0]])
        return rows[: len(kept)], np.eye(4, dtype=complex)[0]

    found = fisher_pruned(derivatives, 3, rng())
    assert found.kept == (0,)
    assert found.removed == ((1,), (2,))
    assert calls == [(0, 1, 2), (0, 2), (0,)]


def test_a_start_state_that_nothing_moves():
    gates = (FixedGate("H", (0,)), PauliRotation("X", (0,), 0))
    with pytest.raises(ValueError, match="no parameter changes the state"):
        fisher_pruned(without(Circuit(1, 1, gates)), 1, rng())
