"""The smallest invariant space: against rational arithmetic, in components, and its limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from physics.exact_reference import cyclic_dimension
from trainscape.physics.modular_closure import Arrow, ClosureLimitError, close, product_with
from trainscape.physics.modular_span import PRIMES, ModularSpan

PRIME = PRIMES[0]


def apply(matrix):
    return product_with(csr_array(np.asarray(matrix, dtype=float)), PRIME)


def closed(matrices, start, **options):
    span = ModularSpan(len(start), PRIME)
    span.extend(np.asarray(start, dtype=float)[None])
    close([span], [Arrow(0, 0, apply(matrix)) for matrix in matrices], **options)
    return span


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 3))
def test_agrees_with_fractions(seed, size, count):
    rng = np.random.default_rng(seed)
    matrices = [
        rng.integers(-2, 3, (size, size)) * (rng.random((size, size)) < 0.3) for _ in range(count)
    ]
    start = rng.integers(-1, 2, size)
    span = closed(matrices, start)
    assert span.rank == (cyclic_dimension(matrices, start) if start.any() else 0)


@pytest.mark.parametrize("size", [40, 300])
def test_a_long_chain(size):
    """A shift reaches one new vector at each step, and many blocks of combinations."""
    assert closed([np.eye(size, k=-1)], np.eye(size)[0]).rank == size
    assert closed([np.eye(size, k=-1)], np.eye(size)[10]).rank == size - 10


@pytest.mark.parametrize("size", [17, 100, 700])
def test_many_directions_at_once(size):
    """All that waits at an arrow has an image of its own: none may be left, in blocks that grow."""
    matrix = np.random.default_rng(0).permutation(np.eye(size))
    spans = [ModularSpan(size, PRIME), ModularSpan(size, PRIME)]
    spans[0].extend(np.eye(size))
    close(spans, [Arrow(0, 1, apply(matrix))])
    assert [span.rank for span in spans] == [size, size]


def test_few_directions_among_many_images():
    rng = np.random.default_rng(0)
    matrix = rng.integers(-3, 4, (30, 12)) @ rng.integers(-3, 4, (12, 300))
    spans = [ModularSpan(300, PRIME), ModularSpan(30, PRIME)]
    spans[0].extend(np.eye(300))
    close(spans, [Arrow(0, 1, apply(matrix))])
    assert spans[1].rank == 12


def test_components():
    """A cycle through three components of different sizes, as against the sum of them."""
    rng = np.random.default_rng(3)
    sizes = [5, 7, 4]
    steps = [
        rng.integers(-2, 3, (sizes[(k + 1) % 3], sizes[k])) * (rng.random() < 2) for k in range(3)
    ]
    steps[2][1:] = 0
    spans = [ModularSpan(size, PRIME) for size in sizes]
    spans[0].extend(np.eye(5)[:1])
    close(spans, [Arrow(k, (k + 1) % 3, apply(step)) for k, step in enumerate(steps)])
    total = np.zeros((16, 16), dtype=int)
    ends = [0, 5, 12, 16]
    for k, step in enumerate(steps):
        target = (k + 1) % 3
        total[ends[target] : ends[target + 1], ends[k] : ends[k + 1]] = step
    # The powers of the whole matrix stay in one component each, as the arrows do.
    assert sum(span.rank for span in spans) == cyclic_dimension([total], np.eye(16)[0].astype(int))


def test_products_with_many_large_entries_are_exact():
    rng = np.random.default_rng(2)
    top = PRIME // 2
    matrix = rng.choice([top, -top, top - 1], (3, 4000))
    rows = rng.choice([top, top - 1], (2, 4000))
    exact = (rows.astype(object) @ matrix.T.astype(object)) % PRIME
    product = apply(matrix)(rows.astype(float))
    assert np.abs(product).max() <= top
    assert np.array_equal(product % PRIME, exact.astype(float))


def test_limit():
    with pytest.raises(ClosureLimitError, match="more than 20 dimensions"):
        closed([np.eye(40, k=-1)], np.eye(40)[0], limit=20)
    assert closed([np.eye(40, k=-1)], np.eye(40)[0], limit=40).rank == 40


def test_nothing_to_do():
    assert closed([], [1.0, 0.0]).rank == 1
    assert closed([np.eye(2)], [0.0, 0.0]).rank == 0
