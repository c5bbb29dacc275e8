"""What a training set reaches, against ranks of the states that the algebra itself generates from
it."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.coverage import count_gap, coverage, coverage_of_labels
from trainscape.physics.temperley_lieb import commutant_dimension, full_space_generators, irreps

SITES, SITE_DIM = 4, 2


@pytest.fixture(scope="module")
def found():
    return decompose(full_space_generators(SITES, SITE_DIM), np.random.default_rng(3))


def states_of(found, labels, rng):
    """One random superposition of the copies of each Krylov state."""
    columns = []
    for position, q in labels:
        basis = found.sectors[position].basis[:, q, :]
        weights = rng.normal(size=basis.shape[1]) + 1j * rng.normal(size=basis.shape[1])
        columns.append(basis @ (weights / np.linalg.norm(weights)))
    return np.stack(columns, axis=1)


def all_labels(sectors):
    return [(position, q) for position, (n, _) in enumerate(sectors) for q in range(n)]


def commutant_basis(found):
    """The matrix units of the commutant: 1 on a Krylov space, |p><p'| on its copies."""
    for sector in found.sectors:
        for p in range(sector.multiplicity):
            for other in range(sector.multiplicity):
                yield sector.basis[:, :, p] @ sector.basis[:, :, other].conj().T


@given(chosen=st.sets(st.integers(0, 5), min_size=1), seed=st.integers(0, 2**16))
def test_complete_iff_the_commutant_carries_the_states_to_the_whole_space(found, chosen, seed):
    labels = [
        all_labels([(s.dimension, s.multiplicity) for s in found.sectors])[k]
        for k in sorted(chosen)
    ]
    states = states_of(found, labels, np.random.default_rng(seed))
    covered = coverage(found, states)
    # What training fixes is the action on everything that the commutant makes of the states.
    reached = np.concatenate([unit @ states for unit in commutant_basis(found)], axis=1)
    rank = np.linalg.matrix_rank(reached, tol=1e-9)
    assert rank == sum(sector.rank * sector.multiplicity for sector in covered.sectors)
    assert covered.complete == (rank == SITE_DIM**SITES)
    by_labels = coverage_of_labels([(s.dimension, s.multiplicity) for s in found.sectors], labels)
    assert by_labels == covered
    assert set(covered.missing) == set(
        all_labels([(s.dimension, s.multiplicity) for s in found.sectors])
    ) - set(labels)
    assert len(covered.messages) == sum(
        sector.rank < sector.dimension for sector in covered.sectors
    )


def test_random_states_count_by_their_rank_and_not_by_labels(found):
    rng = np.random.default_rng(0)
    one = scipy.linalg.orth(rng.normal(size=(16, 1)))
    # A random state has a Krylov matrix of rank min(N, N') in every sector: 2 x 1, 3 x 3, 1 x 5.
    covered = coverage(found, one)
    assert [(s.dimension, s.multiplicity, s.rank) for s in covered.sectors] == [
        (2, 1, 1),
        (3, 3, 3),
        (1, 5, 1),
    ]
    assert covered.missing == ()
    (message,) = covered.messages
    assert message.startswith(
        "sector 0 (Krylov dimension 2, 1 copies) is trained on 1 of 2 directions: every basis "
        "state q has some weight"
    )
    assert message.endswith("add 1 independent state(s)")
    assert coverage(found, np.linalg.qr(rng.normal(size=(16, 2)))[0]).complete


def test_messages_name_what_is_missing():
    covered = coverage_of_labels([(2, 1), (3, 8), (1, 55)], [(0, 0), (0, 1), (1, 2)])
    assert not covered.complete
    assert covered.missing == ((1, 0), (1, 1), (2, 0))
    partial, absent = covered.messages
    assert "sector 1 (Krylov dimension 3, 8 copies) is trained on 1 of 3 directions" in partial
    assert "q = 0, 1" in partial
    assert "sector 2 (Krylov dimension 1, 55 copies) has no training state" in absent


@pytest.mark.parametrize(("sites", "site_dim"), [(4, 2), (4, 3), (5, 3), (6, 4), (12, 3)])
def test_one_missing_sector_shows_in_the_two_sums(sites, site_dim):
    sectors = [(irrep.dimension, irrep.multiplicity) for irrep in irreps(sites, site_dim)]
    space, commutant = site_dim**sites, commutant_dimension(sites, site_dim)
    assert count_gap(sectors, space, commutant).complete
    for position, sector in enumerate(sectors):
        gap = count_gap(sectors[:position] + sectors[position + 1 :], space, commutant)
        assert gap.candidate == sector
        assert f"Krylov dimension {sector[0]} and {sector[1]} copies" in gap.message
    if len(sectors) > 2:
        two = count_gap(sectors[2:], space, commutant)
        assert two.dimension == sum(n * copies for n, copies in sectors[:2])
        assert two.commutant == sum(copies**2 for _, copies in sectors[:2])


def test_two_missing_sectors_are_not_taken_for_one():
    # d = 3, L = 4: (2, 1), (3, 8), (1, 55). Without the first two 26 dimensions and 65 of the
    # commutant are left, and 65 is no square.
    gap = count_gap([(1, 55)], 81, 3090)
    assert (gap.dimension, gap.commutant, gap.candidate) == (26, 65, None)
    assert gap.message.endswith("at least two sectors are missing")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda found: coverage(found, np.eye(8)), "with 16 rows"),
        (lambda found: coverage(found, 2 * np.eye(16)), "state 0 is not normalised"),
        (
            lambda _: coverage_of_labels([(2, 1)], [(0, 2)]),
            r"no Krylov state \(lambda, q\) = \(0, 2\)",
        ),
        (lambda _: count_gap([(2, 1), (3, 8), (1, 55), (1, 55)], 81, 3090), "given once"),
        (lambda _: count_gap([(2, 1), (3, 8)], 26, 3090), "do not fit"),
    ],
)
def test_errors_say_what_to_do(found, call, message):
    with pytest.raises(ValueError, match=message):
        call(found)
