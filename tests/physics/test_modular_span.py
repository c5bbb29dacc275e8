"""Elimination modulo a prime: against whole-number arithmetic, and where rounding would start."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainscape.physics.modular_span import (
    PRIMES,
    ModularSpan,
    modular_product,
    residue,
    root_of_minus_one,
)

PRIME = PRIMES[0]


def centred(values, prime=PRIME):
    """Residues between -p/2 and p/2 of Python's whole numbers, as floating-point numbers."""
    array = np.asarray(values, dtype=object) % prime
    return np.where(array > prime // 2, array - prime, array).astype(np.float64)


def rank_by_python(rows, prime=PRIME):
    """Rank by elimination in Python's whole numbers."""
    rows = [[int(v) % prime for v in row] for row in rows]
    rank = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((k for k in range(rank, len(rows)) if rows[k][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        inverse = pow(rows[rank][column], -1, prime)
        for k in range(rank + 1, len(rows)):
            factor = rows[k][column] * inverse % prime
            rows[k] = [(a - factor * b) % prime for a, b in zip(rows[k], rows[rank], strict=True)]
        rank += 1
    return rank


@pytest.mark.parametrize("prime", PRIMES)
def test_primes(prime):
    assert all(prime % k for k in range(2, int(prime**0.5) + 1))
    assert prime % 4 == 1
    assert (root_of_minus_one(prime) ** 2 + 1) % prime == 0
    # What makes sums of 500 products exact.
    assert 500 * (prime // 2) ** 2 + prime < 2**53


def test_no_root_of_minus_one():
    with pytest.raises(ValueError, match="7 is no prime that is 1 modulo 4"):
        root_of_minus_one(7)


@given(st.fractions(max_denominator=10**6))
def test_residue_of_a_fraction(value):
    number = residue(value, PRIME)
    assert abs(number) <= PRIME // 2
    assert (number * value.denominator - value.numerator) % PRIME == 0
    assert residue(Fraction(-1, 2), PRIME) * 2 % PRIME == PRIME - 1


@pytest.mark.parametrize("length", [1, 499, 500, 501, 1700])
def test_products_of_the_largest_residues_are_exact(length):
    """All entries at the bound, where one product more in a sum would be rounded."""
    rng = np.random.default_rng(0)
    top = PRIME // 2
    left = rng.choice([top, top - 1, top - 2], (3, length))
    right = rng.choice([top, top - 1, top - 2], (length, 4))
    exact = left.astype(object) @ right.astype(object)
    product = modular_product(left.astype(float), right.astype(float), PRIME)
    assert np.array_equal(product, centred(exact))


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 90), st.integers(1, 90), st.integers(0, 60))
def test_rank_and_coordinates(seed, count, columns, rank):
    """Vectors of a space of known rank, in several portions, as large residues."""
    rng = np.random.default_rng(seed)
    left = rng.integers(-PRIME, PRIME, (count, rank)).astype(object)
    right = rng.integers(-PRIME, PRIME, (rank, columns)).astype(object)
    right[rng.random(right.shape) < 0.5] = 0
    rows = centred(left @ right) if rank else np.zeros((count, columns))
    span = ModularSpan(columns, PRIME)
    portions = np.split(rows, sorted(rng.integers(0, count + 1, 2)))
    grown = sum(span.extend(portion) for portion in portions)
    assert span.rank == grown == rank_by_python(rows)
    # Every vector is the combination of the basis that its entries at the pivots say.
    assert not span.rests(rows).any()
    assert np.array_equal(span.combinations(rows[:, span.pivots]), rows)
    assert np.array_equal(span.basis()[:, span.pivots], np.eye(span.rank))
    if span.rank < columns:
        free = np.setdiff1d(np.arange(columns), span.pivots)
        assert span.extend(np.eye(columns)[free[:1]]) == 1


def test_more_vectors_than_a_panel_holds():
    rng = np.random.default_rng(1)
    rows = centred(rng.integers(0, PRIME, (1100, 1200)))
    span = ModularSpan(1200, PRIME)
    assert span.extend(rows[:700]) == 700
    assert span.extend(rows[600:]) == 400
    assert not span.rests(rows).any()
    some = centred(rng.integers(0, PRIME, (3, 300)))
    assert np.array_equal(
        span.combinations(some, 800), modular_product(some, span.basis(800), PRIME)
    )
    assert span.extend(np.eye(1200)) == 100
    assert span.rests(np.eye(1200)).shape == (1200, 0)
