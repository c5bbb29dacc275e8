"""Lie algebras of sums: known dimensions, exact matrices, PennyLane, and the effective space."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.ansatze import (
    OCTAHEDRON,
    SYMMETRIES,
    bipartite,
    chain_strings,
    chain_sums,
    complete,
    dihedral,
    even_odd_heisenberg,
    fields,
    grid,
    maxcut_sums,
    one_sum,
    pairs,
    singles,
    star,
)
from physics.exact_reference import lie_dimension
from trainscape.physics import sum_lie_algebra as module
from trainscape.physics.anticommutation_graph import classify_strings
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_lie_algebra import pauli_lie_closure
from trainscape.physics.sum_lie_algebra import (
    LieDimensions,
    restricted_lie_dimensions,
    sum_lie_dimensions,
)

CHAINS = {
    ("tfim", False): (4, 9, 16, 25, 36, 49, 64, 81, 100),
    ("tfim", True): (8, 11, 14, 17, 20, 23, 26, 29),
    ("xy_field", False): (4, 9, 16, 25, 36, 49, 64),
    ("xy_field", True): (8, 11, 14, 17, 20, 23),
    ("xy", False): (2, 3, 8, 10, 18, 21, 32),
    ("xy", True): (4, 5, 7, 8, 10, 11),
    ("ltfim", False): (9, 38, 135, 542),
    ("ltfim", True): (19, 47, 134, 425),
    ("xxz", False): (2, 4, 19, 62, 245),
    ("xxz", True): (2, 5, 11, 43, 121),
    ("xyz", False): (3, 8, 36, 134, 539),
    ("xyz", True): (4, 11, 32, 107),
}


@pytest.mark.parametrize(("name", "periodic"), CHAINS)
def test_chains(name, periodic):
    expected = CHAINS[name, periodic]
    for n, dimension in enumerate(expected, 3 if periodic else 2):
        found = sum_lie_dimensions(chain_sums(name, n, periodic), dihedral(n, periodic))
        assert found.total == dimension, n
        if n < 6:
            assert sum_lie_dimensions(chain_sums(name, n, periodic)) == found


@pytest.mark.parametrize("n", range(3, 8))
def test_steps_of_pruning(n):
    """From a dense layer to one symmetric layer, the algebra and what it reaches shrink.

    All rotations of one qubit and all ZZ; what keeps the parity; what is a term of the Ising ring;
    one parameter for each orbit.
    """
    edges = [(a, b) for b in range(n) for a in range(b)]
    even = fields(n, "X") + pairs(n, edges, "ZZ")
    dense = even + fields(n, "Y") + fields(n, "Z")
    ring = chain_strings("tfim", n, True)
    strings = [len(pauli_lie_closure(layer)) for layer in (dense, even, ring)]
    assert strings == [4**n - 1, 2 * (4 ** (n - 1) - 1), 2 * n * (2 * n - 1)]
    assert [classify_strings(layer).dimension for layer in (dense, even, ring)] == strings
    tied = chain_sums("tfim", n, True)
    assert sum_lie_dimensions(tied).total == 3 * n - 1
    reached = [effective_dimension(singles(layer), "+" * n) for layer in (dense, even, ring)]
    assert reached == [2**n, 2 ** (n - 1), 2 ** (n - 1)]
    assert effective_dimension(tied, "+" * n) == 2 ** (n // 2)


@pytest.mark.parametrize(("n", "algebra", "reached"), [(4, 16, 6), (8, 64, 70)])
def test_the_algebra_can_be_smaller_than_what_it_reaches(n, algebra, reached):
    """One parameter for each orbit of the open chain, or for each kind of term."""
    orbits = {}
    for string in chain_strings("tfim", n):
        orbits.setdefault(min(string.label, string.label[::-1]), []).append(string)
    for layer in ([one_sum(orbit) for orbit in orbits.values()], chain_sums("tfim", n)):
        assert sum_lie_dimensions(layer).total == algebra
        assert effective_dimension(layer, "+" * n) == reached
    assert len(orbits) == n


def test_heisenberg_halves():
    found = [sum_lie_dimensions(even_odd_heisenberg(n)).total for n in range(2, 7)]
    assert found == [1, 4, 8, 31, 66]
    rings = [sum_lie_dimensions(even_odd_heisenberg(n, True)).total for n in (4, 6)]
    assert rings == [5, 28]


@pytest.mark.parametrize("n", range(3, 9))
def test_the_ising_ring_has_two_charges(n):
    """3n - 1: a centre of 2, and n - 1 copies of su(2)."""
    found = sum_lie_dimensions(chain_sums("tfim", n, True))
    assert (found.total, found.centre, found.commutators) == (3 * n - 1, 2, 3 * (n - 1))


@pytest.mark.parametrize(
    ("graph", "permutations", "expected"),
    [
        *[(complete(n), [], d) for n, d in zip(range(3, 9), (8, 15, 24, 38, 54, 77), strict=True)],
        *[(star(n), [], d) for n, d in zip(range(4, 9), (24, 33, 66, 81, 138), strict=True)],
        (bipartite(2, 3), [], 44),
        (bipartite(3, 3), SYMMETRIES["K33"], 63),
        (grid(2, 3), SYMMETRIES["grid2x3"], 263),
        (OCTAHEDRON, SYMMETRIES["octahedron"], 91),
    ],
)
def test_maxcut(graph, permutations, expected):
    assert sum_lie_dimensions(maxcut_sums(*graph), permutations).total == expected


LABELS = st.text("IXYZ", min_size=2, max_size=2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-2, 2), LABELS), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    )
)
def test_against_commutators_of_exact_matrices(generators):
    """All commutators of 4 x 4 matrices, by fractions; the identity is a generator like others."""
    sums = [PauliSum.of((float(w), s) for w, s in terms) for terms in generators]
    sums = [s for s in sums if any(w for w, _ in s.terms)]
    if sums:
        found = sum_lie_dimensions(sums)
        assert found.total == lie_dimension([s.matrix() for s in sums])
        matrices = [s.matrix() for s in sums]
        brackets = [1j * (a @ b - b @ a) for a in matrices for b in matrices]
        if found.centre == found.total:
            assert not np.any(brackets)


@pytest.mark.parametrize("name", [pytest.param("ltfim", marks=pytest.mark.slow), "xyz", "xxz"])
def test_three_qubits_against_exact_matrices(name):
    for periodic in (False, True):
        sums = chain_sums(name, 3, periodic)
        expected = lie_dimension([s.matrix() for s in sums])
        assert sum_lie_dimensions(sums).total == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("IXYZ", min_size=3, max_size=3), min_size=1, max_size=6))
def test_single_strings(labels):
    """Elimination, and the classification of the anticommutation graph."""
    strings = [PauliString(label) for label in labels]
    algebra = classify_strings(strings)
    expected = LieDimensions(algebra.dimension, algebra.centre)
    assert sum_lie_dimensions(singles(strings)) == expected


def test_many_single_strings():
    found = sum_lie_dimensions(singles(chain_strings("ltfim", 4)))
    assert found == LieDimensions(255, 0)


def test_weights():
    """Ratios that make sums proportional are seen through rounding; generic ones are generic."""
    bonds = "ZZI + IZZ"
    field = "0.1*XII + 0.3*IXI + 0.1*IIX"
    same = [PauliSum.parse(text) for text in (bonds, field, "XII + 3*IXI + IIX")]
    assert sum_lie_dimensions(same) == sum_lie_dimensions(same[:2])
    uneven = [PauliSum.parse(text) for text in (bonds, "XII + 1.2345*IXI + 0.77*IIX")]
    assert sum_lie_dimensions(uneven).total == 15


def lattice_gauge(n, kinds):
    """Generators of a chain of gauge links: electric field, mass, and hopping.

    They are Z on the links, ZZ across the sites, and X + ZXZ on the links; an entry of `kinds` is a
    letter, with the parity of its links.
    """
    terms = {
        "g": lambda q: [{q: "Z"}],
        "m": lambda q: [{(q - 1) % n: "Z", q: "Z"}],
        "h": lambda q: [{q: "X"}, {(q - 1) % n: "Z", q: "X", (q + 1) % n: "Z"}],
    }
    return [
        PauliSum.of(
            (1.0, PauliString.on(n, letters))
            for q in range(n)
            if q % 2 in parities
            for letters in terms[kind](q)
        )
        for kind, parities in kinds
    ]


BOTH = (0, 1)
GAUGE = {
    # su(d) and its trace.
    "g m h": ([("g", BOTH), ("m", BOTH), ("h", BOTH)], {4: (5, 25), 6: (10, 100), 8: (20, 400)}),
    "g m h h": (
        [("g", BOTH), ("m", BOTH), ("h", (0,)), ("h", (1,))],
        {4: (8, 63), 6: (16, 255), 8: (36, 1295)},
    ),
    # so(d).
    "g h": ([("g", BOTH), ("h", BOTH)], {4: (5, 10), 6: (9, 36), 8: (20, 190), 10: (46, 1035)}),
}


@pytest.mark.parametrize("name", GAUGE)
def test_lattice_gauge_theory(name):
    """The published dimensions of a Z2 lattice gauge theory, in the space that is reached."""
    kinds, expected = GAUGE[name]
    for n, (dimension, algebra) in expected.items():
        generators = lattice_gauge(n, kinds)
        step = 2 if len(kinds) == 4 else 1
        permutations = [[(q + step) % n for q in range(n)], [-q % n for q in range(n)]]
        assert effective_dimension(generators, "0" * n, permutations) == dimension
        found = restricted_lie_dimensions(generators, "0" * n, permutations)
        assert found.total == algebra


def test_field_and_hopping_are_orthogonal():
    """The product of all Y anticommutes with the real generators: they preserve a symmetric form.

    So the algebra lies in so(46), and has at most the 1035 dimensions that elimination finds, which
    never finds too many. (1081, as published for this size, would be sp(23).)
    """
    n = 10
    generators = lattice_gauge(n, GAUGE["g h"][0])
    permutations = [[(q + 1) % n for q in range(n)], [-q % n for q in range(n)]]
    space = effective_subspace(generators, "0" * n, np.random.default_rng(0), permutations)
    product = pauli_matrix(PauliSum.parse("Y" * n))
    form = space.isometry.T @ (product @ space.isometry)
    assert form.shape == (46, 46)
    assert np.allclose(form, form.T, atol=1e-10)
    assert np.allclose(np.linalg.svd(form)[1], 1)
    for generator in space.generators:
        assert np.allclose(generator.T @ form + form @ generator, 0, atol=1e-9)


@pytest.mark.parametrize(("name", "n", "controllable"), [("ltfim", 5, True), ("tfim", 6, False)])
def test_control_of_the_effective_space(name, n, controllable):
    generators = chain_sums(name, n)
    d = effective_dimension(generators, "+" * n)
    found = restricted_lie_dimensions(generators, "+" * n)
    assert (found.total in (d**2 - 1, d**2)) is controllable
    if not controllable:
        # su(n), or u(n), on states of n/2 particles.
        assert found.commutators == n**2 - 1


def test_restriction_against_amplitudes():
    generators = chain_sums("xyz", 4)
    neel = np.eye(16)[5]
    assert restricted_lie_dimensions(generators, "0101") == restricted_lie_dimensions(
        generators, neel
    )


@pytest.mark.slow
def test_ten_thousand_dimensions():
    """The Ising chain in a tilted field: all even operators, block by block traceless but one."""
    even, odd = 2**6 + 2**3, 2**6 - 2**3
    found = sum_lie_dimensions(chain_sums("ltfim", 7), dihedral(7))
    assert found == LieDimensions(even**2 + odd**2 - 2, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n", "periodic"),
    [("tfim", 5, False), ("tfim", 5, True), ("xy", 5, False), ("ltfim", 4, True), ("xxz", 5, True)],
)
def test_against_pennylane(name, n, periodic):
    qml = pytest.importorskip("pennylane")
    sums = chain_sums(name, n, periodic)
    operators = []
    for generator in sums:
        words = []
        for weight, string in generator.terms:
            letters = {q: letter for q, letter in enumerate(string.label) if letter != "I"}
            words.append(weight * qml.pauli.PauliSentence({qml.pauli.PauliWord(letters): 1.0}))
        operators.append(sum(words[1:], start=words[0]))
    assert len(qml.lie_closure(operators, pauli=True)) == sum_lie_dimensions(sums).total


def test_refusals(monkeypatch):
    sums = chain_sums("ltfim", 4)
    with pytest.raises(LieAlgebraError, match="more than 100 dimensions; raise the limit"):
        sum_lie_dimensions(sums, limit=100)
    assert sum_lie_dimensions(sums, limit=135).total == 135
    with pytest.raises(LieAlgebraError, match="more than 30 dimensions"):
        restricted_lie_dimensions(sums, "++++", limit=30)
    with pytest.raises(ValueError, match=r"the permutation \[1, 0, 2, 3\] changes a generator"):
        sum_lie_dimensions(sums, [[1, 0, 2, 3]])
    with pytest.raises(ValueError, match="up to 31 qubits, not 32"):
        sum_lie_dimensions([PauliSum.parse("X" * 32)])
    monkeypatch.setattr(module, "STRING_LIMIT", 100)
    with pytest.raises(LieAlgebraError, match="reach more than 100 different Pauli strings"):
        sum_lie_dimensions(singles(chain_strings("ltfim", 4)))
