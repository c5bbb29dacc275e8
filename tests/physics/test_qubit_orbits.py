"""Orbits: against listing all strings, Burnside's count, and the groups of known graphs."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from physics.ansatze import (
    CUBE,
    OCTAHEDRON,
    PETERSEN,
    SYMMETRIES,
    WHEEL6,
    bipartite,
    complete,
    dihedral,
    grid,
    maxcut_sums,
    petersen_symmetries,
    star,
)
from trainscape.physics import qubit_orbits
from trainscape.physics.exact_sums import exact_sums
from trainscape.physics.pauli import PauliSum
from trainscape.physics.qubit_orbits import QubitSymmetry, sector_dimension, twin_classes, unchanged


def ring(n):
    return n, [(q, (q + 1) % n) for q in range(n)]


def path(n):
    return n, [(q, q + 1) for q in range(n - 1)]


# Graph, generators of its automorphisms beside exchanges of twins, order of the group, and number
# of orbits of bit strings up to the flip of all bits.
GRAPHS = [
    *[(f"ring{n}", ring(n), dihedral(n, True), 2 * n, d) for n, d in zip(range(5, 9), (4, 8, 9, 18), strict=True)],
    ("ring3", ring(3), [], 6, 2),
    ("ring4", ring(4), dihedral(4, True), 8, 4),
    *[
        (f"path{n}", path(n), dihedral(n), 2, d)
        for n, d in zip(range(2, 9), (2, 3, 6, 10, 20, 36, 72), strict=True)
    ],
    *[(f"K{n}", complete(n), [], factorial(n), n // 2 + 1) for n in range(3, 8)],
    *[(f"star{n}", star(n), [], factorial(n - 1), n) for n in range(4, 8)],
    ("K33", bipartite(3, 3), SYMMETRIES["K33"], 72, 6),
    ("K23", bipartite(2, 3), [], 12, 6),
    ("cube", CUBE, SYMMETRIES["cube"], 48, 14),
    ("grid2x3", grid(2, 3), SYMMETRIES["grid2x3"], 4, 14),
    ("grid3x3", grid(3, 3), SYMMETRIES["grid3x3"], 8, 51),
    ("wheel6", WHEEL6, SYMMETRIES["wheel6"], 10, 8),
    ("octahedron", OCTAHEDRON, SYMMETRIES["octahedron"], 48, 6),
    ("Petersen", PETERSEN, petersen_symmetries(), 120, 18),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "generators", "order", "sector"), [g[1:] for g in GRAPHS], ids=[g[0] for g in GRAPHS])  # fmt: skip
def test_groups_and_sectors_of_graphs(graph, generators, order, sector):
    n, edges = graph
    sums = exact_sums(maxcut_sums(n, edges))
    classes = twin_classes(sums, "+" * n)
    symmetry = QubitSymmetry.generated_by(n, generators, classes)
    within = np.prod([factorial(len(members)) for members in classes])
    assert len(symmetry.permutations) * within == order
    assert all(unchanged(sums, permutation) for permutation in symmetry.permutations)
    assert sector_dimension(n, generators, classes=classes, flip=True) == sector
    if n < 7:
        automorphisms = [p for p in permutations(range(n)) if unchanged(sums, p)]
        assert len(automorphisms) == order
        # Burnside: the mean number of fixed points, of permutations with and without the flip.
        fixed = 0
        for p in automorphisms:
            lengths = _cycle_lengths(p)
            fixed += 2 ** len(lengths) * (1 + all(length % 2 == 0 for length in lengths))
        assert fixed == 2 * order * sector


def _cycle_lengths(permutation):
    seen, lengths = set(), []
    for start in permutation:
        here, length = start, 0
        while here not in seen:
            seen.add(here)
            here, length = permutation[here], length + 1
        if length:
            lengths.append(length)
    return lengths


@pytest.mark.parametrize("base", [2, 4])
def test_smallest_member_by_listing_the_group(base):
    symmetry = QubitSymmetry.generated_by(5, [[1, 0, 3, 2, 4]], [[0, 2], [1, 3]])
    group = {p for p in permutations(range(5)) if p[4] == 4 and ({p[0], p[2]} in ({0, 2}, {1, 3}))}
    assert len(group) == 8
    letters = symmetry.letters(np.arange(base**5), base)
    smallest = symmetry.smallest(letters, base)
    powers = base ** np.arange(4, -1, -1)
    expected = np.min([letters[:, list(p)].astype(int) @ powers for p in group], axis=0)
    assert np.array_equal(smallest, expected)
    assert np.array_equal(letters.astype(int) @ powers, np.arange(base**5))


def test_twins_need_equal_labels_and_weights():
    sums = exact_sums([PauliSum.parse("ZZI + ZIZ"), PauliSum.parse("XII + IXI + IIX")])
    assert twin_classes(sums, "+++") == [[0], [1, 2]]
    assert twin_classes(sums, "++-") == [[0], [1], [2]]
    unequal = exact_sums([PauliSum.parse("ZZI + 2*ZIZ")])
    assert twin_classes(unequal, "+++") == [[0], [1], [2]]


def test_huge_groups_cost_little():
    assert sector_dimension(40, classes=[range(40)], flip=True) == 21
    assert sector_dimension(40, classes=[range(1, 40)], flip=True) == 40
    assert sector_dimension(62, classes=[range(62)]) == 63
    assert sector_dimension(3) == 8


def test_refusals(monkeypatch):
    with pytest.raises(ValueError, match="strings of 63 letters do not fit into 62 bits"):
        sector_dimension(63, classes=[range(63)])
    with pytest.raises(ValueError, match=r"\[0, 0, 1\] is no permutation of the 3 qubits 0 to 2"):
        sector_dimension(3, [[0, 0, 1]])
    monkeypatch.setattr(qubit_orbits, "GROUP_LIMIT", 100)
    with pytest.raises(ValueError, match="a group of more than 100"):
        sector_dimension(6, [[1, 0, 2, 3, 4, 5], [1, 2, 3, 4, 5, 0]])
