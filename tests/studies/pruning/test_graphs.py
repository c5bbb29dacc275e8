"""Graphs by name: sizes, the Hamiltonian of the largest cut, and names that do not exist."""

import networkx as nx
import numpy as np
import pytest

from trainscape.studies.pruning.graphs import cut_hamiltonian, graph_label, named_graph


@pytest.mark.parametrize(
    ("name", "vertices", "edges", "label"),
    [
        ("ring6", 6, 6, "ring of 6"),
        ("path6", 6, 5, "path of 6"),
        ("complete5", 5, 10, "K5"),
        ("star6", 6, 5, "star of 6"),
        ("wheel6", 6, 10, "wheel of 6"),
        ("bipartite2x3", 5, 6, "K2,3"),
        ("grid2x3", 6, 7, "grid 2 x 3"),
        ("cube", 8, 12, "cube"),
        ("octahedron", 6, 12, "octahedron"),
        ("petersen", 10, 15, "Petersen"),
        ("tailed", 6, 6, "tailed triangle"),
        ("cotailed", 6, 9, "cotailed graph"),
        ("tripod", 7, 6, "tripod"),
    ],
)
def test_named_graphs(name, vertices, edges, label):
    graph = named_graph(name)
    assert sorted(graph) == list(range(vertices))
    assert graph.number_of_edges() == edges
    assert nx.is_connected(graph)
    assert graph_label(name) == label


@pytest.mark.parametrize("name", ["tailed", "cotailed", "tripod"])
def test_graphs_without_symmetry(name):
    graph = named_graph(name)
    matcher = nx.isomorphism.GraphMatcher(graph, graph)
    assert sum(1 for _ in matcher.isomorphisms_iter()) == 1


def test_the_ground_energy_is_that_of_the_largest_cut():
    """Edges minus twice the largest cut, which for these graphs is known."""
    for name, edges, cut in (("ring5", 5, 4), ("wheel6", 10, 7), ("bipartite2x3", 6, 6)):
        energies = np.diag(cut_hamiltonian(named_graph(name)).matrix()).real
        assert energies.min() == edges - 2 * cut


@pytest.mark.parametrize("name", ["ring2", "ring", "cube8", "grid2", "dodecahedron", ""])
def test_unknown_names(name):
    with pytest.raises(ValueError, match="there is no graph"):
        named_graph(name)
