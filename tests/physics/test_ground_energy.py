"""Lowest eigenvalues against published numbers, free fermions and dense matrices."""

import numpy as np
import pytest

from trainscape.physics.ground_energy import ground_energy
from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliSum

SUMS = {
    "global_z": global_z,
    "heisenberg": heisenberg,
    "biased_heisenberg": biased_heisenberg,
    "tfim": lambda qubits: transverse_field_ising(qubits, 1.0, 2.0),
    "random_pauli": lambda qubits: PauliSum(((1.0, random_pauli(qubits, rng(qubits))),)),
}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("pauli_sum", "known"),
    [
        (transverse_field_ising(12, 1.0, 2.0), -25.525138),
        (heisenberg(12), -20.568363),
        (biased_heisenberg(8), -1.568046),
        (biased_heisenberg(12), -1.589230),
        (global_z(15), -1.0),
    ],
    ids=["ising", "heisenberg", "biased-8", "biased-12", "z"],
)
def test_lowest_eigenvalues_are_the_published_ones(pauli_sum, known):
    assert ground_energy(pauli_sum, rng()) == pytest.approx(known, abs=5.1e-7)


@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_lowest_eigenvalue_of_the_ising_ring_by_free_fermions(n):
    """E0 = -sum_k sqrt(J^2 + h^2 - 2 J h cos k), k = (2 j + 1) pi / n, in the even sector.

    That sector holds the ground state for h > J > 0.
    """
    momenta = (2 * np.arange(n) + 1) * np.pi / n
    expected = -np.sqrt(1 + 4 - 4 * np.cos(momenta)).sum()
    assert ground_energy(transverse_field_ising(n, 1.0, 2.0), rng()) == pytest.approx(
        expected, abs=1e-9
    )


@pytest.mark.parametrize("name", SUMS)
def test_lowest_eigenvalue_against_the_dense_matrix(name):
    """Five qubits are diagonalised densely, seven by Lanczos.

    Both matrices are built from masks, and the check from Kronecker products.
    """
    for n in (5, 7):
        pauli_sum = SUMS[name](n)
        assert ground_energy(pauli_sum, rng()) == pytest.approx(
            np.linalg.eigvalsh(pauli_sum.matrix())[0], abs=1e-9
        )
