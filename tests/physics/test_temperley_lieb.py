"""Exact Temperley-Lieb data against published tables, sum rules, and the full space."""

from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainscape.physics.temperley_lieb import (
    NotSemisimpleError,
    algebra_dimension,
    commutant_dimension,
    full_space_generators,
    irreps,
    krylov_dimension,
    krylov_dimension_sum,
    multiplicity,
    path_generators,
    paths,
)

DIMENSIONS = {
    2: ([1, 1], 2, 2),
    3: ([2, 1], 3, 5),
    4: ([2, 3, 1], 6, 14),
    5: ([5, 4, 1], 10, 42),
    6: ([5, 9, 5, 1], 20, 132),
    8: ([14, 28, 20, 7, 1], 70, 1430),
    10: ([42, 90, 75, 35, 9, 1], 252, 16796),
    12: ([132, 297, 275, 154, 54, 11, 1], 924, 208012),
    16: ([1430, 3432, 3640, 2548, 1260, 440, 104, 15, 1], 12870, 35357670),
}
MULTIPLICITIES = {
    2: ([1, 3, 5, 7, 9, 11, 13], [2, 4, 6]),
    3: ([1, 8, 55, 377, 2584, 17711, 121393], [3, 21, 144, 987]),
    4: ([1, 15, 209, 2911, 40545, 564719, 7865521], [4, 56, 780]),
    5: ([1, 24, 551, 12649, 290376, 6665999, 153027601], [5, 115, 2640]),
}
COMMUTANTS = {
    2: {2: 10, 3: 20, 4: 35, 5: 56, 6: 84, 8: 165, 10: 286, 12: 455},
    3: {2: 65, 3: 450, 4: 3090, 5: 21186, 6: 145219, 8: 6822275, 10: 320501796, 12: 15056762245},
    4: {
        2: 226,
        3: 3152,
        4: 43907,
        5: 611552,
        6: 8517828,
        8: 1652414853,
        10: 320559963814,
        12: 62186980565255,
    },
    5: {
        2: 577,
        3: 13250,
        4: 304178,
        5: 6982850,
        6: 160301379,
        8: 84478522755,
        10: 44520021190756,
        12: 23461966689005957,
    },
}
COPIES = {
    2: [4, 9, 16, 25, 36, 49],
    3: [9, 64, 441, 3025, 20736, 142129],
    4: [16, 225, 3136, 43681, 608400, 8473921],
    5: [25, 576, 13225, 303601, 6969600, 159997201],
}


@cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@pytest.mark.parametrize("sites", DIMENSIONS)
def test_krylov_dimensions_of_the_literature(sites):
    dimensions, total, algebra = DIMENSIONS[sites]
    assert [irrep.dimension for irrep in irreps(sites, 3)] == dimensions
    assert krylov_dimension_sum(sites) == total == sum(dimensions)
    assert algebra_dimension(sites) == algebra == sum(n * n for n in dimensions)


@pytest.mark.parametrize("site_dim", MULTIPLICITIES)
def test_multiplicities_and_commutants_of_the_literature(site_dim):
    even, odd = MULTIPLICITIES[site_dim]
    assert [multiplicity(site_dim, 2 * k) for k in range(len(even))] == even
    assert [multiplicity(site_dim, 2 * k + 1) for k in range(len(odd))] == odd
    assert {
        sites: commutant_dimension(sites, site_dim) for sites in COMMUTANTS[site_dim]
    } == COMMUTANTS[site_dim]
    assert [
        sum(irrep.multiplicity for irrep in irreps(sites, site_dim)) for sites in range(2, 13, 2)
    ] == COPIES[site_dim]


@given(sites=st.integers(2, 60), site_dim=st.integers(2, 9))
def test_sum_rules(sites, site_dim):
    sectors = irreps(sites, site_dim)
    assert sum(s.dimension * s.multiplicity for s in sectors) == site_dim**sites
    assert sum(s.dimension for s in sectors) == krylov_dimension_sum(sites)
    assert sum(s.dimension**2 for s in sectors) == algebra_dimension(sites)
    assert all(a.through_lines < b.through_lines for a, b in pairwise(sectors))


def test_catalan_and_fibonacci():
    catalan = [1]
    for _ in range(30):
        catalan.append(sum(a * b for a, b in zip(catalan, reversed(catalan), strict=True)))
    assert [algebra_dimension(sites) for sites in range(2, 31)] == catalan[2:]
    assert [multiplicity(3, k) for k in range(30)] == [fibonacci(2 * k + 2) for k in range(30)]
    assert [sum(s.multiplicity for s in irreps(sites, 3)) for sites in range(2, 31, 2)] == [
        fibonacci(sites + 2) ** 2 for sites in range(2, 31, 2)
    ]
    assert [commutant_dimension(sites, 2) for sites in range(2, 20)] == [
        (n + 1) * (n + 2) * (n + 3) // 6 for n in range(2, 20)
    ]


@pytest.mark.parametrize("sites", [2, 3, 6, 7])
def test_paths_are_all_heights_that_stay_above_zero(sites):
    for irrep in irreps(sites, 2):
        expected = []
        for steps in product([-1, 1], repeat=sites):
            heights = np.concatenate([[0], np.cumsum(steps)])
            if heights.min() >= 0 and heights[-1] == irrep.through_lines:
                expected.append(heights.tolist())
        assert paths(sites, irrep.through_lines).tolist() == expected


