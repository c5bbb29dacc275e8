"""Symmetries of MaxCut on many graphs, and gates, parameters and dimensions before and after.

Each graph is pruned twice: as it is numbered, and with its vertices in a random order, from which
all numbers have to come out the same (but those of seven vertices once, without the compiler).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import count

import networkx as nx
import numpy as np
import xarray as xr

from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.qubit_orbits import sector_dimension
from trainscape.physics.term_graph import qubit_automorphisms
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.graphs import cut_hamiltonian
from trainscape.studies.pruning.symmetry import FITTED

__all__ = ["NUMBERS", "graph_numbers", "relabelled", "sample"]

NUMBERS = {
    "edges": "edges",
    "automorphisms": "automorphisms of the graph",
    "vertex_orbits": "orbits of vertices",
    "edge_orbits": "orbits of edges",
    "sector": "orbits of bit strings under automorphisms and the flip of all bits",
    "parameters": "parameters of a layer that the compiler leaves, -1: not compiled",
    "gates": "gates of a layer that the compiler leaves, -1: not compiled",
    "kinds": "effective dimension, one parameter for each kind of gate",
    "orbits": "effective dimension, one parameter for each orbit of gates",
}
COMPILED = FITTED
"""Graphs of more vertices are not given to the compiler, if all of a size are taken."""


@cache
def _connected(vertices: int) -> list[nx.Graph]:
    """Return all connected graphs of a size, of which no two are equal up to the numbering."""
    return [
        graph
        for graph in nx.graph_atlas_g()
        if graph.number_of_nodes() == vertices and nx.is_connected(graph)
    ]


def _regular(vertices: int, number: int, rng: np.random.Generator) -> list[nx.Graph]:
    """Return random connected 3-regular graphs."""
    found: list[nx.Graph] = []
    for _ in count():
        graph = nx.random_regular_graph(3, vertices, seed=int(rng.integers(2**31)))
        if nx.is_connected(graph):
            found.append(graph)
        if len(found) == number:
            return found
    raise AssertionError


def relabelled(graph: nx.Graph, rng: np.random.Generator) -> nx.Graph:
    """Return a graph with its vertices in a random order."""
    order = rng.permutation(graph.number_of_nodes()).tolist()
    return nx.relabel_nodes(graph, dict(enumerate(order)))


def graph_numbers(graph: nx.Graph, *, compiled: bool = True) -> dict[str, int]:
    """Return the numbers of `NUMBERS` for the cut of a connected graph, from its terms alone.

    Parameters
    ----------
    graph
        Vertices 0 to n - 1.
    compiled
        Whether the compiler prunes the dense ansatz too.
    """
    n = graph.number_of_nodes()
    target = cut_hamiltonian(graph)
    terms = [PauliSum((term,)) for term in target.terms]
    drivers = [PauliSum(((1.0, PauliString.on(n, {q: "X"})),)) for q in range(n)]
    group = qubit_automorphisms(n, [terms])
    vertex_orbits, edge_orbits = group.qubit_orbits(), group.sum_orbits(terms)

    def dimension(edges: Sequence[Sequence[int]], vertices: Sequence[Sequence[int]]) -> int:
        tied = [_total([terms[place] for place in part]) for part in edges]
        tied += [_total([drivers[place] for place in part]) for part in vertices]
        return effective_dimension(tied, "+" * n, group.generators)

    kinds = dimension([range(len(terms))], [range(n)])
    sector = sector_dimension(n, group.generators, flip=True)
    pruned = prune(target, dense_layer(n)) if compiled else None
    return {
        "edges": len(terms),
        "automorphisms": group.order,
        "vertex_orbits": len(vertex_orbits),
        "edge_orbits": len(edge_orbits),
        "sector": sector,
        "parameters": pruned.num_parameters if pruned else -1,
        "gates": pruned.num_gates if pruned else -1,
        "kinds": kinds,
        # More parameters reach no less, and nothing leaves the sector.
        "orbits": kinds if kinds == sector else dimension(edge_orbits, vertex_orbits),
    }


def _total(items: Sequence[PauliSum]) -> PauliSum:
    return PauliSum.of(term for item in items for term in item.terms)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the numbers of a part of the graphs, and whether relabelled ones have the same."""
    n, first = cell["vertices"], cell["first"]
    everything = cell["source"] == "all"
    if everything:
        graphs = _connected(n)[first : first + cell.options["part"]]
    else:
        graphs = _regular(n, cell.options["regular"], cell.generator(Purpose.INSTANCE, 0))
    compiled = n <= COMPILED or not everything
    found = [graph_numbers(graph, compiled=compiled) for graph in graphs]
    rng = cell.generator(Purpose.STRUCTURE, 0)
    same = [
        graph_numbers(relabelled(graph, rng)) == numbers if compiled else True
        for graph, numbers in zip(graphs, found, strict=True)
    ]
    columns = {name: [one[name] for one in found] for name in NUMBERS}
    return xr.Dataset(
        {
            "same": variable("graph", np.array(same), "whether the relabelled graph has the same"),
            "relabelled": variable("graph", np.full(len(graphs), compiled), "whether it was tried"),
            **{name: variable("graph", columns[name], text) for name, text in NUMBERS.items()},
        },
        coords={"graph": first + np.arange(len(graphs))},
    )
