"""One latent number for many weights: what it keeps, and when it fails."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.bit_packing import (
    MANTISSA,
    adjacent_queries,
    class_sizes,
    kept_bits,
    needed_bits,
    packed,
    packed_violations,
    uniform_violation,
    unpacked,
)
from trainscape.physics.hypergraph.one_edge import best_violation


@pytest.mark.parametrize(("edges", "level_bits"), [(3, 17), (6, 8), (1, 52), (4, 13)])
def test_weights_come_back_as_long_as_the_float_has_bits(edges, level_bits):
    levels = np.random.default_rng(1).integers(2**level_bits, size=(200, edges))
    latent = packed(levels, level_bits)
    np.testing.assert_array_equal(unpacked(latent, edges, level_bits), levels)


def test_a_53rd_bit_does_not_fit():
    """Behind a leading 1 a 64-bit float has 52 bits: the reason for `MANTISSA`."""
    assert 1 + 2.0**-MANTISSA != 1
    assert 1 + 2.0 ** -(MANTISSA + 1) == 1


@pytest.mark.parametrize("latent_bits", [0, 1, 5, 7, 11])
def test_leading_bits_are_kept(latent_bits):
    levels = np.random.default_rng(2).integers(16, size=(200, 3))
    latent = packed(levels, 4, latent_bits)
    assert len(np.unique(latent)) <= 2**latent_bits
    kept = kept_bits(3, 4, latent_bits)
    assert kept.sum() == min(latent_bits, 12)
    mask = 15 & ~((1 << (4 - kept)) - 1)
    np.testing.assert_array_equal(unpacked(latent, 3, 4, latent_bits), levels & mask)


@pytest.mark.parametrize("edges", [3, 6])
def test_no_violation_exactly_from_the_bound_on(edges):
    bound = needed_bits(edges, 4)
    rng = np.random.default_rng(3)
    for latent_bits in range(4 * edges + 1):
        violated = packed_violations(rng, edges, 4, latent_bits, 400)
        assert bool(violated.any()) is (latent_bits < bound)
        large = class_sizes(edges, 4, latent_bits) > 2
        np.testing.assert_array_equal(violated.any(axis=0), large)


def test_one_edge_reaches_the_optimum():
    for latent_bits in range(5):
        exact = best_violation(16, 2**latent_bits)
        assert uniform_violation(1, 4, latent_bits) == pytest.approx(exact)


def test_queries_are_neighbours():
    rng = np.random.default_rng(4)
    stored = rng.integers(8, size=500)
    queries = adjacent_queries(rng, stored, 8)
    assert (queries == stored[:, None]).any(axis=1).all()
    np.testing.assert_array_equal(np.ptp(queries, axis=1), 2)
    assert queries.min() >= 0
    assert queries.max() < 8


def test_more_bits_than_a_float_has():
    with pytest.raises(ValueError, match="0 to 52 bits"):
        kept_bits(3, 20, 53)
