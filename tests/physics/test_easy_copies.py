"""Sectors found from what a product state reaches, against representation theory."""

import numpy as np
import pytest

from trainscape.physics.dimer_states import dimer_digits, dimer_path_state
from trainscape.physics.easy_copies import easy_copy
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.temperley_lieb import path_generators


@pytest.mark.parametrize(("sites", "arcs"), [(4, 0), (4, 2), (7, 1), (40, 1)])
def test_the_copy_is_that_of_the_path_basis(sites, arcs):
    """Expectation values of words in the state do not depend on the basis."""
    model = FAMILIES["temperley_lieb_d3"](sites)
    rng = np.random.default_rng(1)
    copy = easy_copy(model, dimer_digits(sites, arcs), range(0, 2 * arcs, 2), rng)
    exact = [h.toarray() for h in path_generators(sites, sites - 2 * arcs, 3)]
    assert copy.generators[0].shape == exact[0].shape
    weights = rng.standard_normal(sites - 1)
    state = dimer_path_state(sites, arcs)
    found, known = (np.tensordot(weights, np.array(h), axes=1) for h in (copy.generators, exact))
    np.testing.assert_allclose(np.linalg.eigvalsh(found), np.linalg.eigvalsh(known), atol=1e-10)
    for power in (1, 2, 5):
        moment = np.sum(copy.parts * (np.linalg.matrix_power(found, power) @ copy.parts))
        expected = state @ np.linalg.matrix_power(known, power) @ state
        assert moment == pytest.approx(expected, rel=1e-9)


def test_a_state_in_several_sectors_has_no_label():
    model = FAMILIES["temperley_lieb_d3"](4)
    with pytest.raises(ValueError, match="lies in several sectors"):
        easy_copy(model, (0, 0, 1, 2), [], np.random.default_rng(1))