def check_relations(generators, loop_weight):
    for j, e in enumerate(generators):
        np.testing.assert_allclose(
            (e @ e - loop_weight * e).toarray(), 0, atol=1e-12 * loop_weight**2
        )
        np.testing.assert_allclose((e - e.T).toarray(), 0, atol=1e-13)
        for k, other in enumerate(generators):
            if abs(j - k) == 1:
                np.testing.assert_allclose(
                    (e @ other @ e - e).toarray(), 0, atol=1e-12 * loop_weight**2
                )
            elif abs(j - k) > 1:
                np.testing.assert_allclose(
                    (e @ other - other @ e).toarray(), 0, atol=1e-12 * loop_weight**2
                )


@pytest.mark.parametrize(("sites", "site_dim"), [(2, 2), (5, 2), (4, 3), (3, 5)])
def test_relations_in_the_full_space(sites, site_dim):
    generators = full_space_generators(sites, site_dim)
    assert len(generators) == sites - 1
    check_relations(generators, site_dim)


def test_site_zero_is_most_significant():
    first = full_space_generators(3, 2)[0].toarray()
    # |00 s> -> |00 s> + |11 s>
    assert np.flatnonzero(first[0]).tolist() == [0, 6]
    assert np.flatnonzero(first[1]).tolist() == [1, 7]


@settings(max_examples=30, deadline=None)
@given(sites=st.integers(2, 8), loop_weight=st.floats(2.0, 6.0), data=st.data())
def test_relations_in_the_path_basis(sites, loop_weight, data):
    irrep = data.draw(st.sampled_from(irreps(sites, 2)))
    generators = path_generators(sites, irrep.through_lines, loop_weight)
    assert generators[0].shape == (irrep.dimension, irrep.dimension)
    check_relations(generators, loop_weight)
    below = (
        krylov_dimension(sites - 2, irrep.through_lines)
        if sites > 3 and irrep.through_lines <= sites - 2
        else None
    )
    for e in generators:
        rank = round(e.trace() / loop_weight)
        assert e.trace() == pytest.approx(loop_weight * rank, abs=1e-10)
        if below is not None:
            assert rank == below


@pytest.mark.parametrize(
    ("sites", "site_dim"), [(2, 4), (3, 3), (4, 2), (7, 2), (4, 3), (5, 3), (4, 4), (3, 5)]
)
@pytest.mark.parametrize("random", [False, True])
def test_full_spectrum_is_that_of_the_path_bases_with_multiplicity(sites, site_dim, random):
    c = np.random.default_rng(sites).normal(size=sites - 1) if random else np.ones(sites - 1)
    full = sum(x * e for x, e in zip(c, full_space_generators(sites, site_dim), strict=True))
    parts = []
    for irrep in irreps(sites, site_dim):
        block = sum(
            x * e
            for x, e in zip(c, path_generators(sites, irrep.through_lines, site_dim), strict=True)
        )
        parts.append(np.repeat(np.linalg.eigvalsh(block.toarray()), irrep.multiplicity))
    np.testing.assert_allclose(
        np.sort(np.concatenate(parts)), np.linalg.eigvalsh(full.toarray()), atol=1e-11
    )


@pytest.mark.parametrize("sites", [4, 5])
def test_path_bases_are_irreducible_and_inequivalent(sites):
    """Intertwiners between two path bases: one if they are the same, else none (Schur's lemma)."""
    blocks = [
        [e.toarray() for e in path_generators(sites, irrep.through_lines, 3.0)]
        for irrep in irreps(sites, 3)
    ]
    for i, left in enumerate(blocks):
        for k, right in enumerate(blocks):
            equations = np.concatenate(
                [
                    np.kron(a, np.eye(len(right[0]))) - np.kron(np.eye(len(left[0])), b.T)
                    for a, b in zip(left, right, strict=True)
                ]
            )
            singular = np.linalg.svd(equations, compute_uv=False)
            assert np.count_nonzero(singular < 1e-10) == (i == k)


def test_long_chains_in_selected_sectors():
    assert [(s.through_lines, s.dimension) for s in irreps(64, 3, top=2)] == [(62, 63), (64, 1)]
    check_relations(path_generators(64, 62, 3.0), 3.0)
    generators = path_generators(64, 60, 3.0)
    assert generators[0].shape == (64 * 61 // 2,) * 2
    check_relations(generators[30:33], 3.0)
    assert all(e.nnz == 0 for e in path_generators(64, 64, 3.0))


@pytest.mark.parametrize(
    ("loop_weight", "sites"), [(2**0.5, 5), (2**0.5, 4), (1.0, 3), (3**0.5, 6), (0.3, 9)]
)
def test_roots_of_unity_are_rejected(loop_weight, sites):
    with pytest.raises(NotSemisimpleError, match="not semisimple"):
        path_generators(sites, sites % 2, loop_weight)


def test_short_chains_below_two_are_allowed():
    for irrep in irreps(5, 2):
        check_relations(path_generators(5, irrep.through_lines, 3**0.5), 3**0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: irreps(1, 3), "at least two sites"),
        (lambda: irreps(4, 1), "integer >= 2"),
        (lambda: irreps(4, 3, top=4), "3 sectors"),
        (lambda: krylov_dimension(4, 3), "same parity"),
        (lambda: path_generators(66, 66, 3.0), "64 sites"),
        (lambda: multiplicity(3, -1), "negative"),
    ],
)
def test_errors_say_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
