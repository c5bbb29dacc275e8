"""The built-in families: their operators by hand, their connected components by brute force."""

from math import comb

import numpy as np
import pytest

from physics.algebras import PELL, SMALLEST
from trainscape.physics import fragmented_models, temperley_lieb
from trainscape.physics.bond_algebra import (
    product_components,
)
from trainscape.physics.fragmented_models import FAMILIES

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


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
    # S^z = +1, 0, -1 are the digits 0, 1, 2: a move adds -2 to the middle and +1 to both sides, or
    # the reverse.
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
