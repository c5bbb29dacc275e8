"""Ranks of the Fisher information against published ones: gauge theory, compiling, autoencoders."""

import numpy as np
import pytest

from physics.test_sum_lie_algebra import GAUGE, lattice_gauge
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.effective_subspace import EffectiveSubspace, effective_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.curvature import stacked_qfim_rank

RANKS = {
    "g m h": {4: (8, 4), 6: (18, 7), 8: (38, 14), 10: (92, 32), 12: (234, 79)},
    "g m h h": {6: (30, 8), 8: (70, 18), 10: (166, 42)},
}
"""Saturated rank, and the least number of layers that has it, of the circuits of arXiv:2606.05719
for each number of links. On four links the second kind has the rank 14 that is published, and four
layers have it here, at sixty random points of sixty, where five are published."""

REAL = {4: 4, 6: 8, 8: 19, 10: 45}
"""Those of field and hopping, whose algebra is so(d), from a real start state: d - 1."""

CASES = [
    pytest.param(name, n, marks=pytest.mark.slow if n > 8 else ())
    for name, sizes in RANKS.items()
    for n in sizes
]


def reached(name: str, n: int) -> EffectiveSubspace:
    kinds = GAUGE[name][0]
    step = 2 if name == "g m h h" else 1
    permutations = [[(q + step) % n for q in range(n)], [-q % n for q in range(n)]]
    rng = np.random.default_rng(0)
    return effective_subspace(lattice_gauge(n, kinds), "0" * n, rng, permutations)


def rank(generators: np.ndarray, state: np.ndarray, layers: int) -> int:
    """Rank at a random point, by derivatives of the state that matrices carry along."""
    modes = [np.linalg.eigh(generator) for generator in generators]
    rows = np.zeros((0, len(state)), dtype=complex)
    rng = np.random.default_rng(1)
    for _ in range(layers):
        for generator, (values, vectors) in zip(generators, modes, strict=True):
            phases = np.exp(-1j * rng.uniform(0, 2 * np.pi) * values)
            unitary = (vectors * phases) @ vectors.conj().T
            state = unitary @ state
            rows = np.concatenate([rows @ unitary.T, -1j * (generator @ state)[None]])
    return stacked_qfim_rank(rows, state).rank


@pytest.mark.parametrize(("name", "n"), CASES)
def test_ranks_of_a_lattice_gauge_theory(name, n):
    """2 (d - 1), from the published depth on and not one layer earlier."""
    space = reached(name, n)
    expected, layers = RANKS[name][n]
    found = [
        rank(space.generators, space.state, depth) for depth in (layers - 1, layers, layers + 1)
    ]
    assert found[0] < expected
    assert found[1:] == [expected, expected]
    assert expected == 2 * (space.dimension - 1)


@pytest.mark.parametrize("n", [4, 6, 8, pytest.param(10, marks=pytest.mark.slow)])
def test_a_real_start_has_half_of_the_directions(n):
    """All zero plus all one, which the product of all Y and conjugation leave as it is.

    From all zero, which is not real in that basis, the rank is larger.
    """
    space = reached("g h", n)
    both = np.zeros(2**n)
    both[[0, -1]] = 1.0, (-1.0) ** (n // 2)
    real = space.isometry.conj().T @ both / np.sqrt(2)
    layers = space.dimension // 2 + 2
    assert rank(space.generators, real, layers) == REAL[n] == space.dimension - 1
    assert rank(space.generators, space.state, 2 * layers) > REAL[n]


def universal(n: int, pairs: int, parameters: int) -> Circuit:
    """Layers of rotations about Y and Z and of entanglers, beside untouched qubits."""
    gates: list = []
    for q in range(pairs):
        gates += [FixedGate("H", (q,)), FixedGate("CX", (q, n + q))]
    parameter = 0
    while parameter < parameters:
        for q in range(n):
            for letter in "YZ":
                gates.append(PauliRotation(letter, (q,), parameter))
                parameter += 1
        gates += [FixedGate("CZ", (q, q + 1)) for q in range(n - 1)]
    return Circuit(n + pairs, parameter, tuple(gates))


def circuit_rank(circuit: Circuit) -> int:
    observable = PauliSum.parse("Z" * circuit.num_qubits)
    engine = Statevector(Problem(circuit, observable), reduce=False)
    theta = np.random.default_rng(4).uniform(-np.pi, np.pi, (1, circuit.num_parameters))
    return stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0]).rank


@pytest.mark.parametrize(
    ("n", "expected"), [(2, 15), (3, 63), pytest.param(4, 255, marks=pytest.mark.slow)]
)
def test_compiling_has_the_rank_of_all_unitaries(n, expected):
    """On halves of Bell pairs a circuit is its unitary: 4^n - 1 (arXiv:2109.11676)."""
    assert circuit_rank(universal(n, n, int(1.5 * 4**n))) == expected


def test_a_deep_circuit_moves_a_state_in_all_directions():
    """The autoencoder of four qubits with 428 parameters there: 2^5 - 2."""
    assert circuit_rank(universal(4, 0, 428)) == 30


FREE = {
    ("0", False): {3: 11, 4: 19, 5: 29},
    ("0", True): {3: 13, 4: 25, 5: 41},
    ("+", False): {2: 2, 3: 6, 4: 12, 5: 20, 6: 30},
    ("+", True): {3: 6, 4: 12, 5: 20, 6: 30},
}


@pytest.mark.parametrize(("letter", "periodic"), FREE)
def test_an_ising_model_with_a_parameter_for_each_term(letter, periodic):
    """n (n - 1) from all plus; more from all zero, where both parities are reached."""
    for n, expected in FREE[letter, periodic].items():
        bonds = [(q, (q + 1) % n) for q in range(n if periodic else n - 1)]
        gates: list = [FixedGate("H", (q,)) for q in range(n) if letter == "+"]
        parameter = 0
        for _ in range(2 * n + 2):
            for pauli, places in (("ZZ", bonds), ("X", [(q,) for q in range(n)])):
                for qubits in places:
                    gates.append(PauliRotation(pauli, qubits, parameter))
                    parameter += 1
        assert circuit_rank(Circuit(n, parameter, tuple(gates))) == expected
