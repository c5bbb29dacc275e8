r"""Closed forms of effective dimensions and of dimensions of Lie algebras.

From the start state of the model. Free fermions: the ring of Ising spins has :math:`2^{n/2}` (whole
part of n/2) dimensions and the algebra 3n - 1, the chain ``n over n/2`` and :math:`n^2`, and with a
parameter for each term :math:`2^{n-1}` and so(2n), twice on the ring. With a field along Z the
space is that of the strings that reflections and turns cannot tell apart (bracelets on a ring).
XXZ models with a parameter for each bond have the states of no magnetisation that a flip of all
spins leaves, Heisenberg models the states of no total spin (Catalan's numbers).
Cuts with a parameter for each edge: D. Kazi et al., arXiv:2409.19797, by whether the graph has odd
cycles, and else by the sizes of its two sides.
"""

from __future__ import annotations

import math

import networkx as nx

from trainscape.studies.pruning.graphs import named_graph
from trainscape.studies.pruning.names import GraphMode, ModelName, StageName, is_spin_model

__all__ = ["algebra_law", "effective_law", "graph_algebra_law", "graph_effective_law"]

CUTS: dict[str, str] = {"ring_cut": "ring", "star_cut": "star", "complete_cut": "complete"}


def _bracelets(n: int) -> int:
    """Return the number of bit strings on a ring, up to turns and reflections."""
    turns = sum(2 ** math.gcd(shift, n) for shift in range(n))
    mirrors = n * 2 ** ((n + 1) // 2) if n % 2 else n // 2 * (2 ** (n // 2) + 2 ** (n // 2 + 1))
    return int(turns + mirrors) // (2 * n)


def effective_law(model: ModelName, qubits: int, stage: StageName) -> int | None:
    """Return the effective dimension of a model, None where no closed form is known here."""
    n = qubits
    if is_spin_model(model):
        neutral = math.comb(n, n // 2)
        kept = neutral // 2 if model.startswith("xxz") else neutral // (n // 2 + 1)
        return {"A0": int(2**n), "A1": kept, "A2": kept}.get(stage)
    if stage != "A3":
        halved = stage != "A0" and not model.startswith("tilted")
        return int(2 ** (n - 1 if halved else n))
    laws = {
        "ising_ring": 2 ** (n // 2),
        "ring_cut": 2 ** (n // 2),
        "ising_chain": math.comb(n, n // 2),
        "tilted_ring": _bracelets(n),
        "tilted_chain": (2**n + 2 ** ((n + 1) // 2)) // 2,
        "star_cut": n,
        "complete_cut": n // 2 + 1,
    }
    return int(laws[model])


def algebra_law(model: ModelName, qubits: int, stage: StageName) -> int | None:
    """Return the dimension of the Lie algebra of a model, None where no law is known here."""
    n = qubits
    if is_spin_model(model):
        return int(4**n - 1) if stage == "A0" else None
    if stage == "A3":
        laws = {"ising_ring": 3 * n - 1, "ring_cut": 3 * n - 1, "ising_chain": n * n}
        return laws.get(model)
    if stage == "A0" or model.startswith("tilted"):
        return int(4**n - 1)
    if stage == "A1":
        return int(2 * (4 ** (n - 1) - 1))
    if model == "ising_chain":
        return n * (2 * n - 1)
    return graph_algebra_law(f"{CUTS.get(model, 'ring')}{n}", "free")


def graph_effective_law(graph: str, mode: GraphMode) -> int | None:
    """Return the effective dimension of MaxCut on a graph, None where no law is known here."""
    n = named_graph(graph).number_of_nodes()
    if mode == "free":
        return int(2 ** (n - 1))
    family = graph.rstrip("0123456789")
    laws = {
        "ring": 2 ** (n // 2),
        "path": math.comb(n, n // 2),
        "complete": n // 2 + 1,
        "star": n,
    }
    return laws.get(family)


def graph_algebra_law(graph: str, mode: GraphMode) -> int | None:
    """Return the dimension of the Lie algebra of MaxCut on a graph, None where none is known."""
    shape = named_graph(graph)
    n = shape.number_of_nodes()
    if mode != "free":
        return {"ring": 3 * n - 1, "path": n * n}.get(graph.rstrip("0123456789"))
    if max(degree for _, degree in shape.degree) <= 2:
        ring = shape.number_of_edges() == n
        return int(n * (2 * n - 1) * (2 if ring else 1))
    if not nx.is_bipartite(shape):
        return int(2 * (4 ** (n - 1) - 1))
    if n % 2:
        return int(4 ** (n - 1) - 1)
    odd = len(nx.bipartite.sets(shape)[0]) % 2
    half = int(2 ** (n - 1))
    return int(half * (half + 1) if odd else half * (half - 1))
