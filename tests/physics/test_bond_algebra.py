"""Sectors found from generators alone, against exact representation theory and null spaces."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.algebras import PAULI, dense, embed, in_a_random_basis
from trainscape.physics import component_search, sector_copies, temperley_lieb
from trainscape.physics.bond_algebra import (
    commutant_null_space_dimension,
    decompose,
    product_components,
    search_cost,
)
from trainscape.physics.fragmented_models import FAMILIES


def table(decomposition):
    return sorted((s.dimension, s.multiplicity) for s in decomposition.sectors)


def exact(sites, site_dim):
    return sorted((s.dimension, s.multiplicity) for s in temperley_lieb.irreps(sites, site_dim))


def check_is_a_decomposition(decomposition, generators, scale=1.0):
    """Everything that the result promises, from its definition; `scale` is what the generators were
    divided by after the search."""
    order = generators[0].shape[0]
    basis = np.concatenate([s.basis.reshape(order, -1) for s in decomposition.sectors], axis=1)
    np.testing.assert_allclose(basis.conj().T @ basis, np.eye(order), atol=1e-11)
    for j, generator in enumerate(generators):
        h = dense(generator)
        rebuilt = np.zeros((order, order), dtype=complex)
        for s in decomposition.sectors:
            assert s.basis.shape == (order, s.dimension, s.multiplicity)
            assert s.generators.shape == (len(generators), s.dimension, s.dimension)
            flat = s.basis.reshape(order, -1)
            rebuilt += (
                flat @ np.kron(s.generators[j] / scale, np.eye(s.multiplicity)) @ flat.conj().T
            )
        np.testing.assert_allclose(rebuilt, h, atol=1e-10 * max(1.0, abs(h).max()))
    assert decomposition.deviation < 1e-9
    assert decomposition.algebra_dimension == sum(s.dimension**2 for s in decomposition.sectors)
    assert decomposition.commutant_dimension == sum(
        s.multiplicity**2 for s in decomposition.sectors
    )
    assert decomposition.krylov_dimension_sum == sum(s.dimension for s in decomposition.sectors)


TEMPERLEY_LIEB = [(2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (2, 3), (3, 3), (4, 3), (2, 4), (3, 4)]


@pytest.mark.parametrize(("sites", "site_dim"), TEMPERLEY_LIEB)
def test_temperley_lieb_from_shuffled_rescaled_generators(sites, site_dim):
    rng = np.random.default_rng(sites * 10 + site_dim)
    generators = list(temperley_lieb.full_space_generators(sites, site_dim))
    rng.shuffle(generators)
    generators = [h * 10.0 ** rng.uniform(-2, 2) * rng.choice([-1, 1]) for h in generators]
    first = decompose(generators, np.random.default_rng(1))
    assert table(first) == exact(sites, site_dim)
    assert table(decompose(generators, np.random.default_rng(2))) == table(first)
    check_is_a_decomposition(first, generators)
    assert np.isrealobj(first.sectors[0].basis)


@pytest.mark.parametrize(("sites", "site_dim"), [(4, 2), (6, 2), (3, 3), (4, 3), (3, 4)])
@pytest.mark.parametrize("field", ["real", "complex"])
def test_temperley_lieb_in_a_random_basis(sites, site_dim, field):
    """Without any product structure left: nothing but the algebra can be used."""
    rng = np.random.default_rng(7)
    generators = in_a_random_basis(
        temperley_lieb.full_space_generators(sites, site_dim), rng, field
    )
    result = decompose(generators, rng)
    assert table(result) == exact(sites, site_dim)
    check_is_a_decomposition(result, generators)


@pytest.mark.parametrize(("sites", "site_dim"), [(5, 2), (4, 3)])
def test_blocks_are_equivalent_to_the_path_basis(sites, site_dim):
    result = decompose(
        temperley_lieb.full_space_generators(sites, site_dim), np.random.default_rng(0)
    )
    c = np.random.default_rng(5).normal(size=sites - 1)
    assert [(s.dimension, s.multiplicity) for s in result.sectors] == [
        (s.dimension, s.multiplicity) for s in temperley_lieb.irreps(sites, site_dim)
    ]
    for sector, irrep in zip(result.sectors, temperley_lieb.irreps(sites, site_dim), strict=True):
        path = sum(
            x * e.toarray()
            for x, e in zip(
                c, temperley_lieb.path_generators(sites, irrep.through_lines, site_dim), strict=True
            )
        )
        found = np.tensordot(c, sector.generators, axes=1)
        np.testing.assert_allclose(np.linalg.eigvalsh(found), np.linalg.eigvalsh(path), atol=1e-11)


@pytest.mark.parametrize(
    ("sites", "site_dim", "dimension"),
    [(2, 2, 10), (4, 2, 35), (2, 3, 65), (2, 4, 226), (3, 3, 450)],
)
def test_commutant_dimension_from_a_null_space(sites, site_dim, dimension):
    generators = temperley_lieb.full_space_generators(sites, site_dim)
    assert commutant_null_space_dimension(generators) == dimension
    assert decompose(generators, np.random.default_rng(3)).commutant_dimension == dimension


def test_total_spin():
    """Complex generators: three spins 1/2 are one quartet and two copies of the doublet."""
    spins = [sum(embed(PAULI[axis], site, 3, 2) for site in range(3)) / 2 for axis in "XYZ"]
    result = decompose(spins, np.random.default_rng(0))
    assert table(result) == [(2, 2), (4, 1)]
    check_is_a_decomposition(result, spins)


@pytest.mark.parametrize(
    ("sites", "total", "algebra", "commutant"),
    [(2, 4, 10, 2), (3, 6, 20, 5), (4, 9, 35, 14), (5, 12, 56, 42)],
)
def test_collective_algebra(sites, total, algebra, commutant):
    x, z = (sum(embed(PAULI[axis], site, sites, 2) for site in range(sites)) for axis in "XZ")
    result = decompose([x, z, z @ z], np.random.default_rng(0))
    assert (result.krylov_dimension_sum, result.algebra_dimension, result.commutant_dimension) == (
        total,
        algebra,
        commutant,
    )


@pytest.mark.parametrize(("sites", "total", "commutant"), [(3, 2, 50), (4, 3, 148), (5, 7, 408)])
def test_ghz_projectors(sites, total, commutant):
    ghz = np.zeros(8)
    ghz[[0, 7]] = 0.5**0.5
    result = decompose(
        [embed(np.outer(ghz, ghz), site, sites, 2) for site in range(sites - 2)],
        np.random.default_rng(0),
    )
    assert (result.krylov_dimension_sum, result.commutant_dimension) == (total, commutant)


@pytest.mark.parametrize(
    ("sites", "total", "algebra", "commutant"),
    [(2, 3, 3, 33), (3, 4, 10, 117), (4, 11, 35, 421), (5, 16, 126, 1557)],
)
def test_t_jz_hopping(sites, total, algebra, commutant):
    """Bipartite hopping: every linear element has a symmetric spectrum, so that longer words are
    needed."""
    hop = np.zeros((9, 9))
    for spin in (1, 2):
        hop[3 * spin, spin] = hop[spin, 3 * spin] = 1
    result = decompose(
        [sp.csr_array(embed(hop, site, sites, 3)) for site in range(sites - 1)],
        np.random.default_rng(0),
    )
    assert (result.krylov_dimension_sum, result.algebra_dimension, result.commutant_dimension) == (
        total,
        algebra,
        commutant,
    )


def test_unequal_sectors_with_equal_dimensions_are_told_apart():
    a, b = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
    blocks = [(a, b), (b, 2 * a), (a, b)]
    generators = [sp.block_diag([pair[k] for pair in blocks]).toarray() for k in (0, 1)]
    assert table(decompose(generators, np.random.default_rng(0))) == [(2, 1), (2, 2)]


def test_abelian_and_zero_generators():
    result = decompose(
        [np.diag([1.0, 1.0, 2.0, 5.0]), np.diag([1.0, 1.0, 2.0, 7.0])], np.random.default_rng(0)
    )
    assert table(result) == [(1, 1), (1, 1), (1, 2)]
    assert table(decompose([np.zeros((3, 3))], np.random.default_rng(0))) == [(1, 3)]
    assert table(
        decompose([np.zeros((3, 3)), np.diag([0.0, 1.0, 1.0])], np.random.default_rng(0))
    ) == [(1, 1), (1, 2)]
    assert table(decompose([np.eye(3) * 2], np.random.default_rng(0))) == [(1, 3)]


def test_the_same_stream_gives_the_same_bits():
    generators = temperley_lieb.full_space_generators(4, 2)
    first, second = (decompose(generators, np.random.default_rng(4)) for _ in range(2))
    for a, b in zip(first.sectors, second.sectors, strict=True):
        assert a.basis.tobytes() == b.basis.tobytes()


def test_a_medium_dimension():
    result = decompose(temperley_lieb.full_space_generators(6, 3), np.random.default_rng(0))
    assert table(result) == exact(6, 3)
    assert all(a.multiplicity < b.multiplicity for a, b in pairwise(result.sectors))


SMALL = {"pair_flip_3_fields": 3, "temperley_lieb_d4": 3, "temperley_lieb_d5": 2, "t_jz_fields": 3}
"""Sizes for the tests below; 4 sites for all others: at most 81 dimensions."""


@settings(max_examples=40)
@given(
    name=st.sampled_from(sorted(FAMILIES)),
    seed=st.integers(0, 2**32 - 1),
    field=st.sampled_from(["none", "real", "complex"]),
)
def test_every_family_from_shuffled_rescaled_rotated_generators(name, seed, field):
    """Order, scale, sign and basis of the generators do not matter; the product basis may help, but
    is not needed."""
    rng = np.random.default_rng(seed)
    generators = list(FAMILIES[name](SMALL.get(name, 4)).generators())
    expected = table(decompose(generators, np.random.default_rng(0)))
    rng.shuffle(generators)
    generators = [h * 10.0 ** rng.uniform(-3, 3) * rng.choice([-1, 1]) for h in generators]
    if field != "none":
        generators = in_a_random_basis(generators, rng, field)
    result = decompose(generators, rng)
    assert table(result) == expected
    size = max(float(abs(h).max()) for h in generators)
    check_is_a_decomposition(result, [h / size for h in generators], scale=size)


@given(data=st.data())
def test_a_random_block_structure_is_found(data):
    """Random irreducible blocks with random multiplicities, put together and hidden by a random
    unitary."""
    sectors = data.draw(
        st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=4)
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    twisted = data.draw(st.booleans())

    def hermitian(n):
        h = rng.normal(size=(n, n)) + (1j * rng.normal(size=(n, n)) if twisted else 0)
        return h + h.conj().T

    generators = [
        sp.block_diag([np.kron(block, np.eye(copies)) for block, copies in blocks]).toarray()
        for blocks in ([(hermitian(n), copies) for n, copies in sectors] for _ in range(3))
    ]
    assert table(
        decompose(in_a_random_basis(generators, rng, "complex" if twisted else "real"), rng)
    ) == sorted(sectors)


class TestComplexConjugateIrreps:
    """An irrep and its complex conjugate have one spectrum in every real symmetric word: only the
    commutator in the random element tells them apart."""

    def test_of_complex_generators(self):
        rng = np.random.default_rng(3)
        blocks = [
            m + m.conj().T for m in rng.normal(size=(3, 3, 3)) + 1j * rng.normal(size=(3, 3, 3))
        ]
        generators = [sp.block_diag([m, m.T, m]).toarray() for m in blocks]
        assert table(decompose(generators, rng)) == [(3, 1), (3, 2)]
        assert commutant_null_space_dimension(generators) == 5

    def test_of_real_generators(self):
        """As of momenta k and -k: no real symmetric element splits them, and their common real
        space is irreducible over the reals."""
        rng = np.random.default_rng(4)
        blocks = [
            m + m.conj().T for m in rng.normal(size=(3, 3, 3)) + 1j * rng.normal(size=(3, 3, 3))
        ]
        # With z = x + iy, a complex matrix acts on (x, y) as a real one, which splits into it and
        # its conjugate.
        generators = [np.block([[m.real, -m.imag], [m.imag, m.real]]) for m in blocks]
        result = decompose(generators, rng)
        assert table(result) == [(3, 1), (3, 1)]
        assert np.iscomplexobj(result.sectors[0].basis)
        assert commutant_null_space_dimension(generators) == 2
        check_is_a_decomposition(result, generators)


def test_components_are_those_of_the_matrix_elements():
    # By hand: 0 - 3 and 1 - 4 are joined, 2 is alone; the second generator is diagonal.
    hop = np.zeros((5, 5))
    hop[0, 3] = hop[3, 0] = hop[1, 4] = hop[4, 1] = 1
    components = product_components([hop, sp.diags_array(np.arange(5.0))])
    assert [rows.tolist() for rows in components] == [[0, 3], [1, 4], [2]]
    assert search_cost([hop]).largest_component == 2
    # A component that only rounding joins is none.
    hop[0, 1] = hop[1, 0] = 1e-16
    assert len(product_components([hop])) == 3


def test_close_eigenvalues_cost_no_accuracy(monkeypatch):
    """Rounding mixes close eigenvectors; without the correction, the same search deviates by orders
    of magnitude more."""
    generators = temperley_lieb.full_space_generators(11, 2)
    corrected = decompose(generators, np.random.default_rng(3))
    for module in (component_search, sector_copies):
        monkeypatch.setattr(module, "close_pairs", lambda values: [])
    plain = decompose(generators, np.random.default_rng(3))
    assert table(plain) == table(corrected) == exact(11, 2)
    assert corrected.deviation < plain.deviation / 10
