"""Blocks that can be exchanged: what is found, and spaces against the full 2^n and closed forms."""

from itertools import combinations_with_replacement
from math import comb, factorial

import networkx as nx
import numpy as np
import pytest

from trainscape.physics.effective_dimension import Limits, effective_dimension
from trainscape.physics.exact_sums import exact_sums
from trainscape.physics.exchangeable_blocks import exchangeable_blocks
from trainscape.physics.modular_closure import ClosureLimitError
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.qubit_orbits import (
    OrbitLimitError,
    QubitSymmetry,
    reachable,
    sector_dimension,
    twin_classes,
)
from trainscape.physics.term_graph import qubit_automorphisms


def spider(legs, length):
    edges = [(0, 1 + leg * length) for leg in range(legs)]
    edges += [(1 + leg * length + k, 2 + leg * length + k) for leg in range(legs) for k in range(length - 1)]  # fmt: skip
    return nx.Graph(edges)


def multipartite(parts, size):
    return nx.complete_multipartite_graph(*[size] * parts)


def rook(a, b):
    return nx.convert_node_labels_to_integers(
        nx.cartesian_product(nx.complete_graph(a), nx.complete_graph(b)), ordering="sorted"
    )


def relabelled(graph, seed):
    order = np.random.default_rng(seed).permutation(len(graph)).tolist()
    return nx.relabel_nodes(graph, dict(enumerate(order)))


def layer(graph):
    n = len(graph)
    cut = PauliSum.of((1.0, PauliString.on(n, {a: "Z", b: "Z"})) for a, b in graph.edges)
    return [cut, PauliSum.of((1.0, PauliString.on(n, {q: "X"})) for q in range(n))]


def automorphisms(graph):
    cut = layer(graph)[0]
    return qubit_automorphisms(len(graph), [[PauliSum((term,)) for term in cut.terms]]).generators


def symmetry(graph, flip=True):
    n = len(graph)
    twins = twin_classes(exact_sums(layer(graph)), "+" * n)
    group = automorphisms(graph)
    return QubitSymmetry.generated_by(n, group, twins, flip, exchangeable_blocks(n, group, twins))


def num_orbits(graph, flip=True):
    n = len(graph)
    start, moves = np.zeros((1, n), dtype=np.uint8), np.eye(n, dtype=np.uint8)
    return len(reachable(symmetry(graph, flip), start, moves))


def dimension(graph):
    return effective_dimension(layer(graph), "+" * len(graph), automorphisms(graph))


@pytest.mark.parametrize(
    ("graph", "shapes", "listed"),
    [
        (spider(5, 2), [(5, 2)], 1),
        (multipartite(4, 3), [(4, 3)], 1),
        (nx.windmill_graph(4, 3), [(4, 2)], 1),
        # Rows are blocks, and the orders of columns are listed.
        (rook(3, 4), [(4, 3)], 6),
        # Two sides are no family of three: their exchange is listed.
        (nx.complete_bipartite_graph(4, 4), [], 2),
        (nx.cycle_graph(7), [], 14),
        # Leaves are twins; exchanges of the two halves at each level are listed.
        (nx.balanced_tree(2, 3), [], 8),
    ],
    ids=["spider", "multipartite", "windmill", "rook", "bipartite", "ring", "tree"],
)
def test_families_and_what_is_left_to_list(graph, shapes, listed):
    found = symmetry(graph)
    assert [family.shape for family in found.blocks] == shapes
    assert len(found.permutations) == listed


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("graph", [spider(5, 2), multipartite(4, 3), rook(3, 4), rook(4, 4)])
def test_the_group_is_the_same_however_much_of_it_is_listed(graph, seed):
    moved = relabelled(graph, seed)
    found = symmetry(moved)
    order = len(found.permutations)
    for members in found.classes:
        order *= factorial(len(members))
    for family in found.blocks:
        order *= factorial(len(family))
    cut = layer(moved)[0]
    terms = [[PauliSum((term,)) for term in cut.terms]]
    assert order == qubit_automorphisms(len(moved), terms).order


