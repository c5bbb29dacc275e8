"""Permutations of qubits that leave Pauli sums unchanged: automorphisms of a term graph.

The term graph has a node for each qubit, for each sum, for each Pauli string of a sum and for each
letter of a string; a letter joins its string to its qubit. Colours tell qubits, letters and strings
apart, and strings by their signed weights: maps that flip the sign of a coupling are no symmetries.
Colour-preserving automorphisms, restricted to the qubits, are the permutations that are looked for.
BLISS finds them, in the library igraph. Nothing but the list of terms is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import igraph

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "QubitPermutations",
    "canonical_places",
    "permuted",
    "qubit_automorphisms",
    "weight_classes",
]

EQUAL_WEIGHTS = 1e-9
"""Weights that differ by less, in units of the largest one, are the same."""


@dataclass(frozen=True)
class QubitPermutations:
    """A group of permutations of qubits.

    Parameters
    ----------
    num_qubits
        Number of qubits.
    generators
        Permutations that generate the group: qubit q goes to place ``generator[q]``.
    order
        Number of permutations in the group.
    """

    num_qubits: int
    generators: tuple[tuple[int, ...], ...]
    order: int

    def qubit_orbits(self) -> tuple[tuple[int, ...], ...]:
        """Return the orbits of the qubits, each ascending, in the order of their first members."""
        orbits: list[tuple[int, ...]] = []
        seen: set[int] = set()
        for qubit in range(self.num_qubits):
            if qubit in seen:
                continue
            orbit = {qubit}
            frontier = [qubit]
            while frontier:
                images = {generator[q] for generator in self.generators for q in frontier}
                frontier = list(images - orbit)
                orbit |= images
            seen |= orbit
            orbits.append(tuple(sorted(orbit)))
        return tuple(orbits)

    def sum_orbits(self, sums: Sequence[PauliSum]) -> tuple[tuple[int, ...], ...]:
        """Return the orbits of sums, as indices, in the order of their first members.

        Raises
        ------
        ValueError
            If a permutation takes a sum out of the list.
        """
        places = {_content(item): index for index, item in enumerate(sums)}
        leaders = list(range(len(sums)))

        def leader(index: int) -> int:
            while leaders[index] != index:
                leaders[index] = leaders[leaders[index]]
                index = leaders[index]
            return index

        for generator in self.generators:
            for index, item in enumerate(sums):
                try:
                    image = places[_content(permuted(item, generator))]
                except KeyError:
                    raise ValueError(
                        f"the permutation {generator} takes {item} out of the list of sums"
                    ) from None
                first, second = sorted((leader(index), leader(image)))
                leaders[second] = first
        members: dict[int, list[int]] = {}
        for index in range(len(sums)):
            members.setdefault(leader(index), []).append(index)
        return tuple(tuple(orbit) for orbit in members.values())


def permuted(item: PauliSum, permutation: Sequence[int]) -> PauliSum:
    """Return a sum with the letter of each qubit q moved to the qubit ``permutation[q]``."""
    inverse = [0] * len(permutation)
    for source, target in enumerate(permutation):
        inverse[target] = source
    return PauliSum(tuple((weight, string.restricted(inverse)) for weight, string in item.terms))


def weight_classes(weights: Iterable[float], tolerance: float = EQUAL_WEIGHTS) -> dict[float, int]:
    """Return a class for each weight: neighbours that differ by at most `tolerance` share one."""
    ordered = sorted(set(weights))
    classes = {}
    number = 0
    for index, weight in enumerate(ordered):
        if index and weight - ordered[index - 1] > tolerance:
            number += 1
        classes[weight] = number
    return classes


def qubit_automorphisms(
    num_qubits: int,
    families: Sequence[Sequence[PauliSum]],
    *,
    labels: str = "",
    tolerance: float | None = None,
) -> QubitPermutations:
    """Return the permutations of qubits that map each family of Pauli sums onto itself.

    A Hamiltonian that is to stay the same is a family of its terms.

    Parameters
    ----------
    num_qubits
        Number of qubits.
    families
        Lists of different sums. Members of a family may be exchanged, those of different families
        may not.
    labels
        One letter for each qubit; qubits with different letters are not exchanged, and pairs of
        brackets ``()`` go to pairs. Empty: all are alike.
    tolerance
        Largest difference of weights that count as equal; `EQUAL_WEIGHTS` of the largest weight if
        not given.
    """
    graph, colours = _term_graph(num_qubits, families, labels, tolerance)
    generators = graph.automorphism_group(color=colours)
    restricted = dict.fromkeys(tuple(generator[:num_qubits]) for generator in generators)
    restricted.pop(tuple(range(num_qubits)), None)
    order = int(graph.count_automorphisms(color=colours))
    return QubitPermutations(num_qubits, tuple(restricted), order)


def canonical_places(
    num_qubits: int,
    families: Sequence[Sequence[PauliSum]],
    *,
    labels: str = "",
    tolerance: float | None = None,
) -> tuple[int, ...]:
    """Return a place for each qubit that does not depend on how the qubits are numbered.

    Qubits that an automorphism exchanges may take each other's places. Parameters as for
    `qubit_automorphisms`.
    """
    graph, colours = _term_graph(num_qubits, families, labels, tolerance)
    # Versions of igraph differ in the direction of the permutation: names tell who went where.
    graph.vs["name"] = list(range(len(colours)))
    ordered = graph.permute_vertices(graph.canonical_permutation(color=colours)).vs["name"]
    ranks = {qubit: rank for rank, qubit in enumerate(q for q in ordered if q < num_qubits)}
    return tuple(ranks[qubit] for qubit in range(num_qubits))


def _term_graph(
    num_qubits: int,
    families: Sequence[Sequence[PauliSum]],
    labels: str,
    tolerance: float | None,
) -> tuple[igraph.Graph, list[int]]:
    """Return the term graph, whose first nodes are the qubits, and the colours of its nodes."""
    weights = [weight for family in families for item in family for weight, _ in item.terms]
    if tolerance is None:
        tolerance = EQUAL_WEIGHTS * max((abs(weight) for weight in weights), default=0.0)
    classes = weight_classes(weights, tolerance)
    # Equal inputs up to the numbering of qubits must give equal colours: kinds in a fixed order.
    pairs = [qubit for qubit, label in enumerate(labels) if label == "("]
    labels = labels.replace(")", "(")
    kinds: dict[tuple[str, object], int] = {}
    for kind in _kinds(families, labels, classes):
        kinds[kind] = len(kinds)
    colours = [kinds["qubit", label] for label in labels or "." * num_qubits]
    edges: list[tuple[int, int]] = []

    def node(kind: tuple[str, object], *joined: int) -> int:
        colours.append(kinds[kind])
        edges.extend((len(colours) - 1, other) for other in joined)
        return len(colours) - 1

    for first in pairs:
        node(("pair", 0), first, first + 1)
    for number, family in enumerate(families):
        for item in family:
            sum_node = node(("sum", number))
            for weight, string in item.terms:
                string_node = node(("string", classes[weight]), sum_node)
                for qubit in string.support:
                    node(("letter", string.label[qubit]), string_node, qubit)
    return igraph.Graph(n=len(colours), edges=edges), colours


def _kinds(
    families: Sequence[Sequence[PauliSum]], labels: str, classes: dict[float, int]
) -> list[tuple[str, object]]:
    return [
        *(("qubit", label) for label in sorted(set(labels or "."))),
        *(("sum", number) for number in range(len(families))),
        *(("string", number) for number in sorted(set(classes.values()))),
        *(("letter", letter) for letter in "XYZ"),
        ("pair", 0),
    ]


def _content(item: PauliSum) -> frozenset[tuple[float, PauliString]]:
    return frozenset((round(weight, 9), string) for weight, string in item.terms)
