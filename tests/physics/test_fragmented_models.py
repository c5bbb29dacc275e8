"""The built-in families: their operators by hand, their connected components by brute force, and their sectors against closed forms and published sequences."""

from collections import Counter
from math import comb

import numpy as np
import pytest

from trainscape.physics import fragmented_models, temperley_lieb
from trainscape.physics.bond_algebra import (
    commutant_null_space_dimension,
    decompose,
    product_components,
)
from trainscape.physics.fragmented_models import FAMILIES

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])


def numbers(name, sites):
    """Return N, dim A, dim C."""
    found = decompose(FAMILIES[name](sites).generators(), np.random.default_rng(sites))
    return found.krylov_dimension_sum, found.algebra_dimension, found.commutant_dimension


def table(name, sites):
    found = decompose(FAMILIES[name](sites).generators(), np.random.default_rng(sites))
    return Counter((sector.dimension, sector.multiplicity) for sector in found.sectors)


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def catalan(n):
    return comb(2 * n, n) // (n + 1)


# Operators


def on(sites, *factors):
    """Kronecker product of one matrix a site, written out."""
    matrix = np.ones((1, 1))
    for factor in (*factors, *[np.eye(len(factors[0]))] * (sites - len(factors))):
        matrix = np.kron(matrix, factor)
    return matrix


def generator(model, label):
    """Return the one generator with this label."""
    (matrix,) = [
        h.toarray()
        for h, term in zip(model.generators(), model.terms, strict=True)
        if term.label == label
    ]
    return matrix


def test_site_0_is_the_most_significant_digit():
    np.testing.assert_allclose(
        generator(FAMILIES["xx"](3), "hop at 0"), (on(3, X, X) + on(3, Y, Y)).real / 2
    )
    np.testing.assert_allclose(
        generator(FAMILIES["east"](3), "nX at 0"), on(3, (np.eye(2) - Z) / 2, X)
    )
    np.testing.assert_array_equal(FAMILIES["xx"](3).digits()[3], [0, 1, 1])


def test_spin_operators():
    up = np.sqrt(2) * np.diag([1.0, 1.0], 1)
    three = np.kron(np.kron(up.T, up @ up), up.T)
    four = np.kron(np.kron(up, up.T), np.kron(up.T, up))
    model = FAMILIES["dipole_34"](4)
    np.testing.assert_allclose(
        generator(model, "three-site dipole move at 0"), np.kron(three + three.T, np.eye(3))
    )
    np.testing.assert_allclose(generator(model, "four-site dipole move at 0"), four + four.T)
    density = np.diag([0.0, 1.0, 1.0])
    np.testing.assert_allclose(
        generator(FAMILIES["t_jz_density"](2), "density at 1"), np.kron(np.eye(3), density)
    )
    spin = np.diag([0.0, 1.0, -1.0])
    np.testing.assert_allclose(
        generator(FAMILIES["t_jz_ising"](2), "SzSz at 0"), np.kron(spin, spin)
    )


def test_qubit_operators():
    down = (np.eye(2) + Z) / 2
    pxp = FAMILIES["pxp"](4)
    np.testing.assert_allclose(generator(pxp, "XP at 0"), on(4, X, down))
    np.testing.assert_allclose(generator(pxp, "PXP at 1"), on(4, np.eye(2), down, X, down))
    np.testing.assert_allclose(generator(pxp, "PX at 2"), on(4, np.eye(2), np.eye(2), down, X))
    equal = (np.eye(16) + on(4, Z, np.eye(2), np.eye(2), Z)) / 2
    hop = (on(4, np.eye(2), X, X) + on(4, np.eye(2), Y, Y)).real / 2
    np.testing.assert_allclose(generator(FAMILIES["folded_xxz"](4), "folded hop at 0"), equal @ hop)
    x, z, squared = (h.toarray() for h in FAMILIES["collective"](3).generators())
    np.testing.assert_allclose(x, on(3, X) + on(3, np.eye(2), X) + on(3, np.eye(2), np.eye(2), X))
    np.testing.assert_allclose(squared, z @ z)


