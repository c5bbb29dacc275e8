"""Dimensions of Lie algebras: known ones, two algorithms against each other, and the bound."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import (
    LieAlgebraError,
    lie_algebra_dimension,
    lie_algebra_upper_bound,
    pauli_lie_algebra_dimension,
)
from trainscape.physics.pauli import PauliString


def blocks(generators):
    return [sector.generators for sector in decompose(generators, np.random.default_rng(0)).sectors]


def family(name, sites):
    return blocks(FAMILIES[name](sites).generators())


def strings(*labels):
    return [PauliString(label) for label in labels]


def dimension(stacks, **options):
    return lie_algebra_dimension(stacks, np.random.default_rng(7), **options)


def brute_force_dimension(generators):
    """Nested commutators with the generators on the full space, by ranks: for a few dozen
    dimensions."""
    found = [h / np.linalg.norm(h) for h in generators]
    rank = np.linalg.matrix_rank(
        [np.concatenate([h.real.ravel(), h.imag.ravel()]) for h in found], tol=1e-9
    )
    queue = list(found)
    while queue:
        element = queue.pop()
        for h in generators:
            bracket = 1j * (h @ element - element @ h)
            size = np.linalg.norm(bracket)
            if size < 1e-12:
                continue
            grown = np.linalg.matrix_rank(
                [
                    np.concatenate([x.real.ravel(), x.imag.ravel()])
                    for x in (*found, bracket / size)
                ],
                tol=1e-9,
            )
            if grown > rank:
                rank = grown
                found.append(bracket / size)
                queue.append(bracket / size)
    return rank


@pytest.mark.parametrize("name", ["temperley_lieb_d2", "temperley_lieb_d3"])
@pytest.mark.parametrize(("sites", "expected"), [(3, 4), (4, 12), (5, 40), (6, 129)])
def test_temperley_lieb(name, sites, expected):
    """As published for this chain: sum of N^2 - 1, and one for the centre; the bound is reached."""
    stacks = family(name, sites)
    assert dimension(stacks) == expected
    assert lie_algebra_upper_bound(stacks) == expected


@pytest.mark.parametrize("sites", [3, 4, 5, 6])
def test_free_fermions(sites):
    """XX bonds make so(L), of dimension L (L - 1) / 2, inside an exponential associative
    algebra."""
    assert dimension(family("xx", sites)) == sites * (sites - 1) // 2
    # Half filling alone has binomial(L, L/2) / 2 states twice; the associative algebra is
    # binomial(2L, L) / 2 in all.
    assert sum(stack.shape[1] ** 2 for stack in family("xx", sites)) == comb(2 * sites, sites) // 2


@pytest.mark.parametrize("sites", [2, 3, 4])
def test_free_fermions_at_loop_weight_sqrt_2(sites):
    """The Ising representation: so(2L), and the identity, which the traces of the projectors bring
    in. Without it, as Pauli strings, it is counted exactly below."""
    assert dimension(family("temperley_lieb_ising", sites)) == sites * (2 * sites - 1) + 1


@pytest.mark.parametrize("sites", [2, 3, 4, 5])
def test_collective_algebra_reaches_the_bound(sites):
    stacks = family("collective", sites)
    # The block of spin j has 2j + 1 states; the trace of (sum Z)^2 is the one independent trace.
    expected = sum((sites - 2 * d + 1) ** 2 - 1 for d in range(sites // 2 + 1)) + 1
    assert dimension(stacks) == lie_algebra_upper_bound(stacks) == expected


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("pxp", 3),
        ("east", 4),
        ("t_jz_hopping", 4),
        ("ghz_projector", 5),
        ("dipole_3", 4),
        ("folded_xxz", 6),
    ],
)
def test_other_families_by_brute_force(name, sites):
    generators = [h.toarray() for h in FAMILIES[name](sites).generators()]
    assert (
        dimension(blocks(generators))
        == brute_force_dimension(generators)
        <= lie_algebra_upper_bound(blocks(generators))
    )


class TestPauliStrings:
    @pytest.mark.parametrize("sites", [2, 3, 5, 8])
    def test_transverse_field_ising_chain(self, sites):
        """Open chain, ZZ bonds and X fields: so(2L), of dimension L (2L - 1)."""
        bonds = [PauliString.on(sites, {j: "Z", j + 1: "Z"}) for j in range(sites - 1)]
        fields = [PauliString.on(sites, {j: "X"}) for j in range(sites)]
        assert pauli_lie_algebra_dimension(bonds + fields) == sites * (2 * sites - 1)

    def test_everything(self):
        assert pauli_lie_algebra_dimension(strings("XI", "ZI", "IX", "IZ", "ZZ")) == 15
        assert pauli_lie_algebra_dimension(strings("XI", "ZI", "IX", "IZ")) == 6

    def test_abelian_and_identity(self):
        assert pauli_lie_algebra_dimension(strings("ZI", "IZ", "ZZ", "ZZ")) == 3
        assert pauli_lie_algebra_dimension(strings("II", "XI")) == 2

    @settings(max_examples=40)
    @given(st.lists(st.text("IXYZ", min_size=2, max_size=2), min_size=1, max_size=5, unique=True))
    def test_agrees_with_the_blocks(self, labels):
        generators = [PauliString(label).matrix() for label in labels]
        assert pauli_lie_algebra_dimension(strings(*labels)) == dimension(blocks(generators))

    def test_refusals(self):
        with pytest.raises(LieAlgebraError, match="more than 10 Pauli strings"):
            pauli_lie_algebra_dimension(strings("XI", "ZI", "IX", "IZ", "ZZ"), limit=10)
        with pytest.raises(ValueError, match="one number of qubits"):
            pauli_lie_algebra_dimension(strings("X", "XX"))


def test_generators_that_vanish():
    assert dimension(blocks([np.zeros((2, 2))])) == 0
    assert lie_algebra_upper_bound(blocks([np.zeros((2, 2))])) == 0
    assert dimension(blocks([np.zeros((2, 2)), np.diag([1.0, 2.0])])) == 1


def test_refusals():
    with pytest.raises(LieAlgebraError, match="14 dimensions in all, more than the 13"):
        dimension(family("temperley_lieb_d2", 4), limit=13)
    # A second generator that is new by 1e-8 only: a real direction, or rounding?
    x, z = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
    with pytest.raises(LieAlgebraError, match="cannot be decided"):
        dimension([np.array([x, x + 1e-8 * z])])
