"""Automorphisms of term graphs."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.term_graph import (
    QubitPermutations,
    canonical_places,
    permuted,
    qubit_automorphisms,
)

N = 4
LABELS = st.text("IXYZ", min_size=N, max_size=N).filter(lambda label: set(label) != {"I"})
SUMS = st.dictionaries(LABELS, st.sampled_from([1.0, -1.0, 0.5]), min_size=1, max_size=6)


def as_terms(weights: dict[str, float]) -> list[PauliSum]:
    return [PauliSum(((weight, PauliString(label)),)) for label, weight in weights.items()]


def brute_force(weights: dict[str, float], labels: str) -> set[tuple[int, ...]]:
    """All permutations that leave the weights, and the letters of the start state, as they are."""
    found = set()
    for order in permutations(range(N)):
        moved = {}
        for label, weight in weights.items():
            image = [""] * N
            for qubit, letter in enumerate(label):
                image[order[qubit]] = letter
            moved["".join(image)] = weight
        if moved == weights and all(labels[q] == labels[order[q]] for q in range(N)):
            found.add(order)
    return found


def generated(group: QubitPermutations) -> set[tuple[int, ...]]:
    found = {tuple(range(group.num_qubits))}
    frontier = found
    while frontier:
        images = {tuple(g[q] for q in p) for p in frontier for g in group.generators}
        frontier = images - found
        found |= images
    return found


@given(SUMS, st.sampled_from(["++++", "0101", "0011"]))
def test_the_group_is_that_of_all_permutations_tried(weights, labels):
    group = qubit_automorphisms(N, [as_terms(weights)], labels=labels)
    expected = brute_force(weights, labels)
    assert generated(group) == expected
    assert group.order == len(expected)
    orbits = {frozenset(p[q] for p in expected) for q in range(N)}
    assert {frozenset(orbit) for orbit in group.qubit_orbits()} == orbits


@given(SUMS, st.permutations(range(N)))
def test_canonical_places_follow_a_relabeling(weights, order):
    """The sum written in canonical places is the same, however the qubits were numbered."""
    terms = as_terms(weights)
    moved = [permuted(term, order) for term in terms]
    normal = [
        {permuted(term, canonical_places(N, [chosen])).terms[0] for term in chosen}
        for chosen in (terms, moved)
    ]
    assert normal[0] == normal[1]


def test_families_are_not_mixed():
    x = [PauliSum.parse(f"1*{label}") for label in ("XIII", "IXII", "IIXI", "IIIX")]
    assert qubit_automorphisms(4, [x]).order == 24
    assert qubit_automorphisms(4, [x[:2], x[2:]]).order == 4
    assert qubit_automorphisms(4, [[PauliSum.parse("XIII + IXII")], [x[2]]]).order == 2


def test_a_sum_is_moved_letter_by_letter():
    assert str(permuted(PauliSum.parse("0.5*XYI - IZZ"), (2, 0, 1))) == "0.5*YIX - 1.0*ZZI"


def test_orbits_of_a_list_that_is_not_closed_are_refused():
    ring = [PauliSum.parse(f"1*{label}") for label in ("ZZI", "IZZ", "ZIZ")]
    group = qubit_automorphisms(3, [ring])
    assert group.sum_orbits(ring) == ((0, 1, 2),)
    with pytest.raises(ValueError, match="out of the list"):
        group.sum_orbits(ring[:2])


def test_equal_weights_up_to_rounding():
    weights = [0.1 + 0.2, 0.3, 0.3 * (1 + 1e-12)]
    terms = [PauliSum(((weight, PauliString.on(3, {q: "X"})),)) for q, weight in enumerate(weights)]
    assert qubit_automorphisms(3, [terms]).order == 6
    terms[2] = PauliSum(((0.3001, PauliString("IIX")),))
    assert qubit_automorphisms(3, [terms]).order == 2
    assert qubit_automorphisms(3, [terms], tolerance=1e-3).order == 6


def test_a_large_graph():
    rng = np.random.default_rng(0)
    order = rng.permutation(100).tolist()
    ring = [
        PauliSum(((1.0, PauliString.on(100, {order[q]: "Z", order[(q + 1) % 100]: "Z"})),))
        for q in range(100)
    ]
    group = qubit_automorphisms(100, [ring])
    assert group.order == 200
    assert len(group.qubit_orbits()) == 1
