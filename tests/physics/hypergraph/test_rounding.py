"""Violations after rounding: known numbers, state vectors, and means over random weights."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from trainscape.physics.hypergraph.rounding import (
    leading_violation,
    least_bits,
    qudit_violation,
    qudit_violations,
    real_bits,
    rounded_violation,
    rounding_errors,
)


@pytest.mark.parametrize(
    ("modes", "known"),
    [
        (4, [0.2260, 0.0711, 0.0189, 0.0048, 0.0012, 0.0003]),
        (8, [0.3771, 0.1504, 0.0430, 0.0111, 0.0028, 0.0007]),
    ],
)
def test_known_violations(modes, known):
    found = [rounded_violation(modes, 2, bits) for bits in range(1, 7)]
    assert found == pytest.approx(known, abs=5e-5)


@pytest.mark.parametrize(("modes", "order"), [(3, 2), (5, 3), (6, 4)])
def test_the_formula_is_a_mean_over_bit_strings(modes, order):
    sinc = np.sin(np.pi / 8) / (np.pi / 8)
    means = [
        sinc
        ** sum(all(bits[m] for m in edge) for edge in combinations(range(modes - 1), order - 1))
        for bits in product((0, 1), repeat=modes - 1)
    ]
    assert rounded_violation(modes, order, 3) == pytest.approx((1 - np.mean(means)) / 2, rel=1e-12)
    assert rounded_violation(modes, order, 12) == pytest.approx(
        leading_violation(modes, order, 12), rel=1e-4
    )


def test_rounding_errors():
    rng = np.random.default_rng(1)
    fractions = rng.uniform(-0.5, 0.5, 50_000)
    errors = rounding_errors(fractions, 3)
    assert np.abs(errors).max() <= np.pi / 8
    assert errors.var() == pytest.approx((np.pi / 8) ** 2 / 3, rel=0.02)
    kept = 2 * np.pi * fractions - errors
    assert np.allclose(kept / (np.pi / 4), np.round(kept / (np.pi / 4)), atol=1e-9)
    assert rounding_errors(0.25, 2) == 0


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_violations_against_state_vectors(levels):
    """The whole state, with the check as a projection on the uniform superposition of mode 0."""
    modes, order = 4, 3
    edges = [edge for edge in combinations(range(modes), order) if 0 in edge]
    errors = np.random.default_rng(2).uniform(-1, 1, len(edges))
    grid = np.indices((levels,) * modes)
    phase = sum(
        error * grid[list(edge)].prod(axis=0) for error, edge in zip(errors, edges, strict=True)
    )
    state = np.exp(1j * phase) / levels ** (modes / 2)
    kept = state.sum(axis=0) / np.sqrt(levels)
    expected = 1 - (np.abs(kept) ** 2).sum()
    found = qudit_violations(errors[None], modes, order, levels)
    assert found[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("modes", "order", "levels"), [(4, 2, 2), (5, 3, 2), (3, 2, 4), (4, 3, 3), (3, 2, 8)]
)
def test_mean_violations_of_random_weights(modes, order, levels):
    rng = np.random.default_rng(3)
    edges = comb(modes - 1, order - 1)
    errors = rounding_errors(rng.uniform(-0.5, 0.5, (8000, edges)), 2)
    found = qudit_violations(errors, modes, order, levels)
    law = qudit_violation(modes, order, levels, 2)
    assert found.mean() == pytest.approx(law, abs=4 * found.std() / np.sqrt(len(found)))
    if levels == 2:
        assert law == pytest.approx(rounded_violation(modes, order, 2), rel=1e-12)


def test_bits_for_a_violation():
    assert least_bits(4, 2, 0.01) == 4
    assert least_bits(8, 2, 0.01) == 5
    for modes, order in ((4, 2), (8, 3), (40, 2)):
        bits = real_bits(modes, order, 0.01)
        assert rounded_violation(modes, order, bits) == pytest.approx(0.01, rel=1e-9)
        assert least_bits(modes, order, 0.01) == int(np.ceil(bits))
    # Half the logarithm of the number of edges.
    growth = real_bits(129, 2, 0.01) - real_bits(33, 2, 0.01)
    assert growth == pytest.approx(0.5 * np.log2(128 / 32), abs=0.01)


def test_what_is_refused():
    with pytest.raises(ValueError, match="no number of bits leaves"):
        real_bits(4, 2, 0.9)
    with pytest.raises(ValueError, match="no number of bits up to 60"):
        least_bits(4, 2, 0.0)
