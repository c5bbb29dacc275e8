"""Effective dimensions: known values, two representations, and rational arithmetic."""

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.ansatze import (
    CUBE,
    OCTAHEDRON,
    PETERSEN,
    SYMMETRIES,
    WHEEL6,
    bipartite,
    bonds,
    chain_strings,
    chain_sums,
    complete,
    dihedral,
    even_odd_heisenberg,
    fields,
    grid,
    maxcut_strings,
    maxcut_sums,
    one_sum,
    pairs,
    petersen_symmetries,
    singles,
    star,
)
from physics.exact_reference import cyclic_dimension
from trainscape.physics import state_orbits
from trainscape.physics.effective_dimension import (
    agreed,
    cyclic_space,
    effective_dimension,
    start_amplitudes,
)
from trainscape.physics.modular_span import PRIMES
from trainscape.physics.pauli import PauliSum
from trainscape.physics.qubit_orbits import sector_dimension


def plus(n):
    return "+" * n


def neel(n):
    return "01" * (n // 2)


def singlets(n):
    state = np.ones(1)
    for _ in range(n // 2):
        state = np.kron(state, [0, 1, -1, 0])
    return state


class TestIsing:
    @pytest.mark.parametrize("n", range(3, 13))
    def test_ring(self, n):
        assert effective_dimension(chain_sums("tfim", n, True), plus(n)) == 2 ** (n // 2)

    @pytest.mark.parametrize("n", range(2, 12))
    def test_chain(self, n):
        """252 at n = 10, where orthogonal closure in floating point finds 1024."""
        expected = comb(n, n // 2)
        assert effective_dimension(chain_sums("tfim", n), plus(n), dihedral(n)) == expected
        if n < 11:
            assert effective_dimension(chain_sums("tfim", n), np.ones(2**n)) == expected

    @pytest.mark.parametrize("n", range(2, 8))
    def test_one_parameter_for_each_orbit(self, n):
        strings = chain_strings("tfim", n)
        groups = {}
        for string in strings:
            groups.setdefault(frozenset({string.label, string.label[::-1]}), []).append(string)
        tied = [one_sum(group) for group in groups.values()]
        assert len(tied) == n
        assert effective_dimension(tied, plus(n)) == comb(n, n // 2)

    @pytest.mark.parametrize("periodic", [False, True])
    @pytest.mark.parametrize("n", range(3, 8))
    def test_one_parameter_for_each_term(self, n, periodic):
        """From all zero, both parities are reached."""
        terms = singles(chain_strings("tfim", n, periodic))
        assert effective_dimension(terms, plus(n)) == 2 ** (n - 1)
        assert effective_dimension(terms, "0" * n) == 2**n

    @pytest.mark.parametrize(
        ("periodic", "first", "expected"),
        [(False, 2, (3, 6, 10, 20, 36, 72, 136)), (True, 3, (4, 6, 8, 13, 18, 30))],
    )
    def test_longitudinal_field(self, periodic, first, expected):
        """Even states under reflection; bracelets."""
        for n, dimension in enumerate(expected, first):
            sums = chain_sums("ltfim", n, periodic)
            assert effective_dimension(sums, plus(n)) == dimension
        terms = singles(chain_strings("ltfim", 4, periodic))
        assert effective_dimension(terms, plus(4)) == 16


class TestExchange:
    @pytest.mark.parametrize(
        ("n", "chain", "ring"), [(4, (3, 2, 5), (3, 2, 3)), (6, (7, 4, 14), (4, 3, 6)), (8, (23, 10, 43), (12, 6, 11))]
    )  # fmt: skip
    def test_shared_parameters(self, n, chain, ring):
        """Four even and odd generators, Heisenberg's two, and one for each kind."""
        for periodic, expected in ((False, chain), (True, ring)):
            edges = bonds(n, periodic)
            halves = [[e for e in edges if e[0] % 2 == parity] for parity in (0, 1)]
            four = [
                generator
                for half in halves
                for generator in (
                    one_sum(pairs(n, half, "XX"), pairs(n, half, "YY")),
                    one_sum(pairs(n, half, "ZZ")),
                )
            ]
            two = even_odd_heisenberg(n, periodic)
            kinds = chain_sums("xxz", n, periodic)
            assert effective_dimension(four, singlets(n)) == expected[0]
            assert effective_dimension(two, singlets(n)) == expected[1]
            assert effective_dimension(kinds, neel(n)) == expected[2]

    @pytest.mark.parametrize("periodic", [False, True])
    @pytest.mark.parametrize("n", [4, 6, 8])
    def test_free_bonds(self, n, periodic):
        edges = bonds(n, periodic)
        hops = [one_sum(pairs(n, [e], "XX"), pairs(n, [e], "YY")) for e in edges]
        bonds_free = hops + singles(pairs(n, edges, "ZZ"))
        assert effective_dimension(bonds_free, neel(n)) == comb(n, n // 2)
        strings = singles(chain_strings("xyz", n, periodic))
        assert effective_dimension(strings, neel(n)) == 2 ** (n - 1)


GRAPHS = [
    *[(f"ring{n}", (n, bonds(n, True)), dihedral(n, True), d) for n, d in zip(range(3, 9), (2, 4, 4, 8, 8, 16), strict=True)],
    *[(f"path{n}", (n, bonds(n)), dihedral(n), d) for n, d in zip(range(2, 9), (2, 3, 6, 10, 20, 35, 70), strict=True)],
    *[(f"K{n}", complete(n), [], n // 2 + 1) for n in (*range(3, 8), 40)],
    *[(f"star{n}", star(n), [], n) for n in (*range(4, 8), 40)],
    ("K33", bipartite(3, 3), SYMMETRIES["K33"], 6),
    ("K23", bipartite(2, 3), [], 6),
    ("cube", CUBE, SYMMETRIES["cube"], 13),
    ("grid2x3", grid(2, 3), SYMMETRIES["grid2x3"], 14),
    ("grid3x3", grid(3, 3), SYMMETRIES["grid3x3"], 48),
    ("wheel6", WHEEL6, SYMMETRIES["wheel6"], 8),
    ("octahedron", OCTAHEDRON, SYMMETRIES["octahedron"], 6),
    ("Petersen", PETERSEN, petersen_symmetries(), 18),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "permutations", "expected"), [g[1:] for g in GRAPHS], ids=[g[0] for g in GRAPHS])  # fmt: skip
def test_maxcut(graph, permutations, expected):
    """With and without the symmetries; one parameter for each term reaches half of all states."""
    n, edges = graph
    sums = maxcut_sums(n, edges)
    assert effective_dimension(sums, plus(n), permutations) == expected
    if n < 10:
        assert effective_dimension(sums, np.ones(2**n)) == expected
    if n < 9:
        assert effective_dimension(singles(maxcut_strings(n, edges)), plus(n)) == 2 ** (n - 1)


LABELS = st.text("IXYZ", min_size=3, max_size=3).filter(lambda label: label != "III")


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-2, 2), LABELS), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    st.text("01+-rl", min_size=3, max_size=3),
)
def test_against_rational_arithmetic(generators, label):
    """Letters Y and states of Y included, for which i is a residue."""
    sums = [PauliSum.of((float(w), s) for w, s in terms) for terms in generators]
    sums = [s for s in sums if any(w for w, _ in s.terms)]
    if not sums:
        return
    amplitudes = start_amplitudes(label)
    expected = cyclic_dimension([s.matrix() for s in sums], amplitudes)
    assert effective_dimension(sums, label) == expected
    assert effective_dimension(sums, amplitudes) == expected


def test_scale_and_phase_do_not_matter():
    sums = [PauliSum.parse("0.1*XI + 0.3*IX"), PauliSum.parse("7*ZZ")]
    state = np.array([1, 1j, -1, 0.5])
    assert effective_dimension(sums, state) == effective_dimension(sums, 0.37j * state)


def test_random_weights():
    """Generic weights break the symmetries of the ring, and leave one parity."""
    rng = np.random.default_rng(5)
    x = PauliSum.of((rng.uniform(0.5, 1.5), s) for s in fields(6, "X"))
    zz = PauliSum.of((rng.uniform(0.5, 1.5), s) for s in pairs(6, bonds(6, True), "ZZ"))
    assert effective_dimension([x, zz], plus(6)) == 32


def test_the_space_is_invariant():
    """Coordinates at the pivots give the generators inside the space."""
    space = cyclic_space(chain_sums("tfim", 5, True), plus(5))
    assert (space.dimension, space.surroundings) == (4, 16)
    basis = space.span.basis()
    for generator in space.generators:
        assert not space.span.rests(generator(basis)).any()
    smaller = cyclic_space(chain_sums("tfim", 5, True), plus(5), permutations=dihedral(5, True))
    assert (smaller.dimension, smaller.surroundings) == (4, 4)


def test_agreement_of_primes():
    """A prime can only lose dimensions, so the largest number counts, once it is found twice."""
    losses = dict(zip(PRIMES, (5, 7, 6, 7, 0, 0), strict=True))
    assert agreed(losses.__getitem__) == 7
    with pytest.raises(RuntimeError, match="no two of them equal and largest"):
        agreed(PRIMES.index)


@pytest.mark.parametrize(
    ("state", "permutations", "message"),
    [
        ("++", [], "one letter of 01+-rl for each of the 3 qubits"),
        ("++x", [], "one letter of 01+-rl for each of the 3 qubits"),
        ("++0", [[2, 1, 0]], r"the permutation \[2, 1, 0\] changes a generator or the start state"),
        ("+++", [[1, 0, 2]], r"the permutation \[1, 0, 2\] changes a generator or the start state"),
        (np.ones(4), [], r"shape \(4,\), and the generators act on 3 qubits: give 8 amplitudes"),
        (np.zeros(8), [], "zero or not finite"),
        (np.ones(8), [[2, 1, 0]], "for product states only"),
        (np.sqrt(np.arange(8)), [], "is no ratio of small whole numbers"),
    ],
)
def test_refusals(state, permutations, message):
    message = message.replace("01+-", r"01\+-")
    with pytest.raises(ValueError, match=message):
        effective_dimension(chain_sums("tfim", 3), state, permutations)


def test_too_many_basis_states(monkeypatch):
    monkeypatch.setattr(state_orbits, "ORBIT_LIMIT", 100)
    with pytest.raises(ValueError, match="more than 100 orbits of basis states"):
        effective_dimension(singles(chain_strings("ltfim", 8)), plus(8))


@pytest.mark.slow
@pytest.mark.parametrize("n", range(3, 7))
def test_all_connected_graphs(n):
    """Up to six vertices, the symmetric sector is reached with as few as two parameters."""
    networkx = pytest.importorskip("networkx")
    counts = {3: 2, 4: 6, 5: 21, 6: 112}
    graphs = [
        graph
        for graph in networkx.graph_atlas_g()
        if graph.number_of_nodes() == n and networkx.is_connected(graph)
    ]
    assert len(graphs) == counts[n]
    for graph in graphs:
        edges = list(graph.edges)
        joined = {frozenset(edge) for edge in edges}
        automorphisms = [
            p
            for p in itertools.permutations(range(n))
            if all(frozenset((p[a], p[b])) in joined for a, b in edges)
        ]
        sector = sector_dimension(n, automorphisms, flip=True)
        assert effective_dimension(maxcut_sums(n, edges), plus(n), automorphisms) == sector
        orbits = {}
        for a, b in edges:
            orbit = frozenset(frozenset((p[a], p[b])) for p in automorphisms)
            orbits.setdefault(orbit, []).append((a, b))
        sites = {}
        for q in range(n):
            sites.setdefault(frozenset(p[q] for p in automorphisms), []).append(q)
        tied = [one_sum(pairs(n, orbit, "ZZ")) for orbit in orbits.values()]
        tied += [one_sum([fields(n, "X")[q] for q in orbit]) for orbit in sites.values()]
        assert effective_dimension(tied, plus(n)) == sector
        assert effective_dimension(singles(maxcut_strings(n, edges)), plus(n)) == 2 ** (n - 1)


@pytest.mark.slow
def test_large_registers():
    """The orbit basis of the ring has 4 thousand states, and the full space a quarter of a million."""
    ring = chain_sums("tfim", 18, True)
    assert effective_dimension(ring, plus(18), dihedral(18, True)) == 512
    n, edges = bipartite(20, 20)
    exchange = [[*range(20, 40), *range(20)]]
    assert effective_dimension(maxcut_sums(n, edges), plus(n), exchange) == 121
