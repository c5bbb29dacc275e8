"""The no-go bound against every family, verdicts against known ones, and the table of the
documentation."""

import math
import re
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from physics import krylov_table
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import growth, judge, verdict
from trainscape.physics.fragmented_models import FAMILIES, LocalTerm
from trainscape.physics.krylov_spaces import (
    krylov_sum_bound,
    largest_krylov_share,
    model_summary,
    summarise,
)
from workspace import REPO

DOCS = REPO / "docs" / "fragmentation.md"


def krylov_sum(name, sites):
    return model_summary(FAMILIES[name](sites), np.random.default_rng(1)).krylov_dimension_sum


class TestBound:
    @pytest.mark.parametrize("name", FAMILIES)
    def test_no_family_is_below_it(self, name):
        smallest = krylov_table.SIZES[name][0]
        for sites in range(smallest, smallest + 4):
            model = FAMILIES[name](sites)
            if model.dimension > 300:
                continue
            bound = krylov_sum_bound(model.terms)
            assert krylov_sum(name, sites) >= bound
            if name != "collective":
                assert bound >= 2 ** (sites // model.range)

    @pytest.mark.parametrize(
        "name", ["t_jz_density", "t_jz_fields", "temperley_lieb_ising", "pair_flip_3_fields"]
    )
    def test_it_is_reached(self, name):
        """On-site densities and fields alone make as many Krylov states as these models have."""
        for sites in (2, 3, 4):
            expected = {"t_jz_fields": 3}.get(name, 2) ** sites
            assert krylov_sum_bound(FAMILIES[name](sites).terms) == expected
            if name != "pair_flip_3_fields":
                assert krylov_sum(name, sites) == expected

    @pytest.mark.parametrize("name", sorted(set(FAMILIES) - {"pxp", "collective"}))
    def test_krylov_sums_multiply(self, name):
        """Two halves of a chain hold algebras of their own, so N(a + b) >= N(a) N(b): the same
        proof with whole algebras. Not for PXP, whose ends have terms of their own.
        With the numbers of the documented table, which the tests below hold against the code.
        """
        rows = TestDocumentedTable().documented(name)
        sums = {numbers[0]: numbers[1] for numbers in rows}
        pairs = [(a, b) for a, b in product(sums, sums) if a + b in sums]
        assert pairs
        for a, b in pairs:
            assert sums[a + b] >= sums[a] * sums[b]

    def test_it_chooses_the_best_disjoint_terms(self):
        def term(first, width, levels):
            return LocalTerm(
                "", first, width, sp.csr_array(np.diag(np.arange(2**width) % levels).astype(float))
            )

        # 3 on sites 0-1 excludes 4 on 1-2, which excludes 2 on 2.
        terms = [term(0, 2, 3), term(1, 2, 4), term(2, 1, 2)]
        assert krylov_sum_bound(terms) == 6
        assert krylov_sum_bound(terms[1:]) == 4
        # By brute force over all subsets.
        rng = np.random.default_rng(2)
        for _ in range(20):
            terms = [
                term(int(rng.integers(6)), int(rng.integers(1, 4)), int(rng.integers(1, 3)))
                for _ in range(7)
            ]
            best = 1
            for chosen in product([False, True], repeat=len(terms)):
                subset = [t for t, taken in zip(terms, chosen, strict=True) if taken]
                places = [place for t in subset for place in range(t.first, t.first + t.width)]
                if len(places) == len(set(places)):
                    best = max(
                        best, math.prod(len(set(t.matrix.diagonal().tolist())) for t in subset)
                    )
            assert krylov_sum_bound(terms) == best

    def test_scalars_and_wide_terms(self):
        assert krylov_sum_bound([LocalTerm("", 0, 1, sp.csr_array(2.0 * np.eye(2)))]) == 1
        assert krylov_sum_bound([LocalTerm("", 0, 11, sp.csr_array(3.0 * sp.eye_array(2048)))]) == 1
        assert (
            krylov_sum_bound(
                [LocalTerm("", 0, 11, sp.csr_array(sp.diags_array(np.arange(2048.0))))]
            )
            == 2
        )


class TestGrowth:
    """Sequences with a known law, at the sizes where verdicts are formed."""

    @pytest.mark.parametrize(
        ("law", "exponential"),
        [
            (lambda L: math.comb(L + 3, 3), False),
            (lambda L: 2 * L + 2, False),
            (lambda L: (L + 2) ** 2 // 4, False),
            (lambda L: 1.0, False),
            (lambda L: math.comb(2 * L, L) / (L + 1), True),
            (lambda L: math.comb(L, L // 2), True),
            (lambda L: 2 ** (L + 1) - 1, True),
            (lambda L: 1.5**L / L, True),
        ],
    )
    def test_known_laws(self, law, exponential):
        sites = range(3, 10)
        assert growth(sites, [law(L) for L in sites]).exponential is exponential

    def test_what_the_sizes_do_not_tell(self):
        assert growth(range(2, 8), [1, 2, 1, 2, 1, 2]).exponential is None
        with pytest.raises(ValueError, match="at least five sizes"):
            growth([2, 3, 4, 5], [1, 2, 3, 4])


# Sizes; fragmented, kind and the field's strong fragmentation. None or "undecided": these sizes do
# not tell, and the code must say so. The first three rows of references: SU(2) for d = 2, Moudgalya
# and Motrunich for t-J_z, pair flip and Temperley-Lieb, Sala et al. for the dipole chain (weak with
# the four-site move).
KNOWN = {
    "temperley_lieb_d2": (range(2, 9), False, "none", None),
    "temperley_lieb_d3": (range(2, 8), True, "quantum", True),
    "t_jz_density": (range(2, 7), True, "classical", None),
    "t_jz_ising": (range(2, 7), True, "classical", True),
    "t_jz_fields": (range(2, 7), True, "classical", None),
    "pair_flip_3": (range(2, 7), True, "classical", None),
    "dipole_3": (range(3, 8), True, "quantum", None),
    "pxp": (range(3, 10), True, "undecided", True),
    "east": (range(2, 9), False, "none", False),
    "ghz_projector": (range(3, 10), True, "quantum", None),
    "xx": (range(2, 9), False, "none", None),
    "collective": (range(2, 10), True, "quantum", True),
    "temperley_lieb_ising": (range(2, 9), False, "none", False),
}


@pytest.mark.parametrize("name", KNOWN)
def test_verdicts(name):
    sites, fragmented, kind, strong = KNOWN[name]
    models = [FAMILIES[name](L) for L in sites]
    judged = verdict(
        models, [decompose(model.generators(), np.random.default_rng(0)) for model in models]
    )
    assert (judged.fragmented, judged.kind, judged.strong) == (fragmented, kind, strong)
    # The finding: of all families only the one with generators on the whole chain meets the
    # condition on the full space.
    assert judged.polynomial_krylov_sum is (name == "collective")


def test_too_few_sizes_decide_nothing():
    numbers = {name: [4.0] * 4 for name in ("commutant", "krylov_sum", "largest_share")}
    judged = judge(range(2, 6), **numbers, excess=[0] * 4)
    assert (judged.fragmented, judged.kind, judged.strong, judged.polynomial_krylov_sum) == (
        None,
        "undecided",
        None,
        None,
    )
    assert np.isnan(judged.krylov_sum.rate)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sites", "strong"),
    [("dipole_3_fields", range(3, 9), True), ("dipole_34", range(4, 9), False)],
)
def test_dipole_chains_are_strong_with_range_3_and_weak_with_range_4(name, sites, strong):
    models = [FAMILIES[name](L) for L in sites]
    judged = verdict(
        models, [decompose(model.generators(), np.random.default_rng(0)) for model in models]
    )
    assert (judged.fragmented, judged.strong, judged.polynomial_krylov_sum) == (True, strong, False)


def test_shares_by_hand():
    """t-J_z on 4 sites: the largest charge sectors have two up or two down and one of the other, or
    one of each, in 12 states; hopping keeps 4 or 6 of them."""
    model = FAMILIES["t_jz_fields"](4)
    found = decompose(model.generators(), np.random.default_rng(0))
    # (up, down) = (1, 1): 4!/(2!) = 12 states in two patterns of 6; (2, 1): 12 states in three
    # patterns of 4.
    assert np.bincount(model.symmetry_sectors()).max() == 12
    assert largest_krylov_share(model, found) == 6 / 12
    assert (
        largest_krylov_share(
            FAMILIES["east"](3),
            decompose(FAMILIES["east"](3).generators(), np.random.default_rng(0)),
        )
        == 2 / 8
    )


def test_summary():
    summary = summarise(
        decompose(FAMILIES["temperley_lieb_d3"](4).generators(), np.random.default_rng(0))
    )
    assert summary.sectors == ((1, 55), (2, 1), (3, 8))
    assert (
        summary.dimension,
        summary.krylov_spaces,
        summary.components,
        summary.largest_component,
    ) == (81, 64, 31, 15)
    assert (summary.largest_krylov, summary.product_basis) == (3, False)
    assert model_summary(FAMILIES["t_jz_density"](3), np.random.default_rng(0)).product_basis


class TestDocumentedTable:
    def documented(self, name):
        """Return the rows that the documentation has for a family, one tuple a size."""
        text = DOCS.read_text().split(f"\n`{name}`\n")[1].strip().split("\n\n")[0]
        lines = [line for line in text.splitlines() if "---" not in line]
        assert [line.split("|")[1].strip() for line in lines] == list(krylov_table.COLUMNS)
        columns = [[int(cell) for cell in line.split("|")[2].split(",")] for line in lines]
        return list(zip(*columns, strict=True))

    def test_it_has_every_family_and_nothing_else(self):
        assert set(krylov_table.SIZES) == set(FAMILIES)
        assert set(re.findall(r"^`(\w+)`$", DOCS.read_text(), flags=re.MULTILINE)) == set(FAMILIES)
        for name, sizes in krylov_table.SIZES.items():
            assert [numbers[0] for numbers in self.documented(name)] == list(sizes)

    @pytest.mark.parametrize("name", FAMILIES)
    def test_small_sizes(self, name):
        for numbers in self.documented(name)[:3]:
            assert krylov_table.row(name, numbers[0]) == numbers

    @pytest.mark.slow
    @pytest.mark.parametrize("name", FAMILIES)
    def test_all_sizes(self, name):
        for numbers in self.documented(name)[3:]:
            assert krylov_table.row(name, numbers[0]) == numbers
