"""Where Pauli walks are reweighted."""

from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.walk_reweighting import expected_flips


def test_walks_are_reweighted_only_where_a_path_stands_out():
    d = 544
    assert expected_flips(LAWS["D^-1/2"].patch(d), d, 16) == 1.0
    assert expected_flips(LAWS["D^-1/3"].patch(d), d, 16) == 1.0
    assert expected_flips(LAWS["D^-1"].patch(d), d, 2) == 1.0
    # The leading path has 3e-10 here, and scrambled walks 8e-6.
    assert expected_flips(LAWS["D^-1/5"].patch(d), d, 16) is None
    assert expected_flips(LAWS["1"].patch(d), d, 16) is None
    # At 8 qubits 0.09 against 2e-3: walks with many flips would be missed. So are they for a loss,
    # whose leading path has a sine more.
    assert expected_flips(LAWS["D^-1/3"].patch(144), 144, 8) is None
    assert expected_flips(LAWS["D^-1/3"].patch(d), d, 16, leading_sines=1) is None
