"""The compiler for symmetric pruning on cuts of large graphs. No package for it is known."""

from __future__ import annotations

import numpy as np

from benchmarks.worker import Workload

__all__ = ["prune_cut"]


def prune_cut(graph: str, n: int) -> Workload:
    """Return the pruning of a dense layer on n qubits for a cut of a grid, ring or cubic graph.

    Its answer are gates and parameters of a layer, and the number of permutations that leave the
    graph as it is.
    """
    import networkx as nx

    from trainscape.physics.pauli import PauliString, PauliSum
    from trainscape.pruning.compiler import prune
    from trainscape.pruning.layers import dense_layer

    side = round(n**0.5)
    named = {
        "grid": lambda: nx.grid_2d_graph(side, side),
        "ring": lambda: nx.cycle_graph(n),
        "cubic": lambda: nx.random_regular_graph(3, n, seed=1),
    }
    edges = nx.convert_node_labels_to_integers(named[graph](), ordering="sorted").edges
    cut = PauliSum.of((1.0, PauliString.on(n, {a: "Z", b: "Z"})) for a, b in edges)
    ansatz = dense_layer(n)

    def call() -> np.ndarray:
        pruned = prune(cut, ansatz)
        found = (pruned.num_gates, pruned.num_parameters, pruned.automorphisms.order)
        return np.array([found], dtype=np.float64)

    return Workload(call)
