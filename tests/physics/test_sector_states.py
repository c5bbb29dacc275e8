"""States of sectors, and superpositions over copies and over Krylov states."""

import numpy as np
import pytest

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.sector_states import (
    basis_states,
    copy_superpositions,
    decomposition,
    join,
    krylov_superpositions,
    unit_vectors,
)
from trainscape.physics.temperley_lieb import full_space_generators


@pytest.fixture(scope="module")
def sectors():
    return decompose(full_space_generators(4, 2), np.random.default_rng(0)).sectors


@pytest.fixture(scope="module")
def bases(sectors):
    return [sector.basis for sector in sectors]


def labels_of(bases):
    return [(k, q) for k, basis in enumerate(bases) for q in range(basis.shape[1])]


def test_all_basis_states_are_an_orthonormal_basis(bases):
    states = basis_states(bases, labels_of(bases))
    assert states.vectors.shape == (16, 16)
    np.testing.assert_allclose(states.vectors.conj().T @ states.vectors, np.eye(16), atol=1e-12)


def test_two_copies_are_the_first_and_the_last(bases):
    largest = max(range(len(bases)), key=lambda k: bases[k].shape[2])
    states = basis_states(bases, [(largest, 0)], copies=2)
    np.testing.assert_array_equal(states.vectors, bases[largest][:, 0, [0, -1]])


def test_superpositions_stay_where_they_belong(bases):
    rng = np.random.default_rng(1)
    copies = copy_superpositions(bases, labels_of(bases), 3, rng)
    mixed = krylov_superpositions(bases, 3, rng)
    everything = join([copies, mixed])
    np.testing.assert_allclose(np.linalg.norm(everything.vectors, axis=0), 1, atol=1e-12)
    for vector, sector, krylov in zip(
        everything.vectors.T, everything.sector, everything.krylov, strict=True
    ):
        amplitudes = np.einsum("iqp,i->qp", bases[sector].conj(), vector)
        inside = amplitudes[krylov] if krylov >= 0 else amplitudes
        assert np.linalg.norm(inside) == pytest.approx(1)
    assert (mixed.krylov == -1).all()


def test_unit_vectors_have_no_preferred_direction():
    vectors = unit_vectors(np.random.default_rng(2), (4000, 3))
    np.testing.assert_allclose((np.abs(vectors) ** 2).mean(axis=0), 1 / 3, atol=0.02)


def test_a_decomposition_made_of_its_bases_has_the_same_sectors(sectors, bases):
    made = decomposition(bases, [sector.generators for sector in sectors])
    assert [(s.dimension, s.multiplicity) for s in made.sectors] == [
        (s.dimension, s.multiplicity) for s in sectors
    ]
    assert made.commutant_dimension == sum(s.multiplicity**2 for s in sectors)
    for one, other in zip(made.sectors, bases, strict=True):
        np.testing.assert_array_equal(one.basis, other)
