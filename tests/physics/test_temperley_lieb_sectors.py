"""Sectors of the chain, found on the full space and from the path basis."""

import numpy as np
import pytest

from trainscape.physics import temperley_lieb_sectors
from trainscape.physics.bond_algebra import DecompositionError
from trainscape.physics.temperley_lieb_sectors import found_sectors, path_sectors


@pytest.mark.parametrize(("sites", "site_dim"), [(4, 2), (3, 3), (4, 3)])
def test_both_ways_give_equivalent_generators(sites, site_dim):
    found = found_sectors(sites, site_dim, np.random.default_rng(0))
    known = path_sectors(sites, site_dim)
    weights = np.random.default_rng(1).normal(size=sites - 1)
    for sector, generators in zip(found, known, strict=True):
        assert sector.generators.shape == generators.shape
        ours, theirs = (
            np.linalg.eigvalsh(np.tensordot(weights, matrices, axes=1))
            for matrices in (sector.generators, generators)
        )
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_top_sectors_are_the_last_ones():
    for top, known in zip(path_sectors(6, 3, 2), path_sectors(6, 3)[-2:], strict=True):
        np.testing.assert_array_equal(top, known)


def test_sectors_that_disagree_with_the_exact_ones_are_refused(monkeypatch):
    exact = temperley_lieb_sectors.irreps(4, 3)
    wrong = (*exact[:-1], type(exact[-1])(4, 2, 55))
    monkeypatch.setattr(temperley_lieb_sectors, "irreps", lambda sites, site_dim: wrong)
    with pytest.raises(
        DecompositionError, match=r"sites=4, site_dim=3 are .*but the exact ones are"
    ):
        found_sectors(4, 3, np.random.default_rng(0))
