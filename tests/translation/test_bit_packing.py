"""Bits of many levels in one number."""

import numpy as np
import pytest

from trainscape.translation.bit_packing import interleaved, separated


@pytest.mark.parametrize(("count", "bits"), [(1, 53), (3, 17), (6, 8), (10, 5)])
def test_levels_come_back_within_the_mantissa(count, bits):
    levels = np.random.default_rng(count).integers(2**bits, size=(200, count))
    levels[0], levels[1] = 0, 2**bits - 1
    number = interleaved(levels, bits)
    assert (number >= 0).all()
    assert (number < 1).all()
    np.testing.assert_array_equal(separated(number, bits, count), levels)


def test_bits_beyond_the_mantissa_are_lost():
    levels = np.random.default_rng(0).integers(2**20, size=(200, 3))
    read = separated(interleaved(levels, 20), 20, 3)
    assert (read != levels).any(axis=1).mean() > 0.5
    # The leading bits are there.
    np.testing.assert_array_equal(read[:, 0] >> 4, levels[:, 0] >> 4)


def test_the_first_bit_of_the_first_level_is_a_half():
    assert interleaved(np.array([[1, 0]]), 1)[0] == 0.5
    assert interleaved(np.array([[0, 1]]), 1)[0] == 0.25
