"""Names and sizes of the built-in models against the models themselves."""

import pytest

from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.model_catalogue import CHAINS, LABELS, chain_lengths


def test_it_knows_every_model_and_its_least_length():
    assert set(CHAINS) == set(FAMILIES) == set(LABELS)
    for name, (site_dim, smallest) in CHAINS.items():
        assert FAMILIES[name](smallest).dimension == site_dim**smallest
        with pytest.raises(ValueError, match="sites"):
            FAMILIES[name](smallest - 1)


def test_labels_differ():
    assert len(set(LABELS.values())) == len(LABELS)


def test_lengths_go_up_to_the_dimension():
    assert chain_lengths("temperley_lieb_d3", 729) == (2, 3, 4, 5, 6)
    assert chain_lengths("temperley_lieb_d3", 728) == (2, 3, 4, 5)
    assert chain_lengths("dipole_34", 16) == (4,)
