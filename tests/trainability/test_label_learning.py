"""Registers that hold labels, and orbit dimensions."""

import pytest

from trainscape.physics.temperley_lieb import irreps
from trainscape.trainability.label_learning import ancilla_dimension, orbit_rank, qfim_rank


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


def test_the_register_is_the_least_that_holds_all_labels():
    assert ancilla_dimension("lambda", [2, 3, 1]) == 4
    assert ancilla_dimension("lambda_q", [2, 3, 1]) == 8
    assert ancilla_dimension("lambda", [14, 28, 20, 7, 1]) == 8
    assert ancilla_dimension("lambda", [1, 1]) == 2
    assert ancilla_dimension("lambda_q", [1, 3]) == 4
    with pytest.raises(ValueError, match="nothing to tell apart"):
        ancilla_dimension("lambda", [5])
