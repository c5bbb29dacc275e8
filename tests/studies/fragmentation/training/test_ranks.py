"""Orbit dimensions."""

import pytest

from trainscape.physics.temperley_lieb import irreps
from trainscape.studies.fragmentation.ranks import orbit_rank, qfim_rank


@pytest.mark.parametrize(
    ("sites", "ancilla", "label", "rank", "qfim"),
    [
        (2, 2, "lambda", 4, 4),
        (3, 2, "lambda", 10, 12),
        (4, 4, "lambda", 84, 92),
        (4, 8, "lambda_q", 188, 204),
        (5, 4, "lambda", 252, None),
        (6, 4, "lambda", 792, None),
    ],
)
def test_orbit_ranks_have_their_tabulated_values(sites, ancilla, label, rank, qfim):
    dimensions = [irrep.dimension for irrep in irreps(sites, 3)]
    assert orbit_rank(dimensions, ancilla, label) == rank
    assert qfim is None or qfim_rank(dimensions, ancilla) == qfim
