"""The two sectors of the reflection of a chain inside one irrep."""

import numpy as np
import pytest

from trainscape.physics.reflection import reflection_sectors
from trainscape.physics.temperley_lieb import (
    full_space_generators,
    krylov_dimension,
    path_generators,
)


@pytest.mark.parametrize(
    ("sites", "lines", "site_dim"),
    [(6, 2, 3), (7, 1, 2), (8, 0, 4), (8, 4, 3), (5, 5, 3), (9, 3, 2)],
)
def test_the_reflection_exchanges_the_generators(sites, lines, site_dim):
    generators = path_generators(sites, lines, site_dim)
    sectors = reflection_sectors(generators, np.random.default_rng(1))
    assert sum(sector.shape[1] for sector in sectors) == krylov_dimension(sites, lines)
    reflection = sum((-1) ** index * sector @ sector.T for index, sector in enumerate(sectors))
    for first, last in zip(generators, generators[::-1], strict=True):
        np.testing.assert_allclose(
            reflection @ first.toarray() @ reflection, last.toarray(), atol=1e-9
        )


def test_reflection_sectors_are_those_of_the_reflection_of_the_sites():
    # On the full space the reflection permutes the sites. It acts on the irrep and on its three
    # copies, with the same signs on the copies for every level.
    generators = full_space_generators(4, 2)
    swap = np.eye(16).reshape(2, 2, 2, 2, 16).transpose(3, 2, 1, 0, 4).reshape(16, 16)
    levels, vectors = np.linalg.eigh(sum(e.toarray() for e in generators) + 0.01 * swap)
    parity = np.round(np.diag(vectors.T @ swap @ vectors))
    inside = path_generators(4, 2, 2)
    signs = []
    for sector in reflection_sectors(inside, np.random.default_rng(2)):
        energies = np.linalg.eigvalsh(sector.T @ sum(e.toarray() for e in inside) @ sector)
        copies = [parity[np.abs(levels - 0.01 * parity - energy) < 1e-9] for energy in energies]
        assert {len(copy) for copy in copies} == {3}
        signs.append({copy.sum() for copy in copies})
    assert signs in ([{1.0}, {-1.0}], [{-1.0}, {1.0}])


def test_a_stream_that_mixes_the_sectors_is_refused(monkeypatch):
    # One pair of generators alone has degenerate levels, whose eigenvectors have no parity.
    class Flat:
        def uniform(self, low, high):
            return self.weights.pop()

    rng = Flat()
    generators = path_generators(6, 2, 3)
    rng.weights = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="draw again with another rng"):
        reflection_sectors(generators, rng)
