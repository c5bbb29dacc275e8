"""The greedy search over Clifford points."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.qaoa import qaoa
from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.dense import Dense
from trainscape.training.clifford_search import search_clifford_point

SUMS = {
    "global_z": global_z,
    "heisenberg": heisenberg,
    "biased_heisenberg": biased_heisenberg,
    "tfim": lambda qubits: transverse_field_ising(qubits, 1.0, 2.0),
    "random_pauli": lambda qubits: PauliSum(((1.0, random_pauli(qubits, rng(qubits))),)),
}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", SUMS)
def test_search_returns_a_clifford_point_with_its_loss(name):
    problem = Problem(mhea(4, 2), SUMS[name](4))
    found = search_clifford_point(problem, rng(1))
    assert found.loss == pytest.approx(Dense(problem).value(found.angles[None])[0], abs=1e-10)
    np.testing.assert_array_equal(found.angles, np.round(found.angles * 2 / np.pi) * np.pi / 2)
    assert found.loss <= Dense(problem).value(np.zeros((1, 24)))[0] + 1e-12
    assert found.evaluations == 1 + 3 * 3 * 24


def test_search_finds_the_minimum_of_one_string():
    found = search_clifford_point(Problem(mhea(6, 3), global_z(6)), rng(2))
    assert found.loss == -1


def test_search_refuses_other_rotations():
    with pytest.raises(ValueError, match="one-qubit rotations"):
        search_clifford_point(Problem(qaoa(3, [(0, 1), (1, 2)], 1), global_z(3)), rng())
