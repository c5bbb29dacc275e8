"""Families of coefficients, and the Hamiltonians that they make."""

import numpy as np
import pytest

from trainscape.physics.bond_coefficients import Couplings, chain_hamiltonian, draw_coefficients
from trainscape.physics.temperley_lieb import full_space_generators, irreps, path_generators


def test_families_of_coefficients():
    rng = np.random.default_rng(0)
    u, none = draw_coefficients(rng, 20000, Couplings.U01)
    assert none is None
    assert 0 <= u.min() < 0.01 < 0.99 < u.max() <= 1
    one, neighbours = draw_coefficients(rng, 6, Couplings.J2)
    np.testing.assert_array_equal(one, 1)
    np.testing.assert_array_equal(neighbours, np.full(5, -0.5))
    waves = np.array([draw_coefficients(rng, 40, Couplings.QUASIPERIODIC)[0] for _ in range(2000)])
    assert 0.5 <= waves.min() < 0.51 < 1.49 < waves.max() <= 1.5
    # Neighbours differ by the phase 2 pi (sqrt(5) - 1) / 2, averaged over the random one.
    correlation = ((waves[:, 1:] - 1) * (waves[:, :-1] - 1)).mean() / (waves - 1).var()
    assert correlation == pytest.approx(np.cos(np.pi * (np.sqrt(5) - 1)), abs=0.03)


def test_the_hamiltonian_with_anticommutators_has_the_levels_of_its_sectors():
    coefficients, neighbours = draw_coefficients(np.random.default_rng(0), 3, Couplings.J2)
    full = chain_hamiltonian(coefficients, neighbours, full_space_generators(4, 3))
    levels = [
        np.tile(
            np.linalg.eigvalsh(
                chain_hamiltonian(
                    coefficients, neighbours, path_generators(4, irrep.through_lines, 3)
                )
            ),
            irrep.multiplicity,
        )
        for irrep in irreps(4, 3)
    ]
    np.testing.assert_allclose(
        np.linalg.eigvalsh(full), np.sort(np.concatenate(levels)), atol=1e-12
    )


def test_for_qubits_the_chain_with_anticommutators_is_a_uniform_ring():
    sites = 6
    chain = chain_hamiltonian(
        *draw_coefficients(np.random.default_rng(0), sites - 1, Couplings.J2),
        full_space_generators(sites, 2),
    )
    states = np.eye(2**sites).reshape((2,) * sites + (-1,))
    # Half the sum over neighbours on the ring of one minus the exchange.
    ring = (
        sum(states - np.swapaxes(states, j, (j + 1) % sites) for j in range(sites)).reshape(
            2**sites, -1
        )
        / 2
    )
    np.testing.assert_allclose(np.linalg.eigvalsh(chain), np.linalg.eigvalsh(ring), atol=1e-12)
