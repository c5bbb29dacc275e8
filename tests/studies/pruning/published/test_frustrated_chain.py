"""The open chain of four spins with couplings of neighbours and next neighbours (J2 = 1.25 J1)."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.result import Block, block_gates, preparing_gates
from trainscape.simulators.statevector.engine import Statevector
from trainscape.training.optimisers import LBFGS, minimise, single

N, RATIO, LETTERS = 4, 1.25, "XYZ"


def coupling(distance: int, letter: str) -> list[PauliString]:
    pairs = [(q, q + distance) for q in range(N - distance)]
    return [PauliString.on(N, dict.fromkeys(pair, letter)) for pair in pairs]


HAMILTONIAN = PauliSum.of(
    (weight, string)
    for distance, weight in ((1, 1.0), (2, RATIO))
    for letter in LETTERS
    for string in coupling(distance, letter)
)


def circuit(layers: int) -> Circuit:
    """A parameter for each letter and distance, from singlets on neighbouring spins."""
    blocks = [
        Block(tuple(PauliSum(((1.0, string),)) for string in strings), (1.0,) * len(strings))
        for letter in LETTERS
        for strings in (coupling(1, letter), coupling(2, letter))
    ]
    gates = [*preparing_gates("()()")]
    for parameter in range(layers * len(blocks)):
        gates += block_gates(blocks[parameter % len(blocks)], parameter)
    return Circuit(N, layers * len(blocks), tuple(gates))


def errors(layers: int) -> np.ndarray:
    problem = Problem(circuit(layers), HAMILTONIAN)
    engine = Statevector(problem)
    rng = np.random.default_rng(1)
    starts = rng.uniform(-np.pi, np.pi, (10, problem.circuit.num_parameters))
    runs = [minimise(single(engine.value_and_gradient), start, LBFGS(400)) for start in starts]
    return np.array([run.loss for run in runs]) - np.linalg.eigvalsh(HAMILTONIAN.matrix())[0]


def test_the_ground_energy_is_the_published_one():
    """-11/2 - sqrt(7), by the two ways to pair four spins into singlets."""
    lowest = np.linalg.eigvalsh(HAMILTONIAN.matrix())[0]
    assert lowest == pytest.approx(-8.145751311, abs=1e-9) == -5.5 - np.sqrt(7)


def test_one_layer_has_a_floor_and_two_succeed_always():
    """Shares of 0 and 1 in ten runs, as published.

    The published floor of one layer is 1.7, of a grouping of the gates that is not known; this one
    has a lower floor.
    """
    single_layer, two_layers = errors(1), errors(2)
    assert (single_layer > 0.1).all()
    assert single_layer.min() < 1.7
    assert (two_layers < 1e-4).all()
