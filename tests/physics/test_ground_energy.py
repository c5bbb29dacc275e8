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
from trainscape.physics.pauli import PauliString, PauliSum

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


def chain(n, field, tilt=0.0, *, periodic):
    bonds = range(n if periodic else n - 1)
    terms = [(-1.0, PauliString.on(n, {b: "Z", (b + 1) % n: "Z"})) for b in bonds]
    terms += [(-field, PauliString.on(n, {q: "X"})) for q in range(n)]
    return PauliSum.of(terms + [(-tilt, PauliString.on(n, {q: "Z"})) for q in range(n) if tilt])


ISING = {
    2: (None, None, None, -1.4142135624, -2.2360679775, -4.1231056256),
    3: (-3.2320508076, -4.0, -6.4641016151, -2.4032119259, -3.4939592074, -6.2497708395),
    4: (-4.2715584101, -5.2262518595, -8.5431168203, -3.4270340889, -4.7587704831, -8.3767986369),
    5: (-5.3253430671, -6.4721359550, -10.6506861341, -4.4694903440, -6.0266741833, -10.5038772977),
    6: (-6.3846945636, -7.7274066103, -12.7693891272, -5.5220295708, -7.2962298106, -12.6309642765),
    8: (-8.5090822351, -10.2516617910, -17.0181644703, -7.6405925536, -9.8379514475, -16.8851414932),
    10: (-10.6356044093, -12.7849064430, -21.2712088187, -9.7655039579, -12.3814899997, -21.1393191156),
}  # fmt: skip
"""Ring and chain with fields of 0.5, 1 and 2, by free fermions."""

TILTED = {
    False: (-2.68133064, -4.35681652, -6.05476582, -7.75637124, -9.45855246),
    True: (-5.11002140, -6.80955665, -8.51149779, -10.21373916),
}
"""Field 1, and 0.5 along Z: chains from two spins on, rings from three."""


@pytest.mark.parametrize("n", ISING)
def test_ising_models_against_free_fermions(n):
    """Momenta of the even sector of a ring; singular values of a bidiagonal matrix for a chain."""
    for place, known in enumerate(ISING[n]):
        periodic, field = place < 3, (0.5, 1.0, 2.0)[place % 3]
        momenta = (2 * np.arange(n) + 1) * np.pi / n
        exact = -np.sqrt(1 + field**2 - 2 * field * np.cos(momenta)).sum()
        if not periodic:
            exact = -np.linalg.svd(field * np.eye(n) + np.eye(n, k=1), compute_uv=False).sum()
        if known is not None:
            assert exact == pytest.approx(known, abs=1e-9)
            found = ground_energy(chain(n, field, periodic=periodic), rng())
            assert found == pytest.approx(known, abs=1e-9)


@pytest.mark.parametrize("periodic", TILTED)
def test_ising_models_in_a_tilted_field(periodic):
    for n, known in enumerate(TILTED[periodic], 3 if periodic else 2):
        found = ground_energy(chain(n, 1.0, 0.5, periodic=periodic), rng())
        assert found == pytest.approx(known, abs=1e-8)
