"""Strings of free fermions, and what is none."""

import pytest

from trainscape.physics.free_fermions import majorana_pair, rotations_of
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.ring_modes import RingModes


def test_refusals():
    for label in ("Y", "XX", "ZIZ", "Z"):
        with pytest.raises(ValueError, match="no product of two Majorana operators"):
            majorana_pair(PauliString(label.ljust(4, "I")))
    with pytest.raises(ValueError, match="share Majorana operators"):
        rotations_of([PauliSum.parse("XII + ZZI")])
    with pytest.raises(ValueError, match="do not come in pairs"):
        RingModes(7)
