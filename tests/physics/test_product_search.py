"""Search of product states against the connected components on the full space."""

from math import comb

import numpy as np
import pytest

from trainscape.physics.bond_algebra import product_components
from trainscape.physics.dimer_states import dimer_digits
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.product_search import search_products


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("t_jz_fields", 5),
        ("temperley_lieb_d3", 4),
        ("pair_flip_3", 5),
        ("pxp", 5),
        ("dipole_34", 5),
    ],
)
def test_it_finds_the_component_and_its_matrices(name, sites):
    model = FAMILIES[name](sites)
    rows = max(product_components(model.generators()), key=len)
    digits = model.digits()
    found = search_products(model.terms, model.site_dim, digits[rows[-1]])
    places = model.site_dim ** np.arange(sites - 1, -1, -1)
    index = np.array(found.states) @ places
    assert set(index.tolist()) == set(rows.tolist())
    for small, large in zip(found.generators, model.generators(), strict=True):
        np.testing.assert_allclose(
            small.toarray(), large.toarray()[np.ix_(index, index)], atol=1e-14
        )


def test_a_pair_beside_frozen_sites_moves_through_few_states():
    # The pair has any of three colours at L - 1 places, and those next to a site of its colour on
    # either side coincide: 2 L - 1 states.
    found = search_products(FAMILIES["temperley_lieb_d3"](14).terms, 3, dimer_digits(14, 1))
    assert len(found.states) == 27


def test_it_needs_no_full_space():
    # 3^24 states, 2024 of which are reached: three spins on 24 sites.
    start = (1, 2, 1) + (0,) * 21
    terms = FAMILIES["t_jz_fields"](24).terms
    assert len(search_products(terms, 3, start).states) == comb(24, 3)
