"""The sectors of the built-in families, against closed forms and published sequences."""

from collections import Counter
from math import comb

import numpy as np
import pytest

from physics.algebras import PELL, SMALLEST
from trainscape.physics import temperley_lieb
from trainscape.physics.bond_algebra import (
    commutant_null_space_dimension,
    decompose,
)
from trainscape.physics.fragmented_models import FAMILIES


def numbers(name, sites):
    """Return N, dim A, dim C."""
    found = decompose(FAMILIES[name](sites).generators(), np.random.default_rng(sites))
    return found.krylov_dimension_sum, found.algebra_dimension, found.commutant_dimension


def table(name, sites):
    found = decompose(FAMILIES[name](sites).generators(), np.random.default_rng(sites))
    return Counter((sector.dimension, sector.multiplicity) for sector in found.sectors)


def catalan(n):
    return comb(2 * n, n) // (n + 1)


# Sectors in closed form


def t_jz_hopping(sites):
    """Particle-hole partners k and L - k merge; the half-filled sector splits in two halves."""
    sectors = Counter()
    for k in range((sites + 1) // 2):
        sectors[comb(sites, k), 2**k + 2 ** (sites - k)] += 1
    if sites % 2 == 0:
        sectors[comb(sites, sites // 2) // 2, 2 ** (sites // 2)] += 2
    return sectors


def t_jz_ising(sites):
    """One sector for each pattern of spins up to a flip of all, with two copies; the empty chain
    once. For at least three sites."""
    sectors = Counter({(1, 1): 1})
    for k in range(1, sites + 1):
        sectors[comb(sites, k), 2] += 2 ** (k - 1)
    return sectors


def walks(sites, distance, colours=3):
    """Number of walks of a length on the regular tree to one vertex at a distance."""
    counts = {0: 1}
    for _ in range(sites):
        grown = Counter()
        for at, count in counts.items():
            # Vertices at one distance are alike: `count` is per vertex, so a step outwards does not
            # multiply, and steps inwards come from colours - 1 vertices.
            grown[at + 1] += count
            if at:
                grown[at - 1] += count * (colours - 1 if at > 1 else colours)
        counts = grown
    return counts.get(distance, 0)


def pair_flip(sites, *, fields):
    sectors = Counter()
    for k in range(sites % 2, sites, 2):
        sectors[walks(sites, k), 1] += 1 if k == 0 else 3 * 2 ** (k - 1)
    frozen = 3 * 2 ** (sites - 1)
    sectors[(1, 1) if fields else (1, frozen)] += frozen if fields else 1
    return sectors


def collective(sites):
    """Total spin j: dimension 2j + 1, multiplicity by differences of binomials."""
    return Counter(
        {
            (sites - 2 * d + 1, comb(sites, d) - (comb(sites, d - 1) if d else 0)): 1
            for d in range(sites // 2 + 1)
        }
    )


def xx(sites):
    """Particle-hole partners merge; the half-filled sector splits in two halves."""
    sectors = Counter({(comb(sites, k), 2): 1 for k in range((sites + 1) // 2)})
    if sites % 2 == 0:
        sectors[comb(sites, sites // 2) // 2, 1] += 2
    return sectors


CLOSED_FORMS = {
    **{
        f"temperley_lieb_d{d}": lambda L, d=d: Counter(
            {(s.dimension, s.multiplicity): 1 for s in temperley_lieb.irreps(L, d)}
        )
        for d in (2, 3, 4, 5)
    },
    "t_jz_density": lambda L: sum(
        (Counter({(comb(L, k), 2**k): 1}) for k in range(L + 1)), Counter()
    ),
    "t_jz_hopping": t_jz_hopping,
    "t_jz_ising": t_jz_ising,
    "t_jz_fields": lambda L: sum(
        (Counter({(comb(L, k), 1): 2**k}) for k in range(L + 1)), Counter()
    ),
    "pair_flip_3": lambda L: pair_flip(L, fields=False),
    "pair_flip_3_fields": lambda L: pair_flip(L, fields=True),
    "temperley_lieb_ising": lambda L: Counter({(2 ** (L - 1), 1): 2}),
    "collective": collective,
    "xx": xx,
}
SIZES = {
    "temperley_lieb_d2": range(2, 9),
    "temperley_lieb_d3": range(2, 7),
    "temperley_lieb_d4": range(2, 6),
    "temperley_lieb_d5": range(2, 5),
    "t_jz_ising": range(3, 7),
    "collective": range(2, 9),
    "xx": range(2, 10),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_sectors_in_closed_form(name):
    for sites in SIZES.get(name, range(2, 7)):
        assert table(name, sites) == CLOSED_FORMS[name](sites), sites


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sites"),
    [
        *(
            ("temperley_lieb_d2", 10),
            ("temperley_lieb_d2", 12),
            ("temperley_lieb_d2", 13),
            ("temperley_lieb_d3", 8),
            ("temperley_lieb_d4", 6),
        ),
        *(
            ("temperley_lieb_d5", 5),
            ("t_jz_density", 8),
            ("t_jz_hopping", 8),
            ("t_jz_ising", 8),
            ("t_jz_fields", 8),
        ),
        *(("pair_flip_3", 8), ("pair_flip_3_fields", 8), ("collective", 10), ("xx", 11)),
    ],
)
def test_sectors_in_closed_form_up_to_dimension_8192(name, sites):
    assert table(name, sites) == CLOSED_FORMS[name](sites)


def test_closed_forms_add_up():
    """The closed forms themselves: they fill the space, and give the sums known for them."""
    for name, form in CLOSED_FORMS.items():
        for sites in range(3, 12):
            sectors = form(sites)
            d = (
                int(name[-1])
                if name.startswith("temperley_lieb_d")
                else 2
                if name in {"collective", "xx", "temperley_lieb_ising"}
                else 3
            )
            assert sum(n * copies * count for (n, copies), count in sectors.items()) == d**sites

    def sums(name, sites):
        sectors = CLOSED_FORMS[name](sites).items()
        return tuple(
            sum(f(n, c) * count for (n, c), count in sectors)
            for f in (lambda n, c: n, lambda n, c: n * n, lambda n, c: c * c)
        )

    for L in range(3, 12):
        assert sums("t_jz_density", L) == (2**L, comb(2 * L, L), (4 ** (L + 1) - 1) // 3)
        assert sums("t_jz_ising", L)[::2] == ((3**L + 1) // 2, 2 ** (L + 2) - 3)
        assert sums("t_jz_fields", L)[::2] == (3**L, 2 ** (L + 1) - 1)
        assert sums("pair_flip_3", L)[0] == 3**L - 3 * 2 ** (L - 1) + 1
        assert sums("temperley_lieb_d3", L)[:2] == (comb(L, L // 2), catalan(L))
        assert sums("collective", L) == ((L + 2) ** 2 // 4, comb(L + 3, 3), catalan(L))
        assert sums("xx", L)[1] == comb(2 * L, L) // 2


# Sequences without a closed form for every number: N, dim A, dim C by number of sites; None where
# the sequence is not known

SEQUENCES = {
    "t_jz_hopping": (
        2,
        (3, 4, 11, 16, 42, 64),
        (3, 10, 35, 126, 462, 1716),
        (33, 117, 421, 1557, 5909, 22869),
    ),
    "t_jz_ising": (3, (), (32, 161, 842, 4495, 24320), ()),
    "t_jz_fields": (2, (), (13, 63, 321, 1683, 8989), ()),
    "pair_flip_3": (
        2,
        (4, 16, 58, 196, 634, 1996),
        (10, 76, 520, 3496, 23728, 163528),
        (37, 147, 583, 2319, 9247, 36927),
    ),
    "dipole_3": (3, (3, 8, 26, 73, 215), (3, 14, 68, 315, 1439), (393, 1809, 8665, 41873, 203065)),
    "dipole_3_fields": (
        3,
        tuple(3**L for L in range(3, 8)),
        (),
        tuple(2 * PELL[L + 1] - 1 for L in range(3, 8)),
    ),
    "dipole_34": (4, (12, 75, 306, 981), (), ()),
    "pxp": (3, (6, 13, 24, 46, 89, 170, 326, 624, 1194), (), (10, 21, 44, 112, 321, 836)),
    "east": (2, tuple(2**L - 1 for L in range(2, 11)), (), tuple(2 * L + 2 for L in range(2, 11))),
    "folded_xxz": (4, (3, 8, 16, 37), (), (152, 344, 820, 1996)),
    "pair_hopping": (
        4,
        (3, 5, 10, 18, 36, 68, 124, 229),
        (),
        (198, 592, 1816, 5592, 17194, 52876, 162832, 501692),
    ),
    "ghz_projector": (3, (2, 3, 7, 20), (2, 5, 19, 74), (50, 148, 408, 1103)),
}


def check_sequences(name, smallest, largest):
    first, *columns = SEQUENCES[name]
    for sites in range(first, first + max(map(len, columns))):
        if smallest < FAMILIES[name](sites).dimension <= largest:
            for seen, column in zip(numbers(name, sites), columns, strict=True):
                if sites - first < len(column):
                    assert seen == column[sites - first], sites


@pytest.mark.parametrize("name", SEQUENCES)
def test_published_sequences(name):
    check_sequences(name, 0, 750)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEQUENCES)
def test_published_sequences_up_to_dimension_2187(name):
    check_sequences(name, 750, 2187)


def test_east_has_a_linear_number_of_sectors():
    for sites in range(2, 10):
        assert sum(table("east", sites).values()) == 2 * sites - 1


# Two more ways to the same numbers


@pytest.mark.parametrize("name", FAMILIES)
def test_commutant_by_a_null_space(name):
    sites = {"temperley_lieb_d4": 2, "temperley_lieb_d5": 2, "dipole_34": None}.get(
        name, SMALLEST[name]
    )
    if sites is None:
        # 81 states need 6561^2 commutators: the range-4 term alone, on its smallest chain, is
        # checked by the multiplicities below.
        assert numbers(name, 4)[0] == 12
        return
    generators = FAMILIES[name](sites).generators()
    assert (
        commutant_null_space_dimension(generators)
        == decompose(generators, np.random.default_rng(0)).commutant_dimension
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_degeneracies_of_a_word(name):
    """Eigenvalues of one long word in plain numpy: each N_lambda-dimensional sector gives N_lambda
    of them, N'_lambda-fold."""
    sites = SMALLEST[name] + (0 if name in {"temperley_lieb_d4", "temperley_lieb_d5"} else 1)
    generators = [h.toarray() for h in FAMILIES[name](sites).generators()]
    rng = np.random.default_rng(5)
    a, b, c, d = (
        sum(x * h for x, h in zip(rng.normal(size=len(generators)), generators, strict=True))
        for _ in range(4)
    )
    word = a @ b @ a + b @ c @ b + c @ d @ c + 0.3 * (a @ c + c @ a) + 0.7 * d
    values = np.linalg.eigvalsh(word / np.linalg.norm(word, 2))
    degeneracies = Counter(
        np.diff(
            np.concatenate([[0], np.flatnonzero(np.diff(values) > 1e-9) + 1, [len(values)]])
        ).tolist()
    )
    expected = Counter()
    for (dimension, multiplicity), count in table(name, sites).items():
        expected[multiplicity] += dimension * count
    assert degeneracies == expected
