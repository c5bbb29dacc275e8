"""Diagram calculus against the relations of the algebra and known counts."""

from math import comb

import numpy as np
import pytest

from trainscape.physics import temperley_lieb
from trainscape.physics.temperley_lieb_diagrams import (
    algebra_diagrams,
    dimer_link_state,
    link_states,
    module_generators,
)


@pytest.mark.parametrize("sites", [2, 3, 4, 5, 6, 7])
def test_the_algebra_has_a_catalan_number_of_diagrams(sites):
    assert algebra_diagrams(sites) == comb(2 * sites, sites) // (sites + 1)


@pytest.mark.parametrize(("sites", "arcs"), [(6, 3), (6, 2), (7, 3), (9, 1)])
def test_link_states_are_as_many_as_the_krylov_dimension(sites, arcs):
    found = link_states(dimer_link_state(sites, arcs), sites)
    assert len(found) == temperley_lieb.krylov_dimension(sites, sites - 2 * arcs)


@pytest.mark.parametrize("arcs", [0, 1, 2])
def test_generators_obey_the_relations(arcs):
    e, _, _ = module_generators(dimer_link_state(5, arcs), 3)
    for j in range(4):
        np.testing.assert_allclose(e[j] @ e[j], 3 * e[j], atol=1e-12)
        for k in range(4):
            product = e[j] @ e[k] @ e[j] if abs(j - k) == 1 else e[j] @ e[k]
            np.testing.assert_allclose(
                product, e[j] if abs(j - k) == 1 else e[k] @ e[j], atol=1e-12
            )