GRAPHS = {
    "spider3x3": spider(3, 3),
    "spider4x2": spider(4, 2),
    "multipartite3x3": multipartite(3, 3),
    "cocktail5": multipartite(5, 2),
    "windmill4": nx.windmill_graph(4, 3),
    "rook3x3": rook(3, 3),
    "bipartite3x5": nx.complete_bipartite_graph(3, 5),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_spaces_and_orbits_against_all_basis_states(name):
    """Dimensions in the space of all amplitudes, and orbits by listing the group without blocks."""
    graph = relabelled(GRAPHS[name], 1)
    n = len(graph)
    assert dimension(graph) == effective_dimension(layer(graph), np.ones(2**n))
    assert num_orbits(graph) == sector_dimension(n, automorphisms(graph), flip=True)


@pytest.mark.parametrize("base", [2, 4])
def test_a_code_is_that_of_a_member_and_the_same_for_all_members(base):
    graph = relabelled(multipartite(3, 2), 2)
    group = symmetry(graph, flip=False)
    letters = np.random.default_rng(4).integers(0, base, (200, 6)).astype(np.uint8)
    codes = group.smallest(letters, base)
    assert np.array_equal(group.smallest(group.letters(codes, base), base), codes)
    for permutation in automorphisms(graph):
        assert np.array_equal(group.smallest(letters[:, permutation], base), codes)
    listed = QubitSymmetry.generated_by(6, automorphisms(graph))
    pairs = set(zip(codes.tolist(), listed.smallest(letters, base).tolist(), strict=True))
    assert len(pairs) == len(set(codes.tolist())) == len({smallest for _, smallest in pairs})


@pytest.mark.parametrize("n", [20, 31, 40])
def test_closed_forms_on_twenty_to_forty_qubits(n):
    assert dimension(nx.complete_graph(n)) == n // 2 + 1
    assert dimension(nx.star_graph(n - 1)) == n
    a = n // 2 - 3
    b = n - a
    assert dimension(nx.complete_bipartite_graph(a, b)) == (a + 1) * (b + 1) // 2 + (
        (a + 1) * (b + 1) % 2
    )


def test_sectors_of_wreath_products_on_forty_qubits():
    """Multisets of the patterns of a block, up to the flip of all bits."""
    # A friendship graph: 19 pairs with 0, 1 or 2 set bits; the hub fixes the flip.
    assert num_orbits(nx.windmill_graph(19, 3)) == comb(19 + 2, 2)
    # A cocktail party: (pairs with 0, 1, 2 set) to (2, 1, 0): fixed where first and last agree.
    assert num_orbits(multipartite(20, 2)) == (comb(22, 2) + 11) // 2
    # Five classes of eight: each has 0 to 8 set bits.
    patterns = list(combinations_with_replacement(range(9), 5))
    fixed = sum(tuple(sorted(8 - k for k in pattern)) == pattern for pattern in patterns)
    assert num_orbits(multipartite(5, 8)) == (len(patterns) + fixed) // 2


@pytest.mark.slow
def test_dimensions_of_wreath_products_on_forty_qubits():
    assert dimension(multipartite(20, 2)) == 121
    assert dimension(nx.windmill_graph(19, 3)) == 210


def test_limits():
    plain = layer(nx.path_graph(6))
    assert effective_dimension(plain, "+" * 6, limits=Limits(dimensions=20)) == 20
    with pytest.raises(ClosureLimitError, match="more than 10 dimensions"):
        effective_dimension(plain, "+" * 6, limits=Limits(dimensions=10))
    with pytest.raises(OrbitLimitError, match="more than 10 orbits"):
        effective_dimension(plain, "+" * 6, limits=Limits(orbits=10))
    ring = nx.cycle_graph(7)
    with pytest.raises(OrbitLimitError, match="a group of more than 5"):
        effective_dimension(
            layer(ring), "+" * 7, automorphisms(ring), limits=Limits(permutations=5)
        )