@pytest.mark.parametrize("site_dim", [2, 3])
def test_temperley_lieb_is_the_one_of_its_own_module(site_dim):
    ours, theirs = (
        FAMILIES[f"temperley_lieb_d{site_dim}"](4).generators(),
        temperley_lieb.full_space_generators(4, site_dim),
    )
    assert all(abs(a - b).max() == 0 for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("sites", [2, 3, 4])
def test_the_ising_representation_obeys_the_temperley_lieb_relations(sites):
    """Loop weight sqrt(2), with the generators in the order of the strands."""
    model = FAMILIES["temperley_lieb_ising"](sites)
    fields = [generator(model, f"field at {j}") for j in range(sites)]
    bonds = [generator(model, f"bond at {j}") for j in range(sites - 1)]
    np.testing.assert_allclose(fields[0], on(sites, (np.eye(2) + Z) / 2**0.5))
    np.testing.assert_allclose(bonds[0], (np.eye(2**sites) + on(sites, X, X)) / 2**0.5)
    strands = [fields[0], *(e for pair in zip(bonds, fields[1:], strict=True) for e in pair)]
    assert len(strands) == 2 * sites - 1
    for i, e in enumerate(strands):
        np.testing.assert_allclose(e @ e, 2**0.5 * e, atol=1e-14)
        for j, other in enumerate(strands):
            if abs(i - j) == 1:
                np.testing.assert_allclose(e @ other @ e, e, atol=1e-14)
            elif abs(i - j) > 1:
                np.testing.assert_allclose(e @ other, other @ e, atol=1e-14)
    with pytest.raises(temperley_lieb.NotSemisimpleError):
        temperley_lieb.path_generators(2 * sites, 0, 2**0.5)


SMALLEST = {
    name: 4 if name in {"dipole_34", "folded_xxz", "pair_hopping"} else 3 for name in FAMILIES
}


@pytest.mark.parametrize("name", FAMILIES)
def test_generators_are_hermitian_and_conserve_the_charges(name):
    model = FAMILIES[name](SMALLEST[name] + 1)
    sectors = model.symmetry_sectors()
    for h in model.generators():
        assert h.shape == (model.dimension, model.dimension)
        assert abs(h - h.T).max() == 0
        rows, columns = h.nonzero()
        np.testing.assert_array_equal(sectors[rows], sectors[columns])


# Connected components by brute force: rules on digit strings, without matrices


def spin_moves(state, width, pairs):
    for i in range(len(state) - width + 1):
        target = pairs.get(state[i : i + width])
        if target:
            yield state[:i] + target + state[i + width :]


def both(*pairs):
    return {**dict(pairs), **{b: a for a, b in pairs}}


RULES = {
    # Spins hop into holes.
    "t_jz_density": (3, lambda s: spin_moves(s, 2, both(("10", "01"), ("20", "02")))),
    # Equal neighbours take another colour together.
    "pair_flip_3": (
        3,
        lambda s: (
            s[:i] + c + c + s[i + 2 :] for i in range(len(s) - 1) if s[i] == s[i + 1] for c in "012"
        ),
    ),
    # S^z = +1, 0, -1 are the digits 0, 1, 2: a move adds -2 to the middle and +1 to both sides, or the reverse.
    "dipole_3": (3, lambda s: dipole_moves(s, ((1, -2, 1),))),
    "dipole_34": (3, lambda s: dipole_moves(s, ((1, -2, 1), (-1, 1, 1, -1)))),
    "pxp": (
        2,
        lambda s: (
            s[:i] + str(1 - int(s[i])) + s[i + 1 :]
            for i in range(len(s))
            if "1" not in (s[i - 1] if i else "") + (s[i + 1] if i + 1 < len(s) else "")
        ),
    ),
    "east": (
        2,
        lambda s: (
            s[: i + 1] + str(1 - int(s[i + 1])) + s[i + 2 :]
            for i in range(len(s) - 1)
            if s[i] == "1"
        ),
    ),
    "folded_xxz": (2, lambda s: spin_moves(s, 4, both(("0100", "0010"), ("1101", "1011")))),
    "pair_hopping": (2, lambda s: spin_moves(s, 4, both(("0110", "1001")))),
    "ghz_projector": (2, lambda s: spin_moves(s, 3, both(("000", "111")))),
    "xx": (2, lambda s: spin_moves(s, 2, both(("10", "01")))),
}


def dipole_moves(state, patterns):
    """Add a pattern of charges, or subtract it, where all digits stay between 0 and 2."""
    digits = [int(x) for x in state]
    for pattern in patterns:
        for sign in (1, -1):
            for i in range(len(digits) - len(pattern) + 1):
                moved = [d + sign * p for d, p in zip(digits[i:], pattern, strict=False)]
                if min(moved) >= 0 and max(moved) <= 2:
                    yield state[:i] + "".join(map(str, moved)) + state[i + len(pattern) :]


def brute_force_components(sites, site_dim, moves):
    left = {np.base_repr(k, site_dim).zfill(sites) for k in range(site_dim**sites)}
    sizes = []
    while left:
        queue = [left.pop()]
        size = 0
        while queue:
            state = queue.pop()
            size += 1
            for other in moves(state):
                if other in left:
                    left.remove(other)
                    queue.append(other)
        sizes.append(size)
    return sorted(sizes)


@pytest.mark.parametrize("name", RULES)
def test_components_by_brute_force(name):
    site_dim, moves = RULES[name]
    for sites in (SMALLEST[name], 6):
        components = product_components(FAMILIES[name](sites).generators())
        assert sorted(len(rows) for rows in components) == brute_force_components(
            sites, site_dim, moves
        )


PELL = [0, 1]
while len(PELL) < 12:
    PELL.append(2 * PELL[-1] + PELL[-2])

COMPONENTS = {
    "t_jz_density": {L: 2 ** (L + 1) - 1 for L in range(2, 8)},
    "pair_flip_3": {L: 2 ** (L + 1) - 1 for L in range(2, 8)},
    "dipole_3": {L: 2 * PELL[L + 1] - 1 for L in range(3, 9)},
    "dipole_34": {4: 49, 5: 99, 6: 193, 7: 367, 8: 689},
    "pxp": dict(zip(range(3, 12), (4, 7, 12, 21, 37, 65, 114, 200, 351), strict=True)),
    "folded_xxz": {L: 2 * fibonacci(L + 2) - 2 for L in range(4, 11)},
    "pair_hopping": dict(zip(range(4, 12), (15, 28, 52, 96, 177, 326, 600, 1104), strict=True)),
}
LARGEST = {
    "t_jz_density": {L: max(comb(L, k) for k in range(L + 1)) for L in range(2, 8)},
    "pair_flip_3": dict(zip(range(2, 8), (3, 5, 15, 29, 87, 181), strict=True)),
    "dipole_3": {L: comb(L - 1, (L - 1) // 2) for L in range(3, 9)},
    "pxp": {L: fibonacci(L + 2) for L in range(3, 12)},
}
FROZEN = {
    "dipole_3": dict(zip(range(3, 9), (19, 41, 91, 201, 443, 977), strict=True)),
    "folded_xxz": {L: 2 * fibonacci(L + 1) + 2 for L in range(4, 11)},
    "pair_flip_3": {L: 3 * 2 ** (L - 1) for L in range(2, 8)},
}


@pytest.mark.parametrize("name", COMPONENTS)
def test_numbers_of_components(name):
    for sites, count in COMPONENTS[name].items():
        sizes = [len(rows) for rows in product_components(FAMILIES[name](sites).generators())]
        assert len(sizes) == count
        if name in LARGEST:
            assert max(sizes) == LARGEST[name][sites]
        if name in FROZEN:
            assert sizes.count(1) == FROZEN[name][sites]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sites", "count"),
    [
        ("dipole_3", 9, 4755),
        ("dipole_3", 10, 11481),
        ("dipole_34", 9, 1291),
        ("pxp", 14, None),
        ("pair_flip_3", 9, 1023),
    ],
)
def test_numbers_of_components_of_long_chains(name, sites, count):
    sizes = [len(rows) for rows in product_components(FAMILIES[name](sites).generators())]
    if count is None:
        recursion = [4, 7, 12]
        while len(recursion) < sites - 2:
            recursion.append(2 * recursion[-1] - recursion[-2] + recursion[-3])
        count = recursion[-1]
    assert len(sizes) == count


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
    """One sector for each pattern of spins up to a flip of all, with two copies; the empty chain once. For at least three sites."""
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
            # Vertices at one distance are alike: `count` is per vertex, so a step outwards does not multiply, and steps inwards come from colours - 1 vertices.
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


# Sequences without a closed form for every number: N, dim A, dim C by number of sites; None where the sequence is not known

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
        # 81 states need 6561^2 commutators: the range-4 term alone, on its smallest chain, is checked by the multiplicities below.
        assert numbers(name, 4)[0] == 12
        return
    generators = FAMILIES[name](sites).generators()
    assert (
        commutant_null_space_dimension(generators)
        == decompose(generators, np.random.default_rng(0)).commutant_dimension
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_degeneracies_of_a_word(name):
    """Eigenvalues of one long word in plain numpy: each N_lambda-dimensional sector gives N_lambda of them, N'_lambda-fold."""
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


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: fragmented_models.temperley_lieb(4, 1), "site_dim=1"),
        (lambda: fragmented_models.temperley_lieb(4, 2**0.5), "roots of unity"),
        (
            lambda: fragmented_models.t_jz(3, "spin"),
            "is not a generator set of the t-J_z chain; choose one of hopping, density",
        ),
        (lambda: fragmented_models.pair_flip(3, 1), "colours=1"),
        (
            lambda: fragmented_models.pxp(2),
            "sites=2: the model pxp needs an integer of at least 3 sites",
        ),
        (lambda: fragmented_models.collective(1), "sites=1"),
    ],
)
def test_models_that_do_not_exist(build, message):
    with pytest.raises(ValueError, match=message):
        build()
