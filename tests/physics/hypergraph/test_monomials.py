"""The order of monomials, against explicit lists of sets."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from trainscape.physics.hypergraph.monomials import Monomials

SIZES = [(1, 1), (2, 2), (4, 1), (5, 3), (6, 6), (7, 4)]


@pytest.mark.parametrize(("modes", "order"), SIZES)
def test_order_and_ranks(modes, order):
    monomials = Monomials(modes, order)
    expected = [s for d in range(1, order + 1) for s in combinations(range(modes), d)]
    assert list(monomials.sets) == expected
    assert monomials.count == len(expected)
    assert [monomials.where(s[::-1]) for s in expected] == list(range(len(expected)))
    assert monomials.index == {s: position for position, s in enumerate(expected)}
    assert monomials.degrees.tolist() == [len(s) for s in expected]
    assert monomials.edges == tuple(combinations(range(modes), order))
    assert monomials.edge_count == comb(modes, order)
    for degree, members in enumerate(monomials.members, start=1):
        assert [tuple(row) for row in members.tolist()] == list(combinations(range(modes), degree))
    assert [[mode in s for mode in range(modes)] for s in expected] == monomials.membership.tolist()


@pytest.mark.parametrize(("modes", "order"), SIZES)
def test_incidence(modes, order):
    monomials = Monomials(modes, order)
    above, below = monomials.incidence
    assert above.shape == (modes, sum(comb(modes - 1, d) for d in range(order)))
    for mode in range(modes):
        assert set(above[mode]) == {monomials.index[s] for s in monomials.sets if mode in s}
        for upper, lower in zip(above[mode], below[mode], strict=True):
            rest = tuple(m for m in monomials.sets[upper] if m != mode)
            assert lower == (monomials.index[rest] if rest else monomials.count)


@pytest.mark.parametrize(
    ("modes", "k2", "k3"), [(8, 36, 92), (16, 136, 696), (32, 528, 5488), (64, 2080, 43744)]
)
def test_sizes_of_the_table(modes, k2, k3):
    assert Monomials(modes, 2).count == k2
    assert Monomials(modes, 3).count == k3


def test_a_million_monomials_without_listing_them():
    monomials = Monomials(1415, 2)
    assert monomials.count == 1415 + 1415 * 1414 // 2
    rng = np.random.default_rng(1)
    pairs = np.sort(rng.choice(1415, size=(50, 2), replace=False), axis=1)
    # The pairs before (a, b) in lexicographic order, counted by their first mode.
    expected = [1415 + sum(1414 - first for first in range(a)) + b - a - 1 for a, b in pairs]
    assert monomials.ranks(pairs).tolist() == expected
    assert "sets" not in vars(monomials)


@pytest.mark.parametrize("sizes", [(0, 1), (3, 0), (3, 4)])
def test_impossible_sizes(sizes):
    with pytest.raises(ValueError, match="modes"):
        Monomials(*sizes)


@pytest.mark.parametrize("modes", [(), (0, 0), (3,), (-1, 0), (0, 1, 2)])
def test_what_is_no_monomial(modes):
    with pytest.raises(ValueError, match="1 to 2 different modes from 0 to 2"):
        Monomials(3, 2).where(modes)


def test_degrees_without_ranks():
    with pytest.raises(ValueError, match="degree 3"):
        Monomials(4, 2).ranks(np.array([[0, 1, 2]]))
