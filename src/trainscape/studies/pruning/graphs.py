"""Graphs by name: families with a number of vertices, or of the two sides, and some solids.

``ring6``, ``path6``, ``complete5``, ``star6`` and ``wheel6`` have as many vertices as they say, the
hub of a star or a wheel among them; ``grid2x3`` and ``bipartite2x3`` (complete) have two sides. The
others are ``cube``, ``octahedron`` and ``petersen``, and three graphs without any symmetry:
``tailed`` is a triangle with tails of one and two edges, which with its complement ``cotailed`` has
the fewest and the most edges of all such graphs with six vertices, the least number; ``tripod``,
with legs of one, two and three edges, is the smallest tree of them.

``multipartite5x8`` is complete with five classes of eight vertices, ``friendship19`` has nineteen
triangles with one vertex in common, ``spider19`` nineteen legs of two vertices at a hub.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import networkx as nx

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.pruning.names import GRAPH_NAME, LARGE_GRAPH_NAME

__all__ = ["cut_hamiltonian", "graph_label", "named_graph"]

Sized = Callable[..., nx.Graph]

TAILED = nx.Graph([(0, 1), (1, 2), (2, 0), (0, 3), (1, 4), (4, 5)])
TRIPOD = nx.Graph([(0, 1), (0, 2), (2, 3), (0, 4), (4, 5), (5, 6)])


def _spider(legs: int) -> nx.Graph:
    """Return a hub with legs of two vertices."""
    return nx.Graph([pair for leg in range(1, 2 * legs, 2) for pair in ((0, leg), (leg, leg + 1))])


FAMILIES: dict[str, tuple[Sized, str]] = {
    "ring": (nx.cycle_graph, "ring of {}"),
    "path": (nx.path_graph, "path of {}"),
    "complete": (nx.complete_graph, "K{}"),
    "star": (lambda n: nx.star_graph(n - 1), "star of {}"),
    "wheel": (nx.wheel_graph, "wheel of {}"),
    "bipartite": (nx.complete_bipartite_graph, "K{},{}"),
    "grid": (nx.grid_2d_graph, "grid {} x {}"),
    "multipartite": (
        lambda m, k: nx.complete_multipartite_graph(*[k] * m),
        "complete, {} classes of {}",
    ),
    "friendship": (lambda m: nx.windmill_graph(m, 3), "friendship graph of {} triangles"),
    "spider": (_spider, "spider of {} legs"),
    "cube": (nx.cubical_graph, "cube"),
    "octahedron": (nx.octahedral_graph, "octahedron"),
    "petersen": (nx.petersen_graph, "Petersen"),
    "tailed": (lambda: TAILED, "tailed triangle"),
    "cotailed": (lambda: nx.complement(TAILED), "cotailed graph"),
    "tripod": (lambda: TRIPOD, "tripod"),
}


def _parts(name: str) -> tuple[str, list[int]]:
    """Return the family and the sizes of a graph."""
    found = re.match(r"[a-z]+", name)
    known = any(re.match(pattern, name) for pattern in (GRAPH_NAME, LARGE_GRAPH_NAME))
    if not known or found is None:
        raise ValueError(
            f"there is no graph {name!r}; give one such as ring6, grid2x3 or cube, see "
            "trainscape.studies.pruning.graphs"
        )
    return found.group(), [int(size) for size in re.findall(r"\d+", name)]


def named_graph(name: str) -> nx.Graph:
    """Return a graph with the vertices 0 to n - 1.

    Raises
    ------
    ValueError
        If there is no graph of this name.
    """
    family, sizes = _parts(name)
    return nx.convert_node_labels_to_integers(FAMILIES[family][0](*sizes), ordering="sorted")


def graph_label(name: str) -> str:
    """Return the name of a graph as a reader should see it."""
    family, sizes = _parts(name)
    return FAMILIES[family][1].format(*sizes)


def cut_hamiltonian(graph: nx.Graph) -> PauliSum:
    """Return the sum of ZZ over the edges: the ground states are the largest cuts."""
    n = graph.number_of_nodes()
    return PauliSum.of(
        (1.0, PauliString.on(n, {a: "Z", b: "Z"})) for a, b in sorted(map(sorted, graph.edges))
    )
