"""Closed forms of Krylov spaces against sequences of the literature."""

import pytest

from trainscape.physics.closed_forms import QUANTITIES, closed_forms
from trainscape.physics.fragmented_models import FAMILIES

# Sequences of the literature and of a dense calculation that shares no code with this package (null
# spaces and eigenvalue multiplicities): first length, values.
SEQUENCES = {
    ("t_jz_hopping", "krylov_sum"): (2, [3, 4, 11, 16, 42, 64]),
    ("t_jz_hopping", "algebra_dimension"): (2, [3, 10, 35, 126, 462, 1716]),
    ("t_jz_hopping", "commutant_dimension"): (2, [33, 117, 421, 1557, 5909, 22869]),
    ("t_jz_ising", "algebra_dimension"): (3, [32, 161, 842, 4495, 24320]),
    ("t_jz_fields", "algebra_dimension"): (2, [13, 63, 321, 1683, 8989]),
    ("pair_flip_3", "largest_component"): (2, [3, 5, 15, 29, 87, 181]),
    ("pair_flip_3", "krylov_sum"): (2, [4, 16, 58, 196, 634, 1996]),
    ("pair_flip_3", "algebra_dimension"): (2, [10, 76, 520, 3496, 23728, 163528]),
    ("pair_flip_3", "commutant_dimension"): (2, [37, 147, 583, 2319, 9247, 36927]),
    ("dipole_3", "components"): (3, [23, 57, 139, 337, 815, 1969, 4755, 11481]),
    ("dipole_3", "largest_component"): (3, [2, 3, 6, 10, 20, 35, 70, 126]),
    ("temperley_lieb_d3", "commutant_dimension"): (2, [65, 450, 3090, 21186, 145219]),
    ("temperley_lieb_d5", "commutant_dimension"): (2, [577, 13250, 304178]),
    ("xx", "algebra_dimension"): (3, [10, 35, 126, 462]),
    ("collective", "krylov_sum"): (2, [4, 6, 9, 12, 16, 20, 25]),
    ("collective", "commutant_dimension"): (2, [2, 5, 14, 42, 132]),
}


@pytest.mark.parametrize(("name", "quantity"), SEQUENCES)
def test_closed_forms_give_the_known_sequences(name, quantity):
    first, values = SEQUENCES[name, quantity]
    assert [closed_forms(name, first + k)[quantity] for k in range(len(values))] == values


@pytest.mark.parametrize("name", FAMILIES)
def test_closed_forms_name_only_known_quantities(name):
    assert set(closed_forms(name, 5)) <= set(QUANTITIES)
