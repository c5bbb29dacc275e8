"""Which of the kept gates share a parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import networkx as nx

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import anticommute
from trainscape.physics.term_graph import QubitPermutations, canonical_places, qubit_automorphisms
from trainscape.pruning.filters import Element, acting_terms
from trainscape.pruning.result import Block

__all__ = ["Mode", "tie"]

Mode = Literal["orbits", "kinds", "free"]
"""Which gates share a parameter: those that symmetry maps to each other, all of one kind, none."""


Family = tuple[int, ...]
"""Indices of generators of a layer that may be tied."""


def tie(
    hamiltonian: PauliSum,
    layers: Sequence[Sequence[Element]],
    mode: Mode,
    start: str,
    tolerance: float | None,
) -> tuple[QubitPermutations, list[tuple[Block, ...]]]:
    """Take the third step of the compiler.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian.
    layers
        What the first two steps left.
    mode, start
        See `trainscape.pruning.compiler.prune`.
    tolerance
        See `trainscape.physics.term_graph.qubit_automorphisms`.

    Returns
    -------
    permutations, blocks
        The permutations that leave the Hamiltonian and every layer as it is, and the blocks of each
        layer in the order of their first gates.
    """
    n = hamiltonian.num_qubits
    terms = [PauliSum((term,)) for term in acting_terms(hamiltonian)]
    generators = [[item.generator for item in layer] for layer in layers]
    families: list[list[Family]] = [[tuple(range(len(layer)))] for layer in generators]

    def graph_families() -> list[list[PauliSum]]:
        """Return all families of all layers once: most circuits repeat one layer."""
        chosen = {
            frozenset(layer[index] for index in family): [layer[index] for index in family]
            for layer, parts in zip(generators, families, strict=True)
            for family in parts
        }
        return [terms, *chosen.values()]

    options: dict[str, Any] = {"labels": start, "tolerance": tolerance}
    found = qubit_automorphisms(n, graph_families(), **options)
    places: Sequence[int] = ()
    split = False
    for number, layer in enumerate(generators):
        for part in _parts(layer, families[number], mode, found):
            clashes = [(a, b) for a, b in combinations(part, 2) if not _commute(layer[a], layer[b])]
            if clashes:
                places = places or canonical_places(n, graph_families(), **options)
                classes = _sub_layers(part, clashes, layer, places)
                rest = tuple(index for index in families[number][0] if index not in part)
                families[number] = [rest, *families[number][1:], *classes]
                split = True
    if split:
        found = qubit_automorphisms(n, graph_families(), **options)
    weights = {string: weight for weight, string in acting_terms(hamiltonian)}
    blocks = []
    for elements, layer, parts in zip(layers, generators, families, strict=True):
        tied = sorted(map(sorted, _parts(layer, parts, mode, found)))
        blocks.append(tuple(_block([elements[i] for i in part], mode, weights) for part in tied))
    return found, blocks


def _parts(
    layer: Sequence[PauliSum], families: Sequence[Family], mode: Mode, found: QubitPermutations
) -> list[Family]:
    """Return the sets of generators that share a parameter."""
    if mode == "free":
        return [(index,) for family in families for index in family]
    parts = []
    for family in families:
        members = [layer[index] for index in family]
        groups = _by_kind(members) if mode == "kinds" else found.sum_orbits(members)
        parts += [tuple(family[place] for place in group) for group in groups]
    return parts


def _by_kind(generators: Sequence[PauliSum]) -> list[tuple[int, ...]]:
    """Return the indices of generators by the letters of their strings."""
    kinds: dict[tuple[str, ...], list[int]] = {}
    for index, generator in enumerate(generators):
        letters = ("".join(sorted(string.label.replace("I", ""))) for _, string in generator.terms)
        kinds.setdefault(tuple(sorted(letters)), []).append(index)
    return [tuple(kind) for kind in kinds.values()]


def _commute(first: PauliSum, second: PauliSum) -> bool:
    return not any(anticommute(a, b) for _, a in first.terms for _, b in second.terms)


def _sub_layers(
    part: Sequence[int],
    clashes: Sequence[tuple[int, int]],
    generators: Sequence[PauliSum],
    places: Sequence[int],
) -> list[Family]:
    """Split generators into classes that commute, in a way that the numbering of qubits leaves.

    Two classes if that is possible, as even and odd bonds of a chain; else as few as are found.
    """
    ordered = sorted(
        part,
        key=lambda index: sorted(
            sorted((places[q], string.label[q]) for q in string.support)
            for _, string in generators[index].terms
        ),
    )
    graph = nx.Graph()
    graph.add_nodes_from(ordered)
    graph.add_edges_from(clashes)
    try:
        colours = nx.bipartite.color(graph)
    except nx.NetworkXError:
        colours = nx.greedy_color(graph, strategy=lambda *_: iter(ordered))
    classes: dict[int, list[int]] = {}
    for index in sorted(part):
        classes.setdefault(colours[index], []).append(index)
    return [tuple(members) for members in classes.values()]


def _block(elements: Sequence[Element], mode: Mode, weights: Mapping[PauliString, float]) -> Block:
    """Return elements as a block; those of one kind keep the ratios of the weights in H."""
    factors = [1.0] * len(elements)
    if mode == "kinds":
        own = [weights.get(item.generator.terms[0][1], 1.0) for item in elements]
        factors = [weight / own[0] for weight in own]
    sources = [
        (index, scale / factor)
        for item, factor in zip(elements, factors, strict=True)
        for index, scale in item.sources
    ]
    return Block(tuple(item.generator for item in elements), tuple(factors), tuple(sources))
